"""Predictive dialing with a risk budget.

Launch one call more as long as the probability that it finds no agent, when answered, is
acceptable (`risk`); what is acceptable follows from abandonments so far (`appetite`, `budget`);
the probabilities are learned on the floor (`ring_model`, `handle_model`).

Everything learned from a snapshot takes effect at the next one. So within one decision the
models are fixed, and more idle agents or fewer ringing calls can only mean more launches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pacing.appetite import Appetite
from pacing.budget import Budget
from pacing.floor import count_floor
from pacing.gate import Gate, optional_float
from pacing.handle_model import HandleModel
from pacing.interface import Decision, Served
from pacing.memory import reading, stamp
from pacing.progressive import describe, one_to_one_reason
from pacing.ring_model import RingModel
from pacing.risk import EXACT_COINS, Prospect, launches_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pacing.floor import Floor
    from pacing.gate import Room
    from pacing.interface import Limits, Snapshot

# Ringing calls age and agents' calls ripen without any event.
WAKE_S: Final = 0.1
# The tables are rebuilt often while everything is new, later now and then.
YOUNG_S: Final = 120.0
REBUILD_YOUNG_S: Final = 3.0
REBUILD_S: Final = 30.0
# One call per agent until the models have seen this much. The time lets the first refusals end:
# earlier, every talk looks as short as theirs, and a thousand agents were counted on in vain.
COLD_S: Final = 90.0
COLD_ANSWERS: Final = 10
COLD_ANSWERS_PER_AGENT: Final = 5
COLD_ANSWERS_MOST: Final = 60
# An answer that is far likelier, or far less likely, than average is believed up to this factor.
HINT_RANGE: Final = (0.1, 10.0)


class Predictive:
    """Launches calls whose risk of meeting no agent stays within the abandonment budget."""

    policy: Final = "predictive"

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._gate = Gate(limits)
        self._budget = Budget(limits)
        self._appetite = Appetite(limits.target)
        self._rings = RingModel()
        self._handles = HandleModel()
        self._last_now: float | None = None
        self._age_s = 0.0
        self._rebuild_at_s = 0.0
        self._warm = False
        self._agents = 0
        self._coins = 0

    def decide(self, s: Snapshot) -> Decision:
        """Launch one per free agent, and more where the risk is worth it."""
        floor = count_floor(s)
        news = self._budget.absorb(s.now, s.events)
        if self._warm:
            # Answers to progressive calls risked nothing, so they prove nothing.
            self._appetite.learn(*news)
        room = self._gate.room(s, floor)
        theta = self._theta()
        refusal = self._why_one_to_one(s, floor)
        if refusal is not None or room.calls == 0:
            launch, risk = min(floor.uncovered, room.calls), 0.0
            reason = one_to_one_reason(floor, room, refusal or "nothing to launch")
        else:
            launch, risk = self._overdial(s, floor, room, theta)
            reason = _risk_reason(floor, room, launch, risk, theta)
        self._gate.launched(launch)
        self._observe(s, floor)
        wake_at = s.now + WAKE_S if floor.staffed and room.calls else None
        return Decision(launch=launch, wake_at=wake_at, risk=risk, theta=theta, reason=reason)

    def _theta(self) -> float:
        if self._limits.target == 0:
            return 0.0
        theta = self._appetite.theta(self._budget.credit, self._agents)
        if self._limits.window == "run":
            return theta
        # A window that closes soon forgives nothing: spend the last of its credit slowly.
        left = self._budget.credit / (1.0 + self._agents / 50.0)
        return theta * min(1.0, max(0.0, left))

    def _why_one_to_one(self, s: Snapshot, floor: Floor) -> str | None:
        """Return the reason not to dial beyond one call per free agent, if there is one."""
        if self._limits.target == 0:
            return "one call per free agent: the abandonment target is 0"
        if not self._warm:
            return "one call per free agent while answers and call lengths are being learned"
        if self._limits.window != "run" and self._budget.credit < 1:
            return "one call per free agent: no abandonment left in this window"
        # Near the end of the list there is nothing to keep busy for, only people to abandon.
        if s.leads_left <= max(floor.ringing, self._agents):
            return "one call per free agent: the list is nearly at its end"
        return None

    def _overdial(self, s: Snapshot, floor: Floor, room: Room, theta: float) -> tuple[int, float]:
        prospect = Prospect(
            answered=self._rings.answered_within(_ringing_s(s), self._hints(s)),
            freed=self._handles.free_within(floor),
            fresh=self._rings.fresh,
            spare=floor.idle - floor.waiting,
            evidence=self._rings.evidence,
        )
        launch, risk = launches_within(
            prospect, theta, room.calls, exact=self._coins <= EXACT_COINS
        )
        covered = min(floor.uncovered, room.calls)
        return (launch, risk) if launch >= covered else (covered, 0.0)

    def _hints(self, s: Snapshot) -> NDArray[np.float64] | None:
        if all(call.p_hint is None for call in s.ringing):
            return None
        average = max(self._rings.answer_share, 1e-3)
        hints = [average if call.p_hint is None else call.p_hint for call in s.ringing]
        return np.clip(np.asarray(hints, dtype=np.float64) / average, *HINT_RANGE)

    def _observe(self, s: Snapshot, floor: Floor) -> None:
        """Learn from the snapshot, for the next decision."""
        passed_s = 0.0 if self._last_now is None else max(0.0, s.now - self._last_now)
        self._last_now = s.now
        self._age_s += passed_s
        ringing_s = _ringing_s(s)
        self._rings.observe(passed_s, s.events, ringing_s, adapt=self._warm)
        for event in s.events:
            if isinstance(event, Served):
                self._handles.observe(event)
        if self._age_s >= self._rebuild_at_s:
            self._rebuild(floor, ringing_s)
        self._agents = floor.staffed
        self._coins = floor.staffed + floor.ringing
        self._warm = self._warm or self._has_seen_enough()

    def _rebuild(self, floor: Floor, ringing_s: NDArray[np.float64]) -> None:
        self._rings.rebuild(ringing_s)
        self._handles.rebuild(floor, self._rings.answer_s + self._limits.patience_s)
        pause_s = REBUILD_YOUNG_S if self._age_s < YOUNG_S else REBUILD_S
        self._rebuild_at_s = self._age_s + pause_s

    def _has_seen_enough(self) -> bool:
        wanted = COLD_ANSWERS + COLD_ANSWERS_PER_AGENT * self._agents
        return self._age_s >= COLD_S and self._rings.answers >= min(wanted, COLD_ANSWERS_MOST)

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as JSON values."""
        return stamp(
            self.policy,
            {
                "gate": self._gate.state_dict(),
                "budget": self._budget.state_dict(),
                "log_theta": self._appetite.log_level,
                "rings": self._rings.state_dict(),
                "handles": self._handles.state_dict(),
                "last_now": self._last_now,
                "age_s": self._age_s,
                "rebuild_at_s": self._rebuild_at_s,
                "warm": self._warm,
                "agents": self._agents,
                "coins": self._coins,
            },
        )

    def load_state(self, d: dict[str, Any]) -> None:
        """Replace the memory; raises InputError and keeps it when `d` is not readable."""
        with reading(self.policy, d):
            fresh = Predictive(self._limits)
            fresh._gate = Gate.from_state(self._limits, d["gate"])
            fresh._budget = Budget.from_state(self._limits, d["budget"])
            fresh._appetite = Appetite(self._limits.target, float(d["log_theta"]))
            fresh._rings = RingModel.from_state(d["rings"])
            fresh._handles = HandleModel.from_state(d["handles"])
            fresh._last_now = optional_float(d["last_now"])
            fresh._age_s = float(d["age_s"])
            fresh._rebuild_at_s = float(d["rebuild_at_s"])
            fresh._warm = bool(d["warm"])
            fresh._agents = int(d["agents"])
            fresh._coins = int(d["coins"])
            self.__dict__.update(fresh.__dict__)


def _ringing_s(s: Snapshot) -> NDArray[np.float64]:
    began = np.fromiter((call.since for call in s.ringing), np.float64, len(s.ringing))
    return np.maximum(s.now - began, 0.0)


def _risk_reason(floor: Floor, room: Room, launch: int, risk: float, theta: float) -> str:
    if launch == room.calls:
        return describe(floor, f"{room.limit}, risk {risk:.3f} <= {theta:.3f}")
    sign = "<=" if risk <= theta else ">"
    return describe(floor, f"risk {risk:.3f} {sign} {theta:.3f}")
