from __future__ import annotations

import numpy as np
import pytest

from pacing import Outcome
from pacing.ring_model import RingModel
from tests.pacing import world
from tests.pacing.world import Person, draw_people

NOTHING = np.empty(0)


def outcome(person: Person, answer_rate: float) -> Outcome:
    if person.luck < answer_rate:
        return Outcome("c", 0.0, person.answers_after_s, "answered")
    return Outcome("c", 0.0, person.otherwise_after_s, person.otherwise)


def feed(model: RingModel, answer_rate: float, calls: int, *, adapt: bool, seed: int = 1) -> None:
    people = draw_people(world.STATIONARY, seed)
    for _ in range(calls):
        model.observe(1.0, [outcome(next(people), answer_rate)], NOTHING, adapt=adapt)


@pytest.fixture
def learned() -> RingModel:
    model = RingModel()
    feed(model, 0.25, 3_000, adapt=False)
    model.rebuild(NOTHING)
    return model


def test_it_learns_the_answer_rate_and_the_time_to_answer(learned: RingModel) -> None:
    assert learned.answer_share == pytest.approx(0.25, abs=0.03)
    # Median of 1.5 s + lognormal(8 s).
    assert learned.answer_s[2] == pytest.approx(9.3, abs=1.0)
    assert learned.fresh[-1] == pytest.approx(0.9 * learned.answer_share)


def test_a_call_late_in_its_ring_is_hardly_answered(learned: RingModel) -> None:
    early, peak, late = learned.answered_within(np.array([0.0, 5.0, 22.0]))[4]
    assert peak > early > late


def test_hints_scale_the_odds(learned: RingModel) -> None:
    elapsed_s = np.array([4.0, 4.0, 4.0])
    low, plain, high = learned.answered_within(elapsed_s, np.array([0.2, 1.0, 3.0]))[4]
    assert low < plain < high <= 1.0
    assert plain == pytest.approx(learned.answered_within(elapsed_s)[4, 0])


@pytest.mark.parametrize("rate", [0.15, 0.5])
def test_the_multiplier_follows_a_step_within_some_forty_answers(
    learned: RingModel, rate: float
) -> None:
    feed(learned, 0.25, 400, adapt=True)
    assert learned.multiplier == pytest.approx(1.0, abs=0.3)
    feed(learned, rate, round(80 / rate), adapt=True, seed=2)
    assert learned.multiplier == pytest.approx(rate / 0.25, rel=0.3)


def test_calls_in_flight_are_expected_answers_too(learned: RingModel) -> None:
    ringing_s = np.zeros(400)
    for second in range(1, 26):
        learned.observe(1.0, [], ringing_s + second, adapt=True)
    # Four hundred calls rang for 25 s and nobody answered: that is evidence without an ending.
    assert learned.multiplier == pytest.approx(0.4)


def test_quick_failures_do_not_make_an_answer_look_impossible() -> None:
    # The start of a large shift: of 4 000 calls the invalid numbers end first.
    model = RingModel()
    failures = [Outcome(f"c{i}", 0.0, 2.0, "invalid") for i in range(160)]
    model.observe(3.0, failures, np.full(3_840, 3.0), adapt=False)
    model.rebuild(np.full(3_840, 3.0))
    assert 0.1 < model.answer_share < 0.9


def test_silence_does_not_forget(learned: RingModel) -> None:
    feed(learned, 0.5, 300, adapt=True)
    before = learned.multiplier
    learned.observe(86_400.0, [], NOTHING, adapt=True)
    assert learned.multiplier == before
