"""Who may sign in: users, roles, and the port that keeps them."""

from __future__ import annotations

from typing import Protocol

from kernel.users import Role, User

__all__ = ["Role", "User", "UserStore"]


class UserStore(Protocol):
    """Users."""

    async def save_user(self, user: User) -> None:
        """Store or replace a user."""
        ...

    async def find_user(self, name: str) -> User | None:
        """The user of this name, if any."""
        ...
