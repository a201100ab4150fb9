"""When busy agents will be free: hazards of talk and of wrap-up, and the two in a row.

Hazards, not means: a long talker is probably a very long talker, and a mean keeps expecting an
end that a heavy tail does not deliver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pacing.hazards import HazardCounts, cumulative, shaped

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
        self._talk_hz = self._talk.rates_hz(nobody, TALK_PRIOR_HZ, PSEUDO_ENDINGS)[0]
        self._wrap_hz = self._wrap.rates_hz(nobody, WRAP_PRIOR_HZ, PSEUDO_ENDINGS)[0]
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
        talk_s = np.concatenate([floor.talk_s, floor.leaving_talk_s])
        wrap_s = np.concatenate([floor.wrap_s, floor.leaving_wrap_s])
        self._talk_hz = self._talk.rates_hz(talk_s, TALK_PRIOR_HZ, PSEUDO_ENDINGS)[0]
        self._wrap_hz = self._wrap.rates_hz(wrap_s, WRAP_PRIOR_HZ, PSEUDO_ENDINGS)[0]
        self._within_s = within_s
        self._derive()

    def free_within(self, floor: Floor) -> Array:
        """Return P(free within each horizon) of every agent who is coming back, shape (5, n)."""
        return np.concatenate(
            [_between(self._after_talk, floor.talk_s), _between(self._after_wrap, floor.wrap_s)],
            axis=1,
        )

    def _derive(self) -> None:
        """Tabulate P(free within horizon) at the bin edges, shape (5, bins)."""
        horizon_s = self._within_s[:, np.newaxis]
        wrap_start = cumulative(EDGES_S, self._wrap_hz, EDGES_S)
        wrap_end = cumulative(EDGES_S, self._wrap_hz, EDGES_S + horizon_s)
        self._after_wrap = -np.expm1(wrap_start - wrap_end)
        # Talk ends in one of STEPS slices of the horizon, wrap-up in what is left of it.
        slices_s = horizon_s * np.linspace(0.0, 1.0, STEPS + 1)
        talk_start = cumulative(EDGES_S, self._talk_hz, EDGES_S)
        until_s = slices_s[:, np.newaxis, :] + EDGES_S[:, np.newaxis]
        in_talk = np.exp(talk_start[:, np.newaxis] - cumulative(EDGES_S, self._talk_hz, until_s))
        left_s = horizon_s - (slices_s[:, 1:] + slices_s[:, :-1]) / 2
        wrapped = -np.expm1(-cumulative(EDGES_S, self._wrap_hz, left_s))
        talk_ends = in_talk[:, :, :-1] - in_talk[:, :, 1:]
        self._after_talk = (talk_ends * wrapped[:, np.newaxis, :]).sum(axis=2)

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


def _between(table: Array, elapsed_s: Array) -> Array:
    """Interpolate each row of a table over the bin edges at the given times."""
    position = np.interp(elapsed_s, EDGES_S, np.arange(len(EDGES_S), dtype=np.float64))
    lower = np.minimum(position.astype(np.intp), len(EDGES_S) - 2)
    weight = position - lower
    return np.asarray(table[:, lower] * (1.0 - weight) + table[:, lower + 1] * weight)
