"""Passwords: argon2id, off the event loop, never more than a few at a time."""

from __future__ import annotations

import asyncio

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from kernel.errors import InputError
from kernel.ids import AgentId, Ids, UserId
from kernel.users import Role, User, UserStore

#: NIST SP 800-63B-4, section 3.1.1.2, with room below its 15 for accounts with a second factor.
MIN_PASSWORD_CHARS = 8
#: One check takes 64 MiB and 0.2 s of processor: more at once would be an attack on ourselves.
_CHECKS_AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._turns = asyncio.Semaphore(_CHECKS_AT_ONCE)
        self._of_nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password, in PHC form."""
        async with self._turns:
            return await asyncio.to_thread(self._hash.hash, password)

    async def fits(self, password: str, user: User | None) -> bool:
        """Whether the password is the user's; takes as long for a user who does not exist."""
        if user is None and self._of_nobody is None:
            self._of_nobody = await self.hash("nobody has this password")
        known = user.password_hash if user is not None else self._of_nobody
        assert known is not None, "made above"
        async with self._turns:
            right = await asyncio.to_thread(self._verify, password, known)
        return right and user is not None

    def _verify(self, password: str, known: str) -> bool:
        try:
            return self._hash.verify(password, known)
        except UnknownHashError:  # an account without a usable password
            return False


async def create_user(
    users: UserStore,
    ids: Ids,
    *,
    name: str,
    role: Role,
    password: str,
    agent: AgentId | None = None,
) -> User:
    """Store somebody who may sign in; an existing user of this name gets the new password.

    Raises:
        InputError: the name is empty or the password too short.
    """
    name = name.strip()
    if not name:
        raise InputError("a user needs a name")
    if len(password) < MIN_PASSWORD_CHARS:
        raise InputError(f"the password needs at least {MIN_PASSWORD_CHARS} characters")
    present = await users.find_user(name)
    user_id = present.id if present is not None else UserId(ids.new())
    user = User(user_id, name, role, await Passwords().hash(password), agent)
    await users.save_user(user)
    return user
