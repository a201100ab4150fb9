"""How long a decision takes, and what predictive dialing gains over progressive.

Run: python -m bench.pacing_decide
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from pacing import Decision, Limits, Pacer, Snapshot, create_pacer
from tests.pacing.world import STATIONARY, World

if TYPE_CHECKING:
    from typing import Any


class Stopwatch:
    """A pacer that times another."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self.taken_us: list[float] = []

    def decide(self, s: Snapshot) -> Decision:
        """Decide as the other does, and note the microseconds."""
        started = perf_counter()
        decision = self._pacer.decide(s)
        self.taken_us.append((perf_counter() - started) * 1e6)
        return decision

    def state_dict(self) -> dict[str, Any]:
        """Return the other's memory."""
        return self._pacer.state_dict()

    def load_state(self, d: dict[str, Any]) -> None:
        """Set the other's memory."""
        self._pacer.load_state(d)


def time_decisions(agents: int) -> None:
    """Print the time per decision over ten minutes, after an hour of learning."""
    pacer = create_pacer("predictive", Limits())
    World(STATIONARY, agents, seed=1, shift_s=3_600.0, tick_s=1.0).run(pacer)
    watch = Stopwatch(pacer)
    World(STATIONARY, agents, seed=2, shift_s=900.0).run(watch)
    taken = np.array(watch.taken_us[3_000:])
    print(
        f"decide  N={agents:<5} mean {taken.mean():6.0f} us   median {np.median(taken):6.0f} us"
        f"   p99 {np.percentile(taken, 99):6.0f} us"
    )


def compare(agents: int) -> None:
    """Print utilisation and abandonment of one eight-hour shift."""
    for policy in ("progressive", "predictive"):
        world = World(STATIONARY, agents, seed=1, tick_s=0.5, on_events=True)
        score = world.run(create_pacer(policy, Limits()))
        print(
            f"shift   N={agents:<5} {policy:<12} utilisation {score.utilisation:.1%}"
            f"   abandonment {score.abandonment:.2%} of {score.answers} answers"
        )


def main() -> None:
    """Print every figure."""
    for agents in (5, 50, 200, 1000):
        time_decisions(agents)
    for agents in (5, 20):
        compare(agents)


if __name__ == "__main__":
    main()
