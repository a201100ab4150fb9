"""The engine's writes: grouped, in order, repeated until the database has them.

Results are at least once and applied idempotently, so a write whose commit is in doubt is
simply written again. While the database is away, writes wait here; when too many wait, the
engine stops claiming (`congested`), and reconciliation would find the rest after a crash.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator

import structlog

from dialer.ports import AttemptUpdate, Disposition, EngineStore, NewRecording, SeatChange
from kernel.clock import Clock
from kernel.errors import CommitUnknownError, ConflictError, InputError, UnavailableError

log = structlog.get_logger(__name__)

Entry = AttemptUpdate | SeatChange | NewRecording | Disposition

#: Waiting writes above which no new names are claimed.
CONGESTED_AT = 2_000
#: Most updates in one statement.
GROUP = 500


def backoff(first_s: float = 0.05, most_s: float = 2.0) -> Iterator[float]:
    """Seconds to wait before each further try."""
    delay = first_s
    while True:
        yield delay
        delay = min(most_s, delay * 2)


class WriteJournal:
    """Ordered queue of writes with one writer.

    Args:
        store: where to write.
        clock: for waiting between tries.
    """

    def __init__(self, store: EngineStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: deque[Entry] = deque()
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    @property
    def congested(self) -> bool:
        """Whether the database is too far behind to claim more."""
        return len(self._waiting) >= CONGESTED_AT

    def put(self, entry: Entry) -> None:
        """Queue a write."""
        self._waiting.append(entry)
        self._drained.clear()
        self._filled.set()

    async def flush(self) -> None:
        """Wait until everything queued so far is stored."""
        await self._drained.wait()

    async def run(self) -> None:
        """Write for ever; cancel after `flush`."""
        while True:
            await self._filled.wait()
            while self._waiting:
                await self._write_head()
            self._filled.clear()
            self._drained.set()

    async def _write_head(self) -> None:
        group = self._updates_at_head()
        for delay_s in backoff():
            try:
                if group:
                    await self._store.record(group)
                else:
                    await self._write_one(self._waiting[0])
                break
            except (UnavailableError, CommitUnknownError):
                await self._clock.sleep(delay_s)
            except (InputError, ConflictError) as error:
                # One entry that the database refuses must not hold back all that follow.
                log.error("write refused", entry=type(self._waiting[0]).__name__, error=str(error))
                break
        for _ in range(max(1, len(group))):
            self._waiting.popleft()

    def _updates_at_head(self) -> list[AttemptUpdate]:
        group: list[AttemptUpdate] = []
        for entry in self._waiting:
            if not isinstance(entry, AttemptUpdate) or len(group) == GROUP:
                break
            group.append(entry)
        return group

    async def _write_one(self, entry: Entry) -> None:
        match entry:
            case SeatChange():
                await self._store.change_seat(entry)
            case NewRecording():
                await self._store.save_recording(entry)
            case Disposition():
                await self._store.dispose(entry)
            case AttemptUpdate():
                await self._store.record([entry])
