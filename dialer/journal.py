"""The engine's writes: grouped, in order, repeated until the database has them.

Results are at least once and applied idempotently, so a write whose commit is in doubt is
simply written again. While the database is away, writes wait here; when too many wait, the
engine stops claiming (`congested`), and reconciliation would find the rest after a crash.
"""

from __future__ import annotations

import asyncio
from collections import deque

import structlog

from dialer.ports import AttemptUpdate, Disposition, EngineStore, NewRecording, SeatChange
from kernel.backoff import backoff_s
from kernel.clock import Clock
from kernel.errors import CommitUnknownError, ConflictError, InputError, UnavailableError
from kernel.ids import AttemptId

log = structlog.get_logger(__name__)

Entry = AttemptUpdate | SeatChange | NewRecording | Disposition

#: Waiting writes above which no new names are claimed.
CONGESTED_AT = 2_000
#: Most updates in one statement.
GROUP = 500


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
        self._progress = asyncio.Event()
        self._queued = self._written = 0

    @property
    def congested(self) -> bool:
        """Whether the database is too far behind to claim more."""
        return len(self._waiting) >= CONGESTED_AT

    def put(self, entry: Entry) -> None:
        """Queue a write."""
        self._waiting.append(entry)
        self._queued += 1
        self._filled.set()

    async def flush(self) -> None:
        """Wait until everything queued so far is stored, whatever is queued meanwhile."""
        target = self._queued
        while self._written < target:
            await self._progress.wait()

    def attempts(self) -> set[AttemptId]:
        """Attempts about which something waits to be written."""
        return {entry.attempt for entry in self._waiting if isinstance(entry, AttemptUpdate)}

    def __len__(self) -> int:
        """Waiting writes."""
        return len(self._waiting)

    async def run(self) -> None:
        """Write for ever; cancel after `flush`."""
        while True:
            await self._filled.wait()
            while self._waiting:
                await self._write_head()
            self._filled.clear()

    async def _write_head(self) -> None:
        group: list[Entry] = [*self._updates_at_head()] or [self._waiting[0]]
        if not await self._keep_trying(group) and len(group) > 1:
            # One update that the database refuses must not take the others along.
            for entry in group:
                await self._keep_trying([entry])
        for _ in group:
            self._waiting.popleft()
        self._written += len(group)
        self._progress.set()
        self._progress.clear()

    async def _keep_trying(self, group: list[Entry]) -> bool:
        """Write a group of updates, or one other entry; False when the database refuses it."""
        for delay_s in backoff_s(first_s=0.05, longest_s=2.0):
            try:
                await self._write(group)
            except (UnavailableError, CommitUnknownError):
                await self._clock.sleep(delay_s)
            except (InputError, ConflictError):
                log.exception("write refused", entry=type(group[0]).__name__)
                return False
            else:
                return True
        raise AssertionError("there is always one more try")

    def _updates_at_head(self) -> list[AttemptUpdate]:
        group: list[AttemptUpdate] = []
        for entry in self._waiting:
            if not isinstance(entry, AttemptUpdate) or len(group) == GROUP:
                break
            group.append(entry)
        return group

    async def _write(self, group: list[Entry]) -> None:
        match group[0]:
            case SeatChange() as change:
                await self._store.change_seat(change)
            case NewRecording() as recording:
                await self._store.save_recording(recording)
            case Disposition() as disposition:
                await self._store.dispose(disposition)
            case AttemptUpdate():
                await self._store.record([e for e in group if isinstance(e, AttemptUpdate)])
