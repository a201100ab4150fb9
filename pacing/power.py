"""Power dialing: a fixed number of lines per free agent, never past the abandonment limit."""

from __future__ import annotations

from math import floor as round_down
from typing import TYPE_CHECKING, Any, Final

from pacing.budget import Budget
from pacing.floor import count_floor
from pacing.gate import Gate
from pacing.interface import Decision
from pacing.memory import reading, stamp
from pacing.progressive import RETRY_S, describe

if TYPE_CHECKING:
    from pacing.floor import Floor
    from pacing.interface import Limits, Snapshot

# The usual first setting of the trade; with one answer in four it stays well below 3 %.
LINES_PER_IDLE_AGENT: Final = 2.0


class Power:
    """Launches a fixed number of calls per free agent, and one when the budget is spent.

    Each call beyond one per free agent can abandon at most one person. So there are never more
    of them in flight than people may still be abandoned: the limit holds even if all answer.
    """

    policy: Final = "power"

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._gate = Gate(limits)
        self._budget = Budget(limits)

    def decide(self, s: Snapshot) -> Decision:
        """Fill up to the ratio, as far as the budget and the hard limits let."""
        floor = count_floor(s)
        self._budget.absorb(s.now, s.events)
        room = self._gate.room(s, floor)
        extra = max(0, round_down(self._budget.credit))
        wanted, why = self._wanted(floor, extra)
        launch = min(wanted, room.calls)
        self._gate.launched(launch)
        return Decision(
            launch=launch,
            wake_at=s.now + RETRY_S if launch < wanted else None,
            risk=0.0,
            theta=0.0,
            reason=describe(floor, why if launch == wanted else room.limit),
        )

    def _wanted(self, floor: Floor, extra: int) -> tuple[int, str]:
        ratio = min(LINES_PER_IDLE_AGENT, self._limits.max_lines_per_agent)
        takers = max(0, floor.idle - floor.waiting)
        by_ratio = round_down(ratio * takers) - floor.ringing
        by_budget = floor.idle - floor.waiting + extra - floor.ringing
        wanted = max(0, min(by_ratio, by_budget))
        if by_ratio <= by_budget:
            return wanted, f"{ratio:g} lines per free agent"
        return wanted, f"no more than {extra} beyond one per free agent: abandonment limit"

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as JSON values."""
        return stamp(
            self.policy,
            {"gate": self._gate.state_dict(), "budget": self._budget.state_dict()},
        )

    def load_state(self, d: dict[str, Any]) -> None:
        """Replace the memory; raises InputError and keeps it when `d` is not readable."""
        with reading(self.policy, d):
            gate = Gate.from_state(self._limits, d["gate"])
            budget = Budget.from_state(self._limits, d["budget"])
            self._gate, self._budget = gate, budget
