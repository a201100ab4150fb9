"""The pool of connections, and the one place where statements are run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

import asyncpg
import orjson

from kernel.clock import Clock
from kernel.errors import UnavailableError
from storage.postgres.faults import BROKEN, in_doubt, is_rolled_back, translated

#: In quotes: asyncpg's classes are generic to the type checker only.
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
_TRIES = 4
_JSONB_VERSION = b"\x01"  # first byte of jsonb's binary form (jsonb_send)


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """How the database is reached.

    Attributes:
        connections: most connections of this process.
        statement_timeout_s: longest wait for an ordinary statement or a free connection; a
            silent network is noticed after it.
        bulk_timeout_s: longest wait for imports, extractions and reports.
    """

    connections: int = 10
    statement_timeout_s: float = 5.0
    bulk_timeout_s: float = 600.0


class Database:
    """A pool of connections to one migrated database; `open` makes it."""

    def __init__(self, dsn: str, pool: asyncpg.Pool[asyncpg.Record], options: DatabaseOptions):
        self._dsn = dsn
        self._pool = pool
        self.options = options

    @classmethod
    async def open(cls, dsn: str, options: DatabaseOptions | None = None) -> Database:
        """Connect.

        Raises:
            UnavailableError: the database does not answer.
        """
        chosen = options or DatabaseOptions()
        with translated():
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=chosen.connections,
                timeout=chosen.statement_timeout_s,
                command_timeout=chosen.statement_timeout_s,
                init=_speak_json,
                reset=_keep,
                server_settings=_SESSION,
            )
        return cls(dsn, pool, chosen)

    async def aclose(self) -> None:
        """Close every connection, letting statements in progress end."""
        with translated():
            try:
                await asyncio.wait_for(self._pool.close(), self.options.statement_timeout_s)
            except TimeoutError:
                self._pool.terminate()

    async def ping(self) -> None:
        """Ask for a sign of life. Raises `UnavailableError` when there is none."""
        await self.fetch("SELECT 1")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of the pool; errors of getting one are the house's."""
        with translated():
            connection = await self._pool.acquire(timeout=self.options.statement_timeout_s)
        try:
            yield connection
        finally:
            # A connection that cannot be given back is dropped by the pool. What the statement
            # said, or that nobody knows what it did, must not be hidden behind that.
            with suppress(asyncpg.PostgresError, *BROKEN):
                await self._pool.release(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction; every error in it is the house's and undoes it all."""
        async with self.connection() as connection:
            with translated():
                async with connection.transaction():
                    yield connection

    async def fetch(
        self, sql: str, *arguments: Any, timeout_s: float | None = None
    ) -> list[asyncpg.Record]:
        """Run a statement that may be repeated; one undone by a deadlock is."""
        async with self.connection() as connection:
            with translated():
                return await _until_kept(
                    partial(connection.fetch, sql, *arguments, timeout=timeout_s)
                )

    async def fetch_row(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row of `fetch`, if any."""
        rows = await self.fetch(sql, *arguments)
        return rows[0] if rows else None

    async def fetch_once(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """Run a statement that must not be repeated.

        Raises:
            CommitUnknownError: the connection broke under the statement.
            UnavailableError: nothing was done.
        """
        async with self.connection() as connection:
            with in_doubt():
                return await connection.fetch(sql, *arguments)

    async def listen(self, channel: str) -> AsyncIterator[str]:
        """Payloads notified on `channel` from now on; repetitions may be merged.

        A hint that wakes: what is notified while nobody listens is lost, so callers poll too.

        Raises:
            UnavailableError: the connection broke; listen again.
        """
        with translated():
            connection = await asyncpg.connect(self._dsn, timeout=self.options.statement_timeout_s)
        mailbox = _Mailbox()
        connection.add_termination_listener(mailbox.break_off)
        try:
            with translated():
                await connection.add_listener(channel, mailbox.put)
            while True:
                for payload in await mailbox.take():
                    yield payload
        finally:
            connection.terminate()


class StoreOnDatabase:
    """Base of the stores: a database, and for tests a clock instead of the database's.

    Args:
        database: where to run statements.
        clock: replaces the database's clock; None in production.
    """

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock

    def _now(self) -> datetime | None:
        return self._clock.now() if self._clock else None


class _Mailbox:
    """Payloads not taken yet; each is kept once, so a slow reader costs no memory."""

    def __init__(self) -> None:
        self._payloads: dict[str, None] = {}
        self._broken = False
        self._filled = asyncio.Event()

    def put(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._payloads[str(payload)] = None
        self._filled.set()

    def break_off(self, _connection: object) -> None:
        self._broken = True
        self._filled.set()

    async def take(self) -> Sequence[str]:
        await self._filled.wait()
        self._filled.clear()
        taken = tuple(self._payloads)
        self._payloads.clear()
        if self._broken:
            raise UnavailableError("the database ended the notifications; listen again")
        return taken


_SESSION = {
    "application_name": "waihu",
    "timezone": "UTC",
    # A half-open connection is given up after 40 s by the server's side too.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


async def _until_kept(run: Callable[[], Awaitable[list[asyncpg.Record]]]) -> list[asyncpg.Record]:
    for _ in range(_TRIES - 1):
        try:
            return await run()
        except asyncpg.PostgresError as error:
            if not is_rolled_back(error):
                raise
    return await run()


async def _speak_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_to_jsonb, decoder=_from_jsonb
    )


async def _keep(_connection: object) -> None:
    """Sessions hold no state here, so nothing needs resetting (it would cost a round trip)."""


def _to_jsonb(value: object) -> bytes:
    try:
        text = orjson.dumps(value)
    except orjson.JSONEncodeError:
        text = orjson.dumps(_storable(value))
    if b"\\u0000" in text:
        text = orjson.dumps(_storable(value))
    return _JSONB_VERSION + text


def _from_jsonb(data: bytes) -> Any:
    return orjson.loads(data[1:])


def _storable(value: Any) -> Any:
    """The value without what PostgreSQL cannot hold: NUL and lone surrogates become U+FFFD."""
    if isinstance(value, str):
        return (
            value
            .encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
            .replace("\0", "\ufffd")
        )
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_storable(item) for item in value]
    return value
