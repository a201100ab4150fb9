from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pacing.hazards import CumulativeHazard, HazardCounts

EDGES_S = np.array([0.0, 1.0, 2.0, 5.0])
NOBODY = np.empty(0)


def counts(memory: float = 1e12) -> HazardCounts:
    return HazardCounts(EDGES_S, kinds=2, memory=memory)


@given(finished=st.lists(st.floats(0, 50), max_size=20), running=st.lists(st.floats(0, 50)))
def test_all_time_at_risk_is_counted_overflow_bin_included(
    finished: list[float], running: list[float]
) -> None:
    table = counts()
    for duration_s in finished:
        table.record(duration_s, 0)
    at_risk_s = table.time_at_risk(np.array(running))
    assert at_risk_s.sum() == pytest.approx(sum(finished) + sum(running))
    assert table.endings.sum() == pytest.approx(len(finished))


def test_time_goes_to_the_bins_it_passed() -> None:
    table = counts()
    table.record(9.0, 1)
    np.testing.assert_allclose(table.at_risk_s, [1.0, 1.0, 3.0, 4.0])
    np.testing.assert_allclose(table.endings, [[0, 0, 0, 0], [0, 0, 0, 1]])


def test_running_durations_lower_the_rates() -> None:
    table = counts()
    for _ in range(10):
        table.record(0.5, 0)
    alone = table.rates_hz(NOBODY, 0.1, 0.5)[0, 0]
    with_others = table.rates_hz(np.full(1_000, 0.5), 0.1, 0.5)[0, 0]
    assert with_others < alone / 20


def test_rates_of_exponential_durations_are_recovered() -> None:
    table = counts()
    for duration_s in np.random.default_rng(5).exponential(4.0, 4_000):
        table.record(float(duration_s), 0)
    np.testing.assert_allclose(table.rates_hz(NOBODY, 1.0, 0.5)[0], 0.25, rtol=0.1)


def test_old_evidence_fades() -> None:
    table = counts(memory=10.0)
    table.record(0.5, 0)
    for _ in range(10):
        table.record(0.5, 1)
    assert table.endings[0, 0] == pytest.approx(np.exp(-1.0))


def test_a_cumulative_hazard_goes_on_beyond_the_last_edge() -> None:
    hazard = CumulativeHazard(EDGES_S, np.array([1.0, 2.0, 0.5, 0.1]))
    np.testing.assert_allclose(hazard(np.array([0.5, 1.5, 5.0, 15.0])), [0.5, 2.0, 4.5, 5.5])
