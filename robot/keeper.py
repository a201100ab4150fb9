"""Keeps what calls collect: writes go out in order and are repeated until they are stored.

A slow database must not make the robot stutter, and a database that is away must not lose an
answer, so calls only queue their writes here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from kernel.clock import Clock
from kernel.conversation import AnsweredCall, Conversation
from kernel.errors import CommitUnknownError, UnavailableError
from kernel.service import TaskOwner
from robot.ports import Journal

log = structlog.get_logger(__name__)

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 5.0

Write = Callable[[], Awaitable[None]]


class Keeper:
    """Writes for every call of one robot.

    Args:
        journal: where to write.
        clock: for waiting between tries.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._writes: deque[Write] = deque()
        self._filled = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._tasks = TaskOwner("robot-keeper")
        self._tasks.start("writer", self._run())

    def save(self, conversation: Conversation) -> None:
        """Store or extend a conversation soon."""
        self._put(lambda: self._journal.save_conversation(conversation))

    def opt_out(self, call: AnsweredCall, reason: str) -> None:
        """Put the number on the do-not-call list now."""
        self._put(lambda: self._journal.opt_out(call, reason))

    async def flush(self) -> None:
        """Wait until everything queued so far is stored."""
        await self._empty.wait()

    async def aclose(self) -> None:
        """Store what is queued, then stop."""
        await self.flush()
        await self._tasks.aclose()

    def _put(self, write: Write) -> None:
        self._writes.append(write)
        self._empty.clear()
        self._filled.set()

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            while self._writes:
                await self._persist(self._writes[0])
                self._writes.popleft()
            self._filled.clear()
            self._empty.set()

    async def _persist(self, write: Write) -> None:
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await write()
            except (UnavailableError, CommitUnknownError) as error:
                log.warning("conversation waits for the database", error=str(error))
                await self._clock.sleep(wait_s)
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
            else:
                return
