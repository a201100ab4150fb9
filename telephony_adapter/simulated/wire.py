"""The way between engine and simulated switch: commands there, events back, faults on both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

from kernel.errors import UnavailableError, WaihuError
from kernel.telephony import SwitchEvent
from telephony_adapter.inbox import Inbox
from telephony_adapter.simulated.agenda import Agenda
from telephony_adapter.simulated.faults import Fate, FaultPlayer

#: From a command to its answer: a local REST call takes one to five milliseconds.
_COMMAND_S = 0.002

T = TypeVar("T")


class Wire:
    """One client's connection.

    Args:
        faults: what goes wrong.
        timeout_s: how long a command waits for its answer.
    """

    def __init__(self, faults: FaultPlayer, timeout_s: float) -> None:
        self.faults = faults
        self.inbox: Inbox[SwitchEvent] = Inbox()
        #: While set, the event stream is broken: events are lost, commands work.
        self.deaf = False
        self._timeout_s = timeout_s
        self._connected = False
        self._pending: set[asyncio.Future[object]] = set()

    def connect(self) -> None:
        """Begin a new event stream."""
        self.inbox = Inbox()
        self._connected = True

    def disconnect(self) -> None:
        """End the event stream."""
        self._connected = False
        self.inbox.close()

    async def command(self, agenda: Agenda, act: Callable[[], T]) -> T:
        """Carry a command to the switch and its answer back.

        Raises:
            UnavailableError: no answer; it may have been carried out.
        """
        if not self._connected:
            raise UnavailableError("not connected to the simulated switch")
        fate = self.faults.command()
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if fate is not Fate.REQUEST_LOST:
            heard = fate is Fate.ANSWERED
            agenda.after(_COMMAND_S, partial(_carry_out, act, answer, heard=heard))
        pending = cast("asyncio.Future[object]", answer)
        self._pending.add(pending)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await answer
        except TimeoutError:
            raise _no_answer() from None
        finally:
            self._pending.discard(pending)

    def break_off(self) -> None:
        """The switch died: whoever waits for an answer gets none."""
        for answer in self._pending:
            if not answer.done():
                answer.set_exception(_no_answer())

    def emit(self, agenda: Agenda, event: SwitchEvent) -> None:
        """Send an event on its way; it may be lost, late or doubled."""
        if self.deaf:
            return
        for delay_s in self.faults.deliveries():
            if delay_s > 0:
                agenda.after(delay_s, partial(self.inbox.put, event))
            else:
                self.inbox.put(event)


def _carry_out(act: Callable[[], T], answer: asyncio.Future[T], *, heard: bool) -> None:
    """Do it even when nobody waits any more: a command on its way cannot be called back."""
    try:
        result = act()
    except WaihuError as error:
        if heard and not answer.done():
            answer.set_exception(error)
        return
    if heard and not answer.done():
        answer.set_result(result)


def _no_answer() -> UnavailableError:
    return UnavailableError("the simulated switch does not answer: the command may have been sent")
