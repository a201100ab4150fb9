"""The abandonment budget: how many people may still meet nobody, in the window that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pacing.interface import Outcome, Served

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacing.interface import Limits

DAY_S: Final = 86_400.0
WINDOW_S: Final = {"day": DAY_S, "30d": 30 * DAY_S}


class Budget:
    """Live answers and abandonments of the present window.

    Windows are consecutive, not rolling: a rule "at most 3 % per day" is broken by a bad day
    even when yesterday was perfect.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._window: int | None = None
        self.answers = 0
        self.abandoned = 0

    def absorb(self, now: float, events: Iterable[Outcome | Served]) -> tuple[int, int]:
        """Count new events; return how many live answers and abandonments were among them."""
        self._turn_window(now)
        answers = abandoned = 0
        for event in events:
            if isinstance(event, Outcome):
                answers += event.kind == "answered"
            else:
                abandoned += event.abandoned
        self.answers += answers
        self.abandoned += abandoned
        return answers, abandoned

    @property
    def credit(self) -> float:
        """How many more people may be abandoned before the target is passed."""
        return self._limits.target * self.answers - self.abandoned

    def _turn_window(self, now: float) -> None:
        if self._limits.window == "run":
            return
        window = int(now // WINDOW_S[self._limits.window])
        if window != self._window:
            self._window = window
            self.answers = self.abandoned = 0

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as JSON values."""
        return {"window": self._window, "answers": self.answers, "abandoned": self.abandoned}

    @classmethod
    def from_state(cls, limits: Limits, d: dict[str, Any]) -> Budget:
        """Build a budget that remembers what `d` says."""
        budget = cls(limits)
        budget._window = None if d["window"] is None else int(d["window"])
        budget.answers = int(d["answers"])
        budget.abandoned = int(d["abandoned"])
        return budget
