"""Time as a port: monotonic seconds for durations, aware UTC datetimes for records.

Pure code takes `now` as an argument. Shells take a `Clock`; the same shell runs in real time on
an ordinary event loop and in virtual time on `kernel.virtual_time.VirtualTimeLoop`, because
both clocks here read the running loop.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What a shell may know about time."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary origin; never jumps."""
        ...

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds of the system's monotonic clock."""
        return time.monotonic()

    def now(self) -> datetime:
        """The system's wall clock in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running event loop."""
        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock that moves only when told, or with a virtual-time event loop.

    Without a loop, `advance` moves it (pure tests). With a loop, `loop.time()` is its monotonic
    time and the wall clock is `start` plus that, so timers, queues and timeouts all agree.
    """

    def __init__(
        self,
        start: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware datetime")
        self._start = start
        self._loop = loop
        self._origin = loop.time() if loop else 0.0
        self._elapsed = 0.0

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        if self._loop is not None:
            return self._loop.time() - self._origin
        return self._elapsed

    def now(self) -> datetime:
        """The virtual wall clock in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def advance(self, seconds: float) -> None:
        """Move a clock without a loop forward by `seconds` (never backward)."""
        if self._loop is not None or seconds < 0:
            raise ValueError("only a clock without a loop can be advanced, and only forward")
        self._elapsed += seconds

    async def sleep(self, seconds: float) -> None:
        """Wait on the virtual loop, or simply advance when there is none."""
        if self._loop is None:
            self.advance(max(0.0, seconds))
        await asyncio.sleep(seconds if self._loop is not None else 0)
