"""How long a pacing decision takes, and what predictive dialing gains over progressive."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from bench.figures import Figure, percentile
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


def measure(quick: bool) -> Sequence[Figure]:  # noqa: FBT001 - the one switch of every measurement
    figures = [f for agents in ((50,) if quick else (5, 50, 200, 1000)) for f in decisions(agents)]
    for agents in () if quick else (5, 20):
        figures += [shift(agents, policy) for policy in ("progressive", "predictive")]
    return figures


def decisions(agents: int) -> Sequence[Figure]:
    """Time per decision over ten minutes, after an hour of learning."""
    pacer = create_pacer("predictive", Limits())
    World(STATIONARY, agents, seed=1, shift_s=3_600.0, tick_s=1.0).run(pacer)
    watch = Stopwatch(pacer)
    World(STATIONARY, agents, seed=2, shift_s=900.0).run(watch)
    taken = watch.taken_us[3_000:]
    what = f"predictive decide(), {agents} agents"
    return (
        Figure(f"{what}, median", percentile(taken, 0.5), "us", f"{len(taken):,} decisions"),
        Figure(f"{what}, p99", percentile(taken, 0.99), "us"),
    )


def shift(agents: int, policy: str) -> Figure:
    """Utilisation and abandonment of one eight-hour shift."""
    world = World(STATIONARY, agents, seed=1, tick_s=0.5, on_events=True)
    score = world.run(create_pacer(policy, Limits()))
    return Figure(
        f"agents at work, {agents} agents, {policy}",
        100 * score.utilisation,
        "% of time",
        f"{score.abandonment:.2%} of {score.answers} answers abandoned, 8 virtual hours",
    )
