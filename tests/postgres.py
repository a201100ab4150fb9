"""Fixtures: one embedded PostgreSQL per test process, a fresh migrated database per test."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from storage.embedded import EmbeddedPostgres
from storage.migrations import migrate
from storage.postgres.database import Database

_TEMPLATE = "waihu_template"
_numbers = itertools.count(1)
#: Nothing here outlives the machine, so nothing waits for the disk.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def with_database(dsn: str, name: str) -> str:
    """The same server's database `name`."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def _run(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_dsn_admin() -> Iterator[str]:
    """Address of an embedded server whose user may create databases."""
    # pytest's own temporary folders are closed to the user that the server has under root.
    with tempfile.TemporaryDirectory(prefix="waihu-postgres-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "database", settings=_FAST)
        dsn = asyncio.run(server.start())
        try:
            yield dsn
        finally:
            asyncio.run(server.stop())


@pytest.fixture(scope="session")
def migrated_template(postgres_dsn_admin: str) -> str:
    """Name of a database with the whole schema and nothing in it."""

    async def make() -> None:
        await _run(postgres_dsn_admin, f"CREATE DATABASE {_TEMPLATE}")
        await migrate(with_database(postgres_dsn_admin, _TEMPLATE))

    asyncio.run(make())
    return _TEMPLATE


@pytest_asyncio.fixture
async def database_dsn(postgres_dsn_admin: str, migrated_template: str) -> AsyncIterator[str]:
    """Address of a fresh migrated database."""
    name = f"test_{next(_numbers)}"
    await _run(
        postgres_dsn_admin,
        f"CREATE DATABASE {name} TEMPLATE {migrated_template} STRATEGY file_copy",
    )
    yield with_database(postgres_dsn_admin, name)
    await _run(postgres_dsn_admin, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    """A pool on a fresh migrated database."""
    opened = await Database.open(database_dsn)
    yield opened
    await opened.aclose()
