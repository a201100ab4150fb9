"""The handler's side of its call: keys come in, the wish for an agent goes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from kernel.conversation import TransferOutcome

_END = ""


class ConversationLink:
    """`CallControl` of one call.

    Args:
        ask_for_agent: tells the floor, with the queue's name and what was collected.
    """

    def __init__(self, ask_for_agent: Callable[[str, Mapping[str, str]], None]) -> None:
        self._ask_for_agent = ask_for_agent
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._transfer: asyncio.Future[TransferOutcome] | None = None
        self._over = False

    def press(self, digit: str) -> None:
        """A key came from the person."""
        self._keys.put_nowait(digit)

    def call_over(self) -> None:
        """The call is gone."""
        self._over = True
        self._keys.put_nowait(_END)
        self._settle(TransferOutcome.LEFT)

    def answer_transfer(self, *, joined: bool) -> None:
        """What became of the wish for an agent."""
        self._settle(TransferOutcome.JOINED if joined else TransferOutcome.NONE)

    async def digits(self) -> AsyncIterator[str]:
        """Keys in order, until the call ends."""
        while (digit := await self._keys.get()) != _END:
            yield digit
        # Whoever listens again finds the end again.
        self._keys.put_nowait(_END)

    async def transfer(self, queue: str, carry: Mapping[str, str]) -> TransferOutcome:
        """Ask for an agent and wait for the outcome."""
        if self._over:
            return TransferOutcome.LEFT
        self._transfer = asyncio.get_running_loop().create_future()
        self._ask_for_agent(queue, carry)
        return await self._transfer

    def _settle(self, outcome: TransferOutcome) -> None:
        if self._transfer is not None and not self._transfer.done():
            self._transfer.set_result(outcome)
