"""Sessions: who is calling, proved by a signed token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from api.errors import SignInRequiredError
from kernel.clock import Clock
from kernel.ids import AgentId, Ids, UserId
from kernel.users import Role, User, UserStore

#: OWASP ASVS 5.0, 7.3.2: a session ends after this long, however busy.
SESSION = timedelta(hours=12)
_ALGORITHM = "HS256"
_CLAIMS = ("sub", "name", "jti", "exp", "seal")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    Attributes:
        agent: the seat this user works at, if any.
        session: id of the session.
        ends_at: when the session ends.
    """

    user: UserId
    name: str
    role: Role
    agent: AgentId | None
    session: str
    ends_at: datetime

    @property
    def sees_numbers(self) -> bool:
        """Whether phone numbers are shown in full."""
        return self.role is Role.ADMINISTRATOR


class Sessions:
    """Issues tokens, reads them, and ends them.

    A token names the user; role and seat are looked up at every request, so that a change of
    them counts at once. A new password ends every session that was opened with the old one.

    Args:
        key: at least 32 secret bytes.
        users: where users are looked up.
        clock: gives issue and expiry.
        ids: names sessions.
    """

    def __init__(self, key: bytes, users: UserStore, clock: Clock, ids: Ids) -> None:
        self._key = key
        self._users = users
        self._clock = clock
        self._ids = ids
        self._ended: dict[str, datetime] = {}

    def open(self, user: User) -> str:
        """A token for a user who has just proved to be that."""
        now = self._clock.now()
        claims = {
            "sub": str(user.id),
            "name": user.name,
            "jti": str(self._ids.new()),
            "exp": now + SESSION,
            "seal": _seal(user),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    async def caller(self, token: str) -> Caller:
        """Whose token this is.

        Raises:
            SignInRequiredError: it is forged, over, ended, or its user is gone.
        """
        claims = self._read(token)
        ends_at = datetime.fromtimestamp(int(claims["exp"]), self._clock.now().tzinfo)
        if ends_at <= self._clock.now() or claims["jti"] in self._ended:
            raise SignInRequiredError("the session is over; sign in again")
        user = await self._users.find_user(str(claims["name"]))
        if user is None or str(user.id) != claims["sub"] or _seal(user) != claims["seal"]:
            raise SignInRequiredError("the session is over; sign in again")
        return Caller(user.id, user.name, user.role, user.agent, str(claims["jti"]), ends_at)

    async def still_open(self, caller: Caller) -> bool:
        """Whether a caller of some time ago would still be let in with the same rights."""
        if caller.ends_at <= self._clock.now() or caller.session in self._ended:
            return False
        user = await self._users.find_user(caller.name)
        return user is not None and user.id == caller.user and user.role is caller.role

    def end(self, caller: Caller) -> None:
        """End a session; its token is refused from now on."""
        now = self._clock.now()
        self._ended = {name: at for name, at in self._ended.items() if at > now}
        self._ended[caller.session] = caller.ends_at

    def _read(self, token: str) -> dict[str, Any]:
        try:
            # Expiry is judged by our own clock, not by the library's.
            return jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                options={"require": list(_CLAIMS), "verify_exp": False},
            )
        except jwt.InvalidTokenError as error:
            raise SignInRequiredError("the session is not valid; sign in again") from error


def _seal(user: User) -> str:
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]
