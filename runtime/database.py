"""Opens the store: the database of `DATABASE_URL`, or the product's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from kernel.errors import ConflictError, DefectError, InputError, UnavailableError, WaihuError
from runtime.settings import Settings
from storage.embedded import EmbeddedPostgres
from storage.migrations import migrate
from storage.postgres.database import Database
from storage.postgres.store import PostgresStore

_SHAPE = "write postgresql://user:password@host:port/database"
#: Classes of SQLSTATE with which a server refuses a connection: wrong user or password, no such
#: database.
_REFUSALS = ("28", "3D")


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A migrated database with every port on it."""

    database: Database
    store: PostgresStore


@asynccontextmanager
async def database_address(settings: Settings) -> AsyncIterator[str]:
    """The DSN to use; starts the product's own server when none is given.

    While another process of the product runs on the same data folder, its server is used.

    Raises:
        InputError: the given address is none.
        UnavailableError: the server does not start.
    """
    if settings.database_url is not None:
        yield _checked(settings.database_url.get_secret_value())
        return
    server = EmbeddedPostgres(settings.data / "postgres")
    try:
        dsn = await server.start()
    except ConflictError:
        yield server.dsn
        return
    try:
        yield dsn
    finally:
        await server.stop()


async def bring_forward(settings: Settings, dsn: str) -> list[str]:
    """Migrate the database; the first contact with it.

    Returns:
        The names of the migrations applied now.

    Raises:
        InputError: the given database refuses us.
        UnavailableError: it does not answer.
    """
    try:
        return await migrate(dsn)
    except (UnavailableError, DefectError) as error:
        if settings.database_url is None:
            raise
        raise _first_contact(error, dsn) from error


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[OpenStore]:
    """Open the database, bring its schema forward, and close it at the end.

    Raises:
        InputError: the given database refuses us.
        UnavailableError: the database does not answer.
    """
    async with database_address(settings) as dsn:
        await bring_forward(settings, dsn)
        database = await Database.open(dsn)
        try:
            yield OpenStore(database, PostgresStore(database))
        finally:
            await database.aclose()


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"postgresql", "postgres"} and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"DATABASE_URL is no address of a PostgreSQL; {_SHAPE}")
    return url


def _first_contact(error: WaihuError, dsn: str) -> WaihuError:
    """What went wrong, with the place and without the password."""
    parts = urlsplit(dsn)
    host = parts.hostname or ", ".join(parse_qs(parts.query).get("host", ["the local socket"]))
    place = f"the database at {host}" + (f":{parts.port}" if parts.port else "")
    if isinstance(error, UnavailableError):
        why = error.facts.get("why", "no reason given")
        return UnavailableError(f"{place} does not answer ({why}); start it, or see DATABASE_URL")
    state = str(error.facts.get("sqlstate", ""))
    if not state.startswith(_REFUSALS):
        return error
    return InputError(
        f"{place} refuses us ({state}); see user, password and database name in DATABASE_URL"
    )
