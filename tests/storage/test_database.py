from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit
from uuid import UUID

import pytest
import pytest_asyncio

from campaigns.campaign import CampaignAction
from campaigns.windows import CallingWindow
from dialer.ports import Suppression
from kernel.errors import (
    CommitUnknownError,
    ConflictError,
    DefectError,
    InputError,
    UnavailableError,
)
from kernel.service import TaskOwner
from lists.filters import EVERYTHING, Compare, Operator
from storage.postgres.database import Database, DatabaseOptions
from storage.postgres.store import PostgresStore
from tests.conformance.stores.world import Floor, World

pytestmark = pytest.mark.postgres
#: The database's own clock is used here, and tests run at night too.
ALWAYS = CallingWindow(time(0), time(23, 59, 59, 999999), zone="UTC")


class Proxy:
    """Stands before the server's socket; forwards, goes silent, or cuts, as told."""

    def __init__(self, server: Path, folder: Path) -> None:
        self._server = str(server / ".s.PGSQL.5432")
        self._path = str(folder / ".s.PGSQL.5432")
        self._writers: list[asyncio.StreamWriter] = []
        self._owner = TaskOwner("proxy")
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked = asyncio.Event()

    async def start(self) -> None:
        self._listener = await asyncio.start_unix_server(self._serve, self._path)

    async def aclose(self) -> None:
        self._listener.close()
        self.cut()
        await self._owner.aclose()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await asyncio.open_unix_connection(self._server)
        self._writers += [writer, downstream]
        self._owner.start("up", self._pump(reader, downstream, None))
        self._owner.start("down", self._pump(upstream, writer, self.answers))

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        gate: asyncio.Event | None,
    ) -> None:
        try:
            while data := await reader.read(65536):
                if gate is None:
                    self.asked.set()
                else:
                    await gate.wait()
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()


@pytest_asyncio.fixture
async def proxy(database_dsn: str, tmp_path: Path) -> AsyncIterator[Proxy]:
    [server] = parse_qs(urlsplit(database_dsn).query)["host"]
    made = Proxy(Path(server), tmp_path)
    await made.start()
    yield made
    await made.aclose()


