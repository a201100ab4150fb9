"""An asyncio event loop whose time jumps to the next timer instead of waiting for it.

The selector answers at once and adds the timeout it was asked to wait to virtual time, so
`asyncio.timeout`, queues, events and `call_later` work unchanged and an hour of calls takes
seconds. Order stays asyncio's own (FIFO of ready callbacks), so one seed gives one history.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from kernel.errors import DefectError

T = TypeVar("T")


class _JumpingSelector(selectors.SelectSelector):
    """Never blocks: hands the wait to virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.virtual_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            # Nothing is scheduled and nobody from outside can wake a virtual world.
            raise DefectError("virtual time stands still: every task waits and no timer is set")
        self.virtual_s += max(0.0, timeout)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Event loop for simulation and timer tests. Threads and sockets have no place in it."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        # asyncio fires timers up to one clock tick early; virtual time needs no slack.
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.virtual_s


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time and return its result."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
