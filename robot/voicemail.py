"""When to speak to an answering machine: after its beep, or when its greeting is over."""

from __future__ import annotations

from robot.answering_machine import BeepDetector
from robot.audio import FRAME_S, Samples

#: Machines without a beep record after a silence; greetings pause for a second at most.
_SILENCE_S = 1.5
#: No greeting is longer; a line that is never silent is spoken to all the same.
_LONGEST_GREETING_S = 45.0
_ROUNDING_S = 1e-6


class GreetingEnd:
    """Waits until a machine listens.

    Args:
        at_s: when it was found to be a machine.
        beep: whether its beep gave it away.
    """

    def __init__(self, at_s: float, *, beep: bool) -> None:
        self._began_s = at_s
        self._quiet_since_s = at_s
        self._beeps = BeepDetector()
        self._beep = beep

    def push(self, frame: Samples, at_s: float, *, speech: bool) -> bool:
        """Take the 20 ms that began at `at_s`; whether the machine listens from now on."""
        self._beep = self._beeps.push(frame) or self._beep
        now_s = at_s + FRAME_S
        if speech or self._beeps.in_tone:
            self._quiet_since_s = now_s
        if self._beep and not self._beeps.in_tone:
            return True
        silent = now_s - self._quiet_since_s >= _SILENCE_S - _ROUNDING_S
        return silent or now_s - self._began_s >= _LONGEST_GREETING_S