@pytest_asyncio.fixture
async def behind(proxy: Proxy, database_dsn: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A pool of one connection through the proxy, with a short patience."""
    dsn = urlunsplit(urlsplit(database_dsn)._replace(query=f"host={tmp_path}"))
    opened = await Database.open(dsn, DatabaseOptions(connections=1, statement_timeout_s=0.5))
    yield opened
    proxy.answers.set()
    await opened.aclose()


@pytest_asyncio.fixture
async def floor(database: Database) -> Floor:
    return await World(PostgresStore(database)).floor(3, window=ALWAYS)


async def test_a_silent_network_under_a_claim_is_doubt(
    floor: Floor, proxy: Proxy, behind: Database
) -> None:
    store = PostgresStore(behind)
    [_] = await store.claim(floor.request(1))  # the connection has the statement prepared now
    proxy.answers.clear()
    with pytest.raises(CommitUnknownError):
        await store.claim(floor.request(1))
    # The name was in fact claimed, which is why nobody may dial it again.
    assert len(await floor.claim(3)) == 1


async def test_a_cut_under_a_claim_is_doubt(floor: Floor, proxy: Proxy, behind: Database) -> None:
    await behind.ping()
    proxy.answers.clear()
    proxy.asked.clear()
    owner = TaskOwner("test")
    claim = owner.start("claim", PostgresStore(behind).claim(floor.request(2)))
    await proxy.asked.wait()
    proxy.cut()
    with pytest.raises(CommitUnknownError):
        await claim
    proxy.answers.set()
    await behind.ping()  # the pool has made itself a new connection


async def test_a_terminated_session_under_a_claim_is_doubt(
    floor: Floor, database: Database
) -> None:
    owner = TaskOwner("test")
    async with database.transaction() as connection:
        await connection.execute("UPDATE campaign SET lines = 31")
        claim = owner.start("claim", PostgresStore(database).claim(floor.request(2)))
        while not await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"
        ):
            pass
    with pytest.raises(CommitUnknownError):
        await claim


async def test_no_connection_before_a_claim_is_no_doubt(floor: Floor, behind: Database) -> None:
    async with behind.connection():
        with pytest.raises(UnavailableError):
            await PostgresStore(behind).claim(floor.request(2))
    assert len(await floor.claim(3)) == 3


async def test_a_silent_network_elsewhere_is_unavailable(proxy: Proxy, behind: Database) -> None:
    proxy.answers.clear()
    with pytest.raises(UnavailableError):
        await behind.ping()


async def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        await Database.open(f"postgresql://waihu@/waihu?host={tmp_path}")


async def test_errors_say_whose_fault_and_quote_no_data(database: Database) -> None:
    number = "+8613812345678"
    insert = "INSERT INTO suppression (phone, reason, at) VALUES ($1, 'x', now())"
    await database.fetch(insert, number)
    with pytest.raises(ConflictError) as conflict:
        await database.fetch(insert, number)
    assert conflict.value.__cause__ is None
    assert conflict.value.__suppress_context__
    assert number not in str(conflict.value)
    with pytest.raises(InputError, match="does not exist"):
        await database.fetch(
            "INSERT INTO source_file VALUES ($1, '', repeat('0', 64), '')", UUID(int=1)
        )
    with pytest.raises(DefectError, match="42P01"):
        await database.fetch("SELECT FROM nothing")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE attempt SET state = 10",
        "UPDATE attempt SET state = 101",
        "UPDATE attempt SET state = 100",
        "UPDATE attempt SET phone = '+8613800000000'",
        "UPDATE attempt SET result = 'busy'",
        "UPDATE lead SET state = 'ready', due_at = NULL",
        "UPDATE lead SET state = 'asleep'",
    ],
)
async def test_the_schema_refuses_the_impossible(
    floor: Floor, database: Database, sql: str
) -> None:
    [name] = await floor.claim()
    await database.fetch("UPDATE attempt SET state = 20 WHERE id = $1", name.attempt)
    with pytest.raises(DefectError):
        await database.fetch(sql)


async def test_texts_that_postgresql_cannot_hold(database: Database) -> None:
    world = World(PostgresStore(database))
    batch = await world.batch(2, fields=[{"name": "a\0b"}, {"name": "c\ud800d \\u0000"}])
    for text in ("a\ufffdb", "c\ufffdd \\u0000"):
        named = Compare("name", Operator.EQUALS, (text,))
        assert await world.store.count_members(batch.id, named) == 1
    assert await world.store.count_members(batch.id, EVERYTHING) == 2


async def test_a_campaign_change_wakes_a_listener(floor: Floor, database: Database) -> None:
    heard = database.listen("campaign")
    owner = TaskOwner("test")
    first = owner.start("listen", anext(heard))  # type: ignore[arg-type] # a coroutine indeed
    async with asyncio.timeout(10):
        while not await database.fetch("SELECT FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"):
            pass
        await floor.world.store.act(floor.campaign.id, CampaignAction.PAUSE)
        assert await first == str(floor.campaign.id)
        second = owner.start("listen", anext(heard))  # type: ignore[arg-type] # as above
        await database.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        )
        with pytest.raises(UnavailableError, match="listen again"):
            await second


async def test_the_databases_clock_judges_in_production(database: Database) -> None:
    floor = await World(PostgresStore(database)).floor(2, window=ALWAYS)
    [name] = await floor.claim()
    [row] = await database.fetch("SELECT clock_timestamp() AS now")
    assert abs((row["now"] - name.claimed_at).total_seconds()) < 60
    assert (name.deadline_at - name.claimed_at).total_seconds() == 3


async def test_deadlocked_statements_are_repeated(floor: Floor, database: Database) -> None:
    """Two numbers' names locked crosswise by another transaction."""
    store = PostgresStore(database)
    now = floor.world.clock.now()
    owner = TaskOwner("test")
    async with database.transaction() as connection:
        lock = "SELECT FROM lead WHERE phone = $1 FOR UPDATE"
        await connection.execute("SET LOCAL deadlock_timeout = '10s'")
        await connection.fetch(lock, floor.world.number(2).e164)
        suppress = Suppression(floor.world.number(2), "asked", now)
        waiting = owner.start("suppress", store.suppress(suppress))
        while not await database.fetch("SELECT FROM pg_locks WHERE NOT granted"):
            pass
        # The other waits for our lead; now we wait for its do-not-call entry.
        await connection.fetch(
            "INSERT INTO suppression (phone, reason, at) VALUES ($1, 'x', now())"
            " ON CONFLICT DO NOTHING",
            floor.world.number(2).e164,
        )
    await waiting
    assert await store.is_suppressed(floor.world.number(2), None)


async def test_a_lock_that_is_not_given_is_unavailable(database: Database) -> None:
    async def read() -> None:
        async with database.transaction() as connection:
            await connection.execute("SET LOCAL lock_timeout = '1ms'")
            await connection.fetch("SELECT FROM batch")

    async with database.transaction() as other:
        await other.execute("LOCK TABLE batch")
        with pytest.raises(UnavailableError, match="55P03"):
            await read()
