"""Who may sign in, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol

from kernel.ids import AgentId, UserId


@unique
class Role(StrEnum):
    """What a user may do."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in.

    Attributes:
        password_hash: argon2id, in PHC form.
        agent: the seat this user works at, for agents.
    """

    id: UserId
    name: str
    role: Role
    password_hash: str
    agent: AgentId | None = None


class UserStore(Protocol):
    """Users."""

    async def save_user(self, user: User) -> None:
        """Store or replace a user."""
        ...

    async def find_user(self, name: str) -> User | None:
        """The user of this name, if any."""
        ...
