"""What comes in on one call, from every side, in one queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kernel.conversation import TransferOutcome
from kernel.media import MediaEvent
from kernel.service import TaskOwner

#: When the conversation falls this far behind (5 s of frames), whoever brings more waits; the
#: media stream's own queue then drops its oldest frames.
_MOST_WAITING = 250


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key from the caller."""

    digit: str


@dataclass(frozen=True, slots=True)
class SoundBegan:
    """A prompt, or the rest of one, goes out from now on."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class TransferDone:
    """What became of the wish for an agent."""

    outcome: TransferOutcome


@dataclass(frozen=True, slots=True)
class LineGone:
    """The call, or its audio, has ended."""


Happening = MediaEvent | KeyPressed | SoundBegan | TransferDone | LineGone


@dataclass(frozen=True, slots=True)
class _Broken:
    error: Exception


class Happenings:
    """The queue of one call, and the tasks that fill it.

    Args:
        name: of the call, for the names of its tasks.
    """

    def __init__(self, name: str) -> None:
        self._queue: asyncio.Queue[Happening | _Broken] = asyncio.Queue(_MOST_WAITING)
        self._tasks = TaskOwner(name)

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do `work` beside the conversation; should it fail, `next` raises its error."""
        return self._tasks.start(name, self._watched(work))

    async def put(self, happening: Happening) -> None:
        """Tell the conversation; waits while it is far behind."""
        await self._queue.put(happening)

    async def next(self, within_s: float | None) -> Happening | None:
        """The next thing that happened, or None when `within_s` seconds passed without one.

        Raises:
            Exception: what a task failed with.
        """
        try:
            async with asyncio.timeout(None if within_s is None else max(0.0, within_s)):
                happening = await self._queue.get()
        except TimeoutError:
            return None
        if isinstance(happening, _Broken):
            raise happening.error
        return happening

    async def aclose(self) -> None:
        """End every task."""
        await self._tasks.aclose()

    async def _watched(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:
            await self._queue.put(_Broken(error))
            raise
