from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from pacing.risk import Prospect, launches_within, poisson_binomial

biases = st.lists(st.floats(0.0, 1.0), max_size=8)


def prospect(
    answered: list[float], freed: list[float], spare: int, fresh: float = 0.25
) -> Prospect:
    return Prospect(
        answered=np.array([answered] * 2).reshape(2, -1),
        freed=np.array([freed] * 2).reshape(2, -1),
        fresh=np.array([fresh, fresh]),
        spare=spare,
        evidence=1e9,
    )


def by_enumeration(coins: list[float]) -> list[float]:
    heads = [0.0] * (len(coins) + 1)
    for toss in product((0, 1), repeat=len(coins)):
        heads[sum(toss)] += float(
            np.prod([c if t else 1 - c for c, t in zip(coins, toss, strict=True)])
        )
    return heads


@given(coins=biases)
@settings(deadline=None)
def test_the_distribution_is_that_of_all_tosses(coins: list[float]) -> None:
    found = poisson_binomial(np.array([coins, coins]).reshape(2, -1))
    np.testing.assert_allclose(found, [by_enumeration(coins)] * 2, atol=1e-12)


def test_the_risk_is_that_of_more_answers_than_agents() -> None:
    # Two calls in flight at 1/2 each, one idle agent: the next call meets nobody when either
    # is answered first.
    assert launches_within(prospect([0.5, 0.5], [], 1), 0.7, 9, exact=True) == (0, 0.75)
    # A busy agent who comes back in half of all cases covers one answer more.
    _, risk = launches_within(prospect([0.5, 0.5], [0.5], 1), 0.0, 9, exact=True)
    assert risk == pytest.approx(0.75 * 0.5 + 0.25 * 0.5)


def test_calls_are_launched_up_to_the_acceptable_risk() -> None:
    p = prospect([], [], 1, fresh=0.25)
    assert launches_within(p, 0.2, 9, exact=True) == (1, 0.0)
    assert launches_within(p, 0.25, 9, exact=True) == (2, 0.25)
    assert launches_within(p, 0.7, 2, exact=True) == (2, 0.25)


def test_people_who_wait_come_first() -> None:
    assert launches_within(prospect([], [0.9], -2), 0.69, 9, exact=True) == (0, 1.0)
    assert launches_within(prospect([], [0.9], -2), 0.69, 9, exact=False) == (0, 1.0)


@given(
    answered=st.integers(60, 120),
    busy=st.integers(200, 500),
    theta=st.floats(0.01, 0.1),
    spare=st.integers(0, 40),
)
@settings(max_examples=40, deadline=None)
def test_the_approximation_launches_nearly_as_many(
    answered: int, busy: int, theta: float, spare: int
) -> None:
    p = prospect([0.2] * answered, [0.07] * busy, spare)
    exact, _ = launches_within(p, theta, 500, exact=True)
    approximate, _ = launches_within(p, theta, 500, exact=False)
    assert abs(exact - approximate) <= 2


def test_an_uncertain_answer_rate_makes_the_approximation_careful() -> None:
    sure = prospect([0.2] * 100, [0.1] * 300, 5)
    unsure = Prospect(sure.answered, sure.freed, sure.fresh, sure.spare, evidence=10.0)
    launches = [launches_within(p, 0.05, 500, exact=False)[0] for p in (unsure, sure)]
    assert launches[0] < launches[1]
