"""The floor at a glance: a snapshot counted once, for every rule that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pacing.interface import Agent, Snapshot


@dataclass(frozen=True, slots=True)
class Floor:
    """Counts of one snapshot; elapsed times are arrays of seconds, one per agent.

    Attributes:
        idle: agents who can take a call now.
        staffed: agents on duty who will take further calls.
        talk_s, wrap_s: elapsed times of agents who come back to the queue afterwards.
        leaving_talk_s, leaving_wrap_s: the same for agents who leave after this call: nobody
            counts on them, but their calls teach durations like any other.
    """

    idle: int
    ringing: int
    waiting: int
    staffed: int
    talk_s: NDArray[np.float64]
    wrap_s: NDArray[np.float64]
    leaving_talk_s: NDArray[np.float64]
    leaving_wrap_s: NDArray[np.float64]

    @property
    def uncovered(self) -> int:
        """Idle agents for whom no call rings or waits; the whole of progressive dialing."""
        return max(0, self.idle - self.ringing - self.waiting)


def count_floor(s: Snapshot) -> Floor:
    """Count the agents and calls of one snapshot."""
    idle = 0
    began: dict[tuple[str, bool], list[float]] = {
        (state, leaving): [] for state in ("talk", "wrap") for leaving in (False, True)
    }
    for agent in s.agents:
        if agent.state == "idle":
            idle += not agent.pause_pending
        elif agent.state != "paused":
            began[_phase(agent), agent.pause_pending].append(agent.since)
    talk, wrap = began["talk", False], began["wrap", False]
    return Floor(
        idle=idle,
        ringing=len(s.ringing),
        waiting=len(s.waiting),
        staffed=idle + len(talk) + len(wrap),
        talk_s=_elapsed_s(s.now, talk),
        wrap_s=_elapsed_s(s.now, wrap),
        leaving_talk_s=_elapsed_s(s.now, began["talk", True]),
        leaving_wrap_s=_elapsed_s(s.now, began["wrap", True]),
    )


def _phase(agent: Agent) -> str:
    # A reserved agent is about to talk: the whole call is still ahead.
    return "wrap" if agent.state == "wrap" else "talk"


def _elapsed_s(now: float, began: list[float]) -> NDArray[np.float64]:
    return np.maximum(now - np.asarray(began, dtype=np.float64), 0.0)
