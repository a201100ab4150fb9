"""Database errors become the house's errors here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from kernel.errors import (
    CommitUnknownError,
    ConflictError,
    DefectError,
    InputError,
    UnavailableError,
    WaihuError,
)

#: Classes and codes of https://www.postgresql.org/docs/18/errcodes-appendix.html after which
#: the same statement may succeed: connection, rollback, resources, intervention, not available.
_PASSING_CLASSES = ("08", "40", "53", "57")
_PASSING_CODES = ("55P03",)
#: The connection ended under the statement; its outcome is not known.
_BROKEN_CLASSES = ("08", "57")
_UNIQUE, _FOREIGN, _BAD_ZONE = "23505", "23503", "22023"

#: Ways in which the connection fails without a word from the server. asyncpg's InterfaceError
#: is "connection is closed", "pool is closing" and the like.
BROKEN = (OSError, TimeoutError, asyncpg.InterfaceError)


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the block's statements, as the house's.

    `from None` on purpose: PostgreSQL's details quote keys, and a key may be a phone number.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _meaning(error) from None
    except BROKEN as error:
        raise _unavailable(type(error).__name__) from None


@contextmanager
def in_doubt() -> Iterator[None]:
    """As `translated`, for a statement that must not be repeated: a broken connection is doubt."""
    try:
        yield
    except asyncpg.PostgresError as error:
        if _state(error)[:2] in _BROKEN_CLASSES:
            raise _unknown(_state(error)) from None
        raise _meaning(error) from None
    except BROKEN as error:
        raise _unknown(type(error).__name__) from None


def is_rolled_back(error: asyncpg.PostgresError) -> bool:
    """Whether the server undid the transaction because of another one (deadlock and the like)."""
    return _state(error).startswith("40")


def _state(error: asyncpg.PostgresError) -> str:
    return str(getattr(error, "sqlstate", "") or "")


def _meaning(error: asyncpg.PostgresError) -> WaihuError:
    state, rule = _state(error), str(getattr(error, "constraint_name", "") or "")
    if state[:2] in _PASSING_CLASSES or state in _PASSING_CODES:
        return _unavailable(state)
    if state == _UNIQUE:
        return ConflictError(f"the database has such an entry already ({rule})", rule=rule)
    if state == _FOREIGN:
        return InputError(f"this refers to something that does not exist ({rule})", rule=rule)
    if state == _BAD_ZONE:
        return InputError("the database does not know this time zone", sqlstate=state)
    return DefectError(
        f"the database refused a statement ({type(error).__name__}, {state}, {rule})",
        sqlstate=state,
        rule=rule,
    )


def _unavailable(why: str) -> UnavailableError:
    return UnavailableError(f"the database does not answer now ({why}); try again", why=why)


def _unknown(why: str) -> CommitUnknownError:
    return CommitUnknownError(
        f"the connection to the database broke during a commit ({why})", why=why
    )
