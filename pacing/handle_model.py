"""When busy agents will be free: hazards of talk and of wrap-up, and the two in a row.

Hazards, not means: a long talker is probably a very long talker, and a mean keeps expecting an
end that a heavy tail does not deliver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pacing.hazards import CumulativeHazard, HazardCounts, shaped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pacing.floor import Floor
    from pacing.interface import Served

    Array = NDArray[np.float64]

EDGES_S: Final[Array] = np.concatenate([
    np.arange(0.0, 60.0, 2.0),
    np.arange(60.0, 300.0, 10.0),
    np.arange(300.0, 1801.0, 60.0),
])
POSITIONS: Final[Array] = np.arange(len(EDGES_S), dtype=np.float64)
TALK_PRIOR_HZ: Final = 1 / 180.0
WRAP_PRIOR_HZ: Final = 1 / 15.0
PSEUDO_ENDINGS: Final = 2.0
MEMORY_CALLS: Final = 5000.0
# Steps of the convolution of talk with wrap-up, per horizon.
STEPS: Final = 16


class HandleModel:
    """P(free within a horizon) of agents in talk and in wrap-up, learned from their calls."""

    def __init__(self) -> None:
        self._talk = HazardCounts(EDGES_S, kinds=1, memory=MEMORY_CALLS)
        self._wrap = HazardCounts(EDGES_S, kinds=1, memory=MEMORY_CALLS)
        nobody = np.empty(0)
        self._talk_hz = self._talk.chained_rates_hz(nobody, TALK_PRIOR_HZ, PSEUDO_ENDINGS)
        self._wrap_hz = self._wrap.chained_rates_hz(nobody, WRAP_PRIOR_HZ, PSEUDO_ENDINGS)
        self._within_s: Array = np.zeros(5)
        self._derive()

    def observe(self, served: Served) -> None:
        """Learn one call's talk and wrap-up; an abandoned call teaches neither."""
        if served.talk is not None:
            self._talk.record(served.talk, 0)
        if served.wrap is not None:
            self._wrap.record(served.wrap, 0)

    def rebuild(self, floor: Floor, within_s: Array) -> None:
        """Recompute the tables from all counts and the calls that run now.

        Args:
            floor: whose agents are in talk or wrap-up, for how long.
            within_s: the horizons to answer for, seconds, shape (5,).
        """
        self._talk_hz = self._talk.chained_rates_hz(floor.talk_s, TALK_PRIOR_HZ, PSEUDO_ENDINGS)
        self._wrap_hz = self._wrap.chained_rates_hz(floor.wrap_s, WRAP_PRIOR_HZ, PSEUDO_ENDINGS)
        self._within_s = within_s
        self._derive()

    def free_within(self, floor: Floor) -> Array:
        """Return P(free within each horizon) of every agent who is coming back, shape (5, n)."""
        elapsed_s = np.concatenate([floor.talk_s, floor.wrap_s])
        position = np.interp(elapsed_s, EDGES_S, POSITIONS)
        position[len(floor.talk_s) :] += len(EDGES_S)
        lower = position.astype(np.intp)
        weight = position - lower
        return np.asarray(self._table[:, lower] + self._slope[:, lower] * weight)

    def _derive(self) -> None:
        """Tabulate P(free within horizon) at the bin edges, shape (5, bins)."""
        horizon_s = self._within_s[:, np.newaxis]
        talk = CumulativeHazard(EDGES_S, self._talk_hz)
        wrap = CumulativeHazard(EDGES_S, self._wrap_hz)
        after_wrap = -np.expm1(wrap(EDGES_S) - wrap(EDGES_S + horizon_s))
        # Talk ends in one of STEPS slices of the horizon, wrap-up in what is left of it.
        slices_s = horizon_s * np.linspace(0.0, 1.0, STEPS + 1)
        until_s = slices_s[:, np.newaxis, :] + EDGES_S[:, np.newaxis]
        in_talk = np.exp(talk(EDGES_S)[:, np.newaxis] - talk(until_s))
        left_s = horizon_s - (slices_s[:, 1:] + slices_s[:, :-1]) / 2
        wrapped = -np.expm1(-wrap(left_s))
        talk_ends = in_talk[:, :, :-1] - in_talk[:, :, 1:]
        after_talk = (talk_ends * wrapped[:, np.newaxis, :]).sum(axis=2)
        # One table for both phases, talk first, and the step to the next edge: a look-up is
        # one gather however many agents there are.
        self._table = np.concatenate([after_talk, after_wrap], axis=1)
        self._slope = np.concatenate(
            [np.diff(half, axis=1, append=half[:, -1:]) for half in (after_talk, after_wrap)],
            axis=1,
        )

    def state_dict(self) -> dict[str, Any]:
        """Return everything learned as JSON values."""
        return {
            "talk": self._talk.state_dict(),
            "wrap": self._wrap.state_dict(),
            "talk_hz": self._talk_hz.tolist(),
            "wrap_hz": self._wrap_hz.tolist(),
            "within_s": self._within_s.tolist(),
        }

    @classmethod
    def from_state(cls, d: dict[str, Any]) -> HandleModel:
        """Build a model that remembers what `d` says; raises ValueError when it cannot."""
        model = cls()
        model._talk.load_state(d["talk"])
        model._wrap.load_state(d["wrap"])
        model._talk_hz = shaped(d["talk_hz"], EDGES_S.shape)
        model._wrap_hz = shaped(d["wrap_hz"], EDGES_S.shape)
        model._within_s = shaped(d["within_s"], model._within_s.shape)
        model._derive()
        return model
