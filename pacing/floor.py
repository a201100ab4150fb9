"""The floor at a glance: a snapshot counted once, for every rule that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pacing.interface import Snapshot


@dataclass(frozen=True, slots=True)
class Floor:
    """Counts of one snapshot; elapsed times are arrays of seconds, one per agent.

    Attributes:
        idle: agents who can take a call now.
        staffed: agents on duty who will take further calls.
        talk_s, wrap_s: elapsed times of agents who come back to the queue afterwards. Those
            with a pause pending are not here: nobody may count on them.
    """

    idle: int
    ringing: int
    waiting: int
    staffed: int
    talk_s: NDArray[np.float64]
    wrap_s: NDArray[np.float64]

    @property
    def uncovered(self) -> int:
        """Idle agents for whom no call rings or waits; the whole of progressive dialing."""
        return max(0, self.idle - self.ringing - self.waiting)


def count_floor(s: Snapshot) -> Floor:
    """Count the agents and calls of one snapshot."""
    idle = 0
    talk: list[float] = []
    wrap: list[float] = []
    for agent in s.agents:
        if agent.pause_pending or agent.state == "paused":
            continue
        if agent.state == "idle":
            idle += 1
        elif agent.state == "wrap":
            wrap.append(agent.since)
        else:
            # A reserved agent is about to talk: the whole call is still ahead.
            talk.append(agent.since)
    return Floor(
        idle=idle,
        ringing=len(s.ringing),
        waiting=len(s.waiting),
        staffed=idle + len(talk) + len(wrap),
        talk_s=_elapsed_s(s.now, talk),
        wrap_s=_elapsed_s(s.now, wrap),
    )


def _elapsed_s(now: float, began: list[float]) -> NDArray[np.float64]:
    return np.maximum(now - np.array(began, dtype=np.float64), 0.0)
