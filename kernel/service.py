"""Background tasks with a name, an owner and a watcher.

An owner starts tasks; when one fails, the owner remembers the error and wakes whoever waits in
`watch()`, so that a dead side task stops its service instead of being forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class TaskOwner:
    """Owns named tasks; cancels them together; reports the first failure.

    Args:
        name: prefix of the tasks' names, for logs and debuggers.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failure: BaseException | None = None
        self._failed = asyncio.Event()

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start `work` as a task of this owner."""
        task = asyncio.create_task(work, name=f"{self._name}/{name}")
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def __len__(self) -> int:
        """Number of tasks still running."""
        return len(self._tasks)

    async def watch(self) -> None:
        """Wait until a task fails and raise its error; waits for ever while all is well."""
        await self._failed.wait()
        assert self._failure is not None
        raise self._failure

    async def settle(self) -> None:
        """Wait until every task has ended by itself, then raise the first failure, if any."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._failure is not None:
            raise self._failure

    async def aclose(self) -> None:
        """Cancel every task and wait until all have ended."""
        for task in list(self._tasks):
            task.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and self._failure is None:
            self._failure = error
            self._failed.set()
