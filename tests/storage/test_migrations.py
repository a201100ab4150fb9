from __future__ import annotations

import asyncio
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from kernel.errors import ConflictError, DefectError, UnavailableError
from storage.migrations import migrate
from storage.sql import migrations, queries

pytestmark = pytest.mark.postgres
FIRST = {"0001_a.sql": "CREATE TABLE a (x int);"}
SECOND = FIRST | {"0002_b.sql": "CREATE TABLE b (x int);"}


@pytest.fixture
async def empty_dsn(database_dsn: str) -> str:
    connection = await asyncpg.connect(database_dsn)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    return database_dsn


async def tables(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in rows} - {"schema_migration"}
    finally:
        await connection.close()


async def test_the_whole_schema_twice(empty_dsn: str) -> None:
    assert await migrate(empty_dsn) == list(migrations())
    assert await migrate(empty_dsn) == []
    assert {"campaign", "lead", "attempt"} <= await tables(empty_dsn)


async def test_only_what_is_missing_is_applied(empty_dsn: str) -> None:
    assert await migrate(empty_dsn, FIRST) == ["0001_a.sql"]
    assert await migrate(empty_dsn, SECOND) == ["0002_b.sql"]
    assert await tables(empty_dsn) == {"a", "b"}


async def test_a_changed_migration_is_refused(empty_dsn: str) -> None:
    await migrate(empty_dsn, FIRST)
    changed = {"0001_a.sql": "CREATE TABLE a (x bigint);"} | {"0002_b.sql": SECOND["0002_b.sql"]}
    with pytest.raises(ConflictError, match=r"0001_a\.sql was changed"):
        await migrate(empty_dsn, changed)
    assert await tables(empty_dsn) == {"a"}


async def test_a_newer_database_is_refused(empty_dsn: str) -> None:
    await migrate(empty_dsn, SECOND)
    with pytest.raises(ConflictError, match="newer program"):
        await migrate(empty_dsn, FIRST)


async def test_a_failing_migration_leaves_nothing_half_done(empty_dsn: str) -> None:
    broken = FIRST | {"0002_b.sql": "CREATE TABLE b (x int); SELECT 1 / 0;"}
    with pytest.raises(DefectError):
        await migrate(empty_dsn, broken)
    assert await tables(empty_dsn) == {"a"}
    assert await migrate(empty_dsn, SECOND) == ["0002_b.sql"]


async def test_programs_that_start_together_take_turns(empty_dsn: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_dsn, SECOND) for _ in range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, 2]


async def test_no_database_is_unavailable(database_dsn: str) -> None:
    parts = urlsplit(database_dsn)
    nowhere = urlunsplit(parts._replace(query="host=/nonexistent"))
    with pytest.raises(UnavailableError):
        await migrate(nowhere)


def test_queries_are_named_and_found() -> None:
    engine = queries("engine")
    assert engine["claim"].startswith("SELECT * FROM claim_names(")
    assert "-- name:" not in "".join(engine.values())
