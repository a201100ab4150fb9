"""How much risk per call is acceptable, steered by what the risks really cost.

In the exact optimum (constrained Markov decision process, 20 agents, one answer in four) the
marginal risk of the last call launched is nearly the same at every number of idle agents: the
best policy is close to one constant threshold. Its level is found by feedback, so the long-run
share of abandonments goes to the target whatever the model's errors (Gibbs and Candes 2021,
adaptive conformal inference, uses the same step).
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Final

# Aim a little below the promise: the feedback keeps a mean, not a ceiling.
AIM: Final = 0.95
FIRST: Final = 0.03
LOWEST: Final = 0.002
HIGHEST: Final = 0.7
STEP: Final = 0.1
# When less than this many abandonments are left, the appetite falls at once, but within bounds:
# an unbounded cut froze large floors for an hour after one burst.
RESERVE: Final = 1.0
DEBT_STEP: Final = 0.4
DEEPEST_CUT: Final = -2.5


class Appetite:
    """The acceptable risk per call, moved by every live answer and every abandonment."""

    def __init__(self, target: float, log_level: float = log(FIRST)) -> None:
        self._aim = AIM * target
        self._log = log_level

    def learn(self, answers: int, abandoned: int) -> None:
        """Rise a little with each answer, fall with each abandonment."""
        moved = self._log + STEP * (self._aim * answers - abandoned)
        self._log = min(max(moved, log(LOWEST)), log(HIGHEST))

    def theta(self, credit: float, agents: int) -> float:
        """Return the acceptable risk.

        Args:
            credit: people who may still be abandoned; negative is debt.
            agents: size of the floor: a debt of one means little to a thousand.
        """
        missing = min(0.0, credit - RESERVE)
        cut = DEBT_STEP * missing / sqrt(max(1.0, agents / 50.0))
        return exp(self._log + max(DEEPEST_CUT, cut))

    @property
    def log_level(self) -> float:
        """Logarithm of the threshold without debts: what a memory has to keep."""
        return self._log
