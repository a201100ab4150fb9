"""What the simulated switch will do later; it can be frozen, and forgotten as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Appointment:
    """One thing to be done later."""

    __slots__ = ("_action", "_handle", "boot")

    def __init__(self, action: Callable[[], None], boot: int) -> None:
        self._action: Callable[[], None] | None = action
        self._handle: asyncio.TimerHandle | None = None
        self.boot = boot

    def arm(self, handle: asyncio.TimerHandle) -> None:
        """Remember the timer, to cancel it."""
        self._handle = handle

    def cancel(self) -> None:
        """Do not do it; harmless when it is done already."""
        self._action = None
        if self._handle is not None:
            self._handle.cancel()

    def keep(self) -> None:
        """Do it now, unless it was cancelled."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Agenda:
    """Timers of one switch on the running event loop, real or virtual.

    Args:
        on_failure: told of the error when an action raises; it is our defect.
    """

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_failure = on_failure
        self._boot = 0
        self._frozen_until_s = 0.0

    @property
    def frozen(self) -> bool:
        """Whether nothing happens at present."""
        return self._loop.time() < self._frozen_until_s

    def after(self, delay_s: float, action: Callable[[], None]) -> Appointment:
        """Do `action` in `delay_s` seconds."""
        appointment = Appointment(action, self._boot)
        appointment.arm(self._loop.call_later(delay_s, self._due, appointment))
        return appointment

    def freeze(self, seconds: float) -> None:
        """Do nothing for a while, as a stopped process; what was due is done right after."""
        self._frozen_until_s = max(self._frozen_until_s, self._loop.time() + seconds)

    def forget(self) -> None:
        """Drop everything planned, as a killed process does."""
        self._boot += 1
        self._frozen_until_s = 0.0

    def _due(self, appointment: Appointment) -> None:
        if appointment.boot != self._boot:
            return
        if self.frozen:
            appointment.arm(self._loop.call_at(self._frozen_until_s, self._due, appointment))
            return
        try:
            appointment.keep()
        except BaseException as error:
            self._on_failure(error)
            raise
