"""Secrets that an installation makes for itself: no two share one, none has a default."""

from __future__ import annotations

import secrets
from pathlib import Path

from api.passwords import create_user
from api.services import MIN_TOKEN_KEY_BYTES
from kernel.ids import Ids
from kernel.users import Role, UserStore

_KEY_FILE = "token.key"
ADMINISTRATOR = "admin"


def token_key(data: Path) -> bytes:
    """The key that signs session tokens: made at the first start, readable by us alone."""
    path = data / _KEY_FILE
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(MIN_TOKEN_KEY_BYTES))
        fresh.replace(path)
    return path.read_bytes()


async def ensure_administrator(users: UserStore, ids: Ids) -> str | None:
    """Make the first administrator.

    Returns:
        The new password, to be shown once, or None when there is an administrator already.
    """
    if await users.find_user(ADMINISTRATOR) is not None:
        return None
    password = secrets.token_urlsafe(12)
    await create_user(users, ids, name=ADMINISTRATOR, role=Role.ADMINISTRATOR, password=password)
    return password
