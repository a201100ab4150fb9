"""Counts of endings per time at risk: the piecewise hazards that ring and handle models share.

A duration that still runs is evidence too: it did *not* end in the bins it has passed. Rates
learned from finished calls only are wrong exactly when it matters, because the quick endings
(busy, invalid) finish first and make an answer look impossible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Seconds = NDArray[np.float64]


class HazardCounts:
    """Endings by kind and time at risk, per bin of elapsed time.

    Args:
        edges_s: lower edges of the bins, ascending from 0; the last bin has no upper edge.
        kinds: how many ways of ending are told apart.
        memory: number of recorded durations after which evidence has faded to 1/e.
    """

    def __init__(self, edges_s: Seconds, kinds: int, memory: float) -> None:
        self.edges_s = edges_s
        self._widths_s = np.append(np.diff(edges_s), np.inf)
        self._kept = float(np.exp(-1.0 / memory))
        self.endings: NDArray[np.float64] = np.zeros((kinds, len(edges_s)))
        self.at_risk_s: Seconds = np.zeros(len(edges_s))

    def record(self, duration_s: float, kind: int) -> None:
        """Add one finished duration."""
        duration_s = max(0.0, duration_s)
        bin_ = int(np.searchsorted(self.edges_s, duration_s, side="right")) - 1
        self.endings *= self._kept
        self.at_risk_s *= self._kept
        self.endings[kind, bin_] += 1.0
        self.at_risk_s[:bin_] += self._widths_s[:bin_]
        self.at_risk_s[bin_] += duration_s - self.edges_s[bin_]

    def time_at_risk(self, running_s: Seconds) -> Seconds:
        """Return the time at risk per bin, running durations included (seconds)."""
        inside = np.clip(running_s[:, np.newaxis] - self.edges_s, 0.0, self._widths_s)
        return np.asarray(self.at_risk_s + inside.sum(axis=0))

    def rates_hz(self, running_s: Seconds, prior_hz: float, pseudo: float) -> NDArray[np.float64]:
        """Return the rate of each kind in each bin, shape (kinds, bins).

        Args:
            running_s: elapsed times of durations that still run.
            prior_hz: rate to expect where nothing was seen.
            pseudo: endings that this expectation counts for in every bin.
        """
        at_risk_s = self.time_at_risk(running_s) + pseudo / prior_hz
        return np.asarray((self.endings + pseudo) / at_risk_s)

    def chained_rates_hz(
        self, running_s: Seconds, prior_hz: float, pseudo: float
    ) -> NDArray[np.float64]:
        """Return the rates of the first kind, where each bin expects the rate of the one before.

        In the first minutes nobody has talked for long yet. The overall rate, made of the short
        calls that ended, would promise that the long ones end as quickly; the neighbour does not.

        Args:
            running_s: elapsed times of durations that still run.
            prior_hz: rate to expect in the first bin.
            pseudo: endings that the bin before counts for.
        """
        expected_hz = prior_hz
        rates_hz = []
        at_risk_s = self.time_at_risk(running_s).tolist()
        for endings, risk_s in zip(self.endings[0].tolist(), at_risk_s, strict=True):
            expected_hz = (endings + pseudo) / (risk_s + pseudo / expected_hz)
            rates_hz.append(expected_hz)
        return np.array(rates_hz)

    def state_dict(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {"endings": self.endings.tolist(), "at_risk_s": self.at_risk_s.tolist()}

    def load_state(self, d: dict[str, Any]) -> None:
        """Replace the counts; raises ValueError when the shapes are not ours."""
        self.endings = shaped(d["endings"], self.endings.shape)
        self.at_risk_s = shaped(d["at_risk_s"], self.at_risk_s.shape)


class CumulativeHazard:
    """The integral of piecewise constant rates from 0; the last rate goes on for ever.

    Args:
        edges_s: lower edges of the bins.
        rates_hz: rate in each bin.
    """

    def __init__(self, edges_s: Seconds, rates_hz: NDArray[np.float64]) -> None:
        self.rates_hz = rates_hz
        self._edges_s = edges_s
        self._sums = np.append(0.0, np.cumsum(rates_hz[:-1] * np.diff(edges_s)))

    def __call__(self, at_s: Seconds) -> NDArray[np.float64]:
        """Return the expected endings from 0 to each time, of one that were replaced at once."""
        beyond = np.maximum(at_s - self._edges_s[-1], 0.0) * self.rates_hz[-1]
        return np.asarray(np.interp(at_s, self._edges_s, self._sums) + beyond)


def shaped(values: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Read a JSON list as an array of exactly this shape; raises ValueError otherwise."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"shape {array.shape} instead of {shape}")
    return array
