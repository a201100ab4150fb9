"""Which of the ringing calls will be answered, and when.

Two time scales. Slow: cause-specific hazards (answer, anything else) per second of ringing,
calls in flight counted as censored. Fast: a multiplier on the answer hazard, the ratio of
answers seen to answers expected over the same ringing time, which follows the hour and the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pacing.hazards import CumulativeHazard, HazardCounts, shaped
from pacing.interface import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pacing.interface import Served

    Array = NDArray[np.float64]

ANSWER, OTHER = 0, 1
# One-second bins; rings beyond a minute share the last one, with all their time at risk.
EDGES_S: Final[Array] = np.arange(0.0, 61.0)
PRIOR_HZ: Final = 0.02
PSEUDO_ENDINGS: Final = 0.5
MEMORY_CALLS: Final = 8000.0
# The multiplier forgets by the slower of these two, so that a handful of answers never moves it.
FORGET_S: Final = 180.0
FORGET_ANSWERS: Final = 40.0
PRIOR_ANSWERS: Final = 4.0
# Changes smaller than this are not worth new curves.
NOTICEABLE: Final = 0.01
MULTIPLIER_RANGE: Final = (0.4, 3.0)
# A fresh call is judged at these quantiles of its time to answer.
LEVELS: Final[Array] = np.array([0.1, 0.3, 0.5, 0.7, 0.9])


class RingModel:
    """Answer probabilities of ringing calls, learned while they ring.

    Attributes:
        answers: live answers ever seen.
        multiplier: present answer hazard relative to the slow one.
        answer_s: quantiles of the time to answer of a fresh call, seconds, shape (5,).
    """

    def __init__(self) -> None:
        self._counts = HazardCounts(EDGES_S, kinds=2, memory=MEMORY_CALLS)
        self._rates_hz = self._counts.rates_hz(np.empty(0), PRIOR_HZ, PSEUDO_ENDINGS)
        self._seen = 0.0
        self._expected = 0.0
        self._expected_in_flight = 0.0
        self.answers = 0
        self._use_rates(1.0)
        self.answer_s = self._quantiles()

    @property
    def multiplier(self) -> float:
        """Answers seen per answer expected, lately."""
        ratio = (self._seen + PRIOR_ANSWERS) / (self._expected + PRIOR_ANSWERS)
        return min(max(ratio, MULTIPLIER_RANGE[0]), MULTIPLIER_RANGE[1])

    @property
    def evidence(self) -> float:
        """Answers that the present rate rests on."""
        return self._seen + PRIOR_ANSWERS

    @property
    def fresh(self) -> Array:
        """P(a call launched now is answered within each of `answer_s`), shape (5,)."""
        return np.asarray(np.interp(self.answer_s, EDGES_S, self._answered))

    def answered_within(self, elapsed_s: Array, hints: Array | None = None) -> Array:
        """Return P(answered within each of `answer_s`) of calls in flight.

        Args:
            elapsed_s: how long each call rings, shape (n,).
            hints: answer hazards relative to the campaign's average, shape (n,); None where
                all are average.

        Returns:
            Shape (5, n).
        """
        until_s = elapsed_s + self.answer_s[:, np.newaxis]
        gained = np.interp(until_s, EDGES_S, self._answered)
        gained -= np.interp(elapsed_s, EDGES_S, self._answered)
        alive = np.interp(elapsed_s, EDGES_S, self._alive)
        share = np.minimum(np.maximum(gained / np.maximum(alive, 1e-12), 0.0), 1.0)
        return np.asarray(share if hints is None else 1.0 - (1.0 - share) ** hints)

    @property
    def answer_share(self) -> float:
        """P(a call launched now is ever answered)."""
        return float(self._answered[-1])

    def observe(
        self, passed_s: float, events: Iterable[Outcome | Served], ringing_s: Array, *, adapt: bool
    ) -> None:
        """Learn from one step.

        Args:
            passed_s: time since the previous step.
            events: what ended meanwhile.
            ringing_s: elapsed times of the calls that ring on.
            adapt: whether the fast multiplier takes part (not during a cold start).
        """
        ended = [(e, e.ended - e.launched) for e in events if isinstance(e, Outcome)]
        self._follow(passed_s, ended, ringing_s, adapt=adapt)
        for event, ring_s in ended:
            self._counts.record(ring_s, ANSWER if event.kind == "answered" else OTHER)

    def rebuild(self, ringing_s: Array) -> None:
        """Recompute the slow hazards from all counts and the calls that ring now."""
        self._rates_hz = self._counts.rates_hz(ringing_s, PRIOR_HZ, PSEUDO_ENDINGS)
        self._use_rates(self.multiplier)
        self._expected_in_flight = self._expected_of(ringing_s)
        self.answer_s = self._quantiles()

    def _follow(
        self, passed_s: float, ended: list[tuple[Outcome, float]], ringing_s: Array, *, adapt: bool
    ) -> None:
        # Expected answers are a sum over calls of their cumulative hazard, so the growth since
        # the last step needs no bookkeeping per call: what rings now, plus what ended, minus
        # what rang then.
        in_flight = self._expected_of(ringing_s)
        expected = in_flight - self._expected_in_flight
        if ended:
            expected += self._expected_of(np.array([ring_s for _, ring_s in ended]))
        self._expected_in_flight = in_flight
        answers = sum(event.kind == "answered" for event, _ in ended)
        self.answers += answers
        if not adapt:
            return
        expected = max(0.0, expected)
        kept = float(np.exp(-min(passed_s / FORGET_S, expected / FORGET_ANSWERS)))
        self._seen = self._seen * kept + answers
        self._expected = self._expected * kept + expected
        if abs(self.multiplier / self._multiplier_used - 1.0) > NOTICEABLE:
            self._use_rates(self.multiplier)

    def _expected_of(self, ringing_s: Array) -> float:
        return float(self._hazard(ringing_s).sum())

    def _use_rates(self, multiplier: float) -> None:
        """Recompute P(alive) and P(answered by then) at the bin edges."""
        self._multiplier_used = multiplier
        self._hazard = CumulativeHazard(EDGES_S, self._rates_hz[ANSWER])
        answer_hz = self._rates_hz[ANSWER, :-1] * multiplier
        total_hz = answer_hz + self._rates_hz[OTHER, :-1]
        alive = np.exp(-np.cumsum(total_hz))
        self._alive = np.append(1.0, alive)
        ended = self._alive[:-1] - self._alive[1:]
        self._answered = np.append(0.0, np.cumsum(ended * answer_hz / total_hz))

    def _quantiles(self) -> Array:
        return np.asarray(np.interp(LEVELS * self._answered[-1], self._answered, EDGES_S))

    def state_dict(self) -> dict[str, Any]:
        """Return everything learned as JSON values."""
        return {
            "counts": self._counts.state_dict(),
            "rates_hz": self._rates_hz.tolist(),
            "multiplier_used": self._multiplier_used,
            "seen": self._seen,
            "expected": self._expected,
            "expected_in_flight": self._expected_in_flight,
            "answers": self.answers,
            "answer_s": self.answer_s.tolist(),
        }

    @classmethod
    def from_state(cls, d: dict[str, Any]) -> RingModel:
        """Build a model that remembers what `d` says; raises ValueError when it cannot."""
        model = cls()
        model._counts.load_state(d["counts"])
        model._rates_hz = shaped(d["rates_hz"], model._rates_hz.shape)
        model._seen = float(d["seen"])
        model._expected = float(d["expected"])
        model._expected_in_flight = float(d["expected_in_flight"])
        model.answers = int(d["answers"])
        model._use_rates(float(d["multiplier_used"]))
        model.answer_s = shaped(d["answer_s"], model.answer_s.shape)
        return model
