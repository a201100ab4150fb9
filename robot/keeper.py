"""Keeps what calls collect: writes go out one by one and are repeated until they are stored.

A slow database must not make the robot stutter, and a database that is away must not lose an
answer, so calls only queue their writes here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from kernel.backoff import backoff_s
from kernel.clock import Clock
from kernel.conversation import AnsweredCall, Conversation
from kernel.errors import CommitUnknownError, UnavailableError
from kernel.service import TaskOwner
from robot.ports import Journal

log = structlog.get_logger(__name__)

#: A stop of the product waits so long for a database that is away.
STOP_WITHIN_S = 30.0

Write = Callable[[], Awaitable[None]]


class Keeper:
    """Writes for every call of one robot: conversations in order, opt-outs before them.

    Made inside a running event loop; its writer runs until `aclose`.

    Args:
        journal: where to write.
        clock: for waiting between tries.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._opt_outs: deque[Write] = deque()
        self._conversations: deque[Write] = deque()
        self._filled = asyncio.Event()
        self._stored = asyncio.Event()
        self._stored.set()
        self._tasks = TaskOwner("robot-keeper")
        self._tasks.start("writer", self._run())

    def save(self, conversation: Conversation) -> None:
        """Store or extend a conversation soon."""
        self._conversations.append(partial(self._journal.save_conversation, conversation))
        self._wake()

    def opt_out(self, call: AnsweredCall, reason: str) -> None:
        """Put the number on the do-not-call list, before whatever else waits."""
        self._opt_outs.append(partial(self._journal.opt_out, call, reason))
        self._wake()

    async def flush(self) -> None:
        """Wait until nothing is left to store."""
        await self._stored.wait()

    async def aclose(self, within_s: float = STOP_WITHIN_S) -> None:
        """Store what is queued, or give up after `within_s` seconds; then stop."""
        try:
            async with asyncio.timeout(within_s):
                await self.flush()
        except TimeoutError:
            lost = len(self._opt_outs) + len(self._conversations) + 1
            log.exception(
                "stopped without storing conversations: the database is away", writes=lost
            )
        await self._tasks.aclose()

    def _wake(self) -> None:
        self._stored.clear()
        self._filled.set()

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            while waiting := self._opt_outs or self._conversations:
                await self._persist(waiting.popleft())
            self._filled.clear()
            self._stored.set()

    async def _persist(self, write: Write) -> None:
        for wait_s in backoff_s():
            try:
                await write()
            except (UnavailableError, CommitUnknownError) as error:
                log.warning("conversation waits for the database", error=str(error))
                await self._clock.sleep(wait_s)
            except Exception:
                # Refused for good: one call's notes must not keep back those of all others.
                log.exception("conversation cannot be stored")
                return
            else:
                return
