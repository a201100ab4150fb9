"""Progressive dialing: one call per free agent, so nobody who answers meets silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pacing.floor import count_floor
from pacing.gate import Gate
from pacing.interface import Decision
from pacing.memory import reading, stamp

if TYPE_CHECKING:
    from pacing.floor import Floor
    from pacing.gate import Room
    from pacing.interface import Limits, Snapshot

# With a limit on calls per second, tokens come back without an event: ask again soon.
RETRY_S: Final = 0.2


class Progressive:
    """Launches a call for every free agent who has none ringing or waiting."""

    policy: Final = "progressive"

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._gate = Gate(limits)

    def decide(self, s: Snapshot) -> Decision:
        """Cover every idle agent with exactly one call, as far as the hard limits let."""
        floor = count_floor(s)
        room = self._gate.room(s, floor)
        launch = min(floor.uncovered, room.calls)
        self._gate.launched(launch)
        held_back = launch < floor.uncovered
        return Decision(
            launch=launch,
            wake_at=s.now + RETRY_S if held_back else None,
            risk=0.0,
            theta=0.0,
            reason=one_to_one_reason(floor, room, "one call per free agent"),
        )

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as JSON values."""
        return stamp(self.policy, {"gate": self._gate.state_dict()})

    def load_state(self, d: dict[str, Any]) -> None:
        """Replace the memory; raises InputError and keeps it when `d` is not readable."""
        with reading(self.policy, d):
            self._gate = Gate.from_state(self._limits, d["gate"])


def one_to_one_reason(floor: Floor, room: Room, why: str) -> str:
    """Describe a launch of one call per free agent, or the hard limit that cut it."""
    return describe(floor, room.limit if room.calls < floor.uncovered else why)


def describe(floor: Floor, why: str) -> str:
    """Return the sentence fragment that every policy gives: the floor, then the why."""
    waiting = f", {floor.waiting} waiting" if floor.waiting else ""
    return f"{floor.idle} of {floor.staffed} agents free, {floor.ringing} ringing{waiting}; {why}"
