"""Opens the store: the database of `DATABASE_URL`, or the product's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kernel.errors import ConflictError
from runtime.settings import Settings
from storage.embedded import EmbeddedPostgres
from storage.migrations import migrate
from storage.postgres.database import Database
from storage.postgres.store import PostgresStore


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
        UnavailableError: the server does not start.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
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


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[OpenStore]:
    """Open the database, bring its schema forward, and close it at the end.

    Raises:
        UnavailableError: the database does not answer.
    """
    async with database_address(settings) as dsn:
        await migrate(dsn)
        database = await Database.open(dsn)
        try:
            yield OpenStore(database, PostgresStore(database))
        finally:
            await database.aclose()
