from __future__ import annotations

import numpy as np
import pytest

from pacing import Agent, Served
from pacing.floor import Floor, count_floor
from pacing.handle_model import HandleModel
from tests.pacing.floors import floor

WITHIN_S = np.array([5.0, 8.0, 10.0, 14.0, 20.0])
NOBODY = count_floor(floor())


def busy(talk_s: list[float], wrap_s: list[float]) -> Floor:
    talkers = [Agent(f"t{i}", "talk", 5_000.0 - s) for i, s in enumerate(talk_s)]
    wrappers = [Agent(f"w{i}", "wrap", 5_000.0 - s) for i, s in enumerate(wrap_s)]
    return count_floor(floor(5_000.0, agents=(*talkers, *wrappers)))


def learned(talk_s: list[float], wrap_s: list[float]) -> HandleModel:
    model = HandleModel()
    for talk, wrap in zip(talk_s, wrap_s, strict=True):
        model.observe(Served("c", "a", 0.0, talk, wrap, abandoned=False))
    model.rebuild(NOBODY, WITHIN_S)
    return model


def test_exponential_calls_are_free_at_their_rate() -> None:
    rng = np.random.default_rng(3)
    model = learned(rng.exponential(100, 6_000).tolist(), rng.exponential(10, 6_000).tolist())
    found = model.free_within(busy([30.0, 200.0], [3.0]))
    wrap_only = 1 - np.exp(-WITHIN_S / 10)
    both = 1 - (np.exp(-WITHIN_S / 100) * 100 - np.exp(-WITHIN_S / 10) * 10) / 90
    np.testing.assert_allclose(found[:, 2], wrap_only, atol=0.06)
    np.testing.assert_allclose(found[:, 0], both, atol=0.02)
    np.testing.assert_allclose(found[:, 1], both, atol=0.04)


def test_a_long_talker_is_not_expected_back_soon() -> None:
    rng = np.random.default_rng(3)
    talk_s = (60 * np.exp(1.4 * rng.standard_normal(6_000))).tolist()
    model = learned(talk_s, [1.0] * len(talk_s))
    soon, late = model.free_within(busy([60.0, 1_200.0], []))[4]
    assert late < soon / 3


def test_abandoned_calls_teach_nothing() -> None:
    model = HandleModel()
    before = model.state_dict()
    model.observe(Served("c", "", 0.0, None, None, abandoned=True))
    assert model.state_dict() == before


def test_running_calls_lower_the_rates() -> None:
    model = learned([10.0] * 20, [5.0] * 20)
    before = model.free_within(busy([5.0], []))[4, 0]
    model.rebuild(busy([30.0] * 200, []), WITHIN_S)
    assert model.free_within(busy([5.0], []))[4, 0] < before


def test_what_nobody_has_reached_yet_looks_like_what_was_reached() -> None:
    # Forty seconds into a shift: the refusals have ended, five hundred calls go on.
    model = HandleModel()
    for _ in range(400):
        model.observe(Served("c", "a", 0.0, 20.0, 5.0, abandoned=False))
    model.rebuild(busy([40.0] * 500, []), WITHIN_S)
    assert model.free_within(busy([55.0], []))[4, 0] < 0.1


def test_an_empty_floor_has_nobody_to_wait_for() -> None:
    assert learned([10.0], [5.0]).free_within(NOBODY).shape == (5, 0)


def test_beyond_the_last_edge_the_last_value_holds() -> None:
    model = learned([100.0] * 50, [5.0] * 50)
    at_edge, beyond = model.free_within(busy([1_800.0, 9_000.0], []))[2]
    assert beyond == pytest.approx(at_edge)
