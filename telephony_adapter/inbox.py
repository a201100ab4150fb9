"""Queues between a switch and its single reader that end instead of hanging."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """A queue with an end, read by one consumer.

    Args:
        limit: when full, the oldest item gives way (live audio that nobody reads is stale);
            None never loses anything (call events).
    """

    def __init__(self, limit: int | None = None) -> None:
        self._items: deque[T] = deque(maxlen=limit)
        self._changed = asyncio.Event()
        self._closed = False
        self._failure: BaseException | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed

    def put(self, item: T) -> None:
        """Add an item; after the end, do nothing."""
        if not self._closed:
            self._items.append(item)
            self._changed.set()

    def close(self, failure: BaseException | None = None) -> None:
        """End the queue; its reader gets what is queued, then the end (or `failure`)."""
        if not self._closed:
            self._closed = True
            self._failure = failure
            self._changed.set()

    async def read(self) -> AsyncIterator[T]:
        """Items in order until the end."""
        while True:
            while self._items:
                yield self._items.popleft()
            if self._closed:
                break
            self._changed.clear()
            await self._changed.wait()
        if self._failure is not None:
            raise self._failure
