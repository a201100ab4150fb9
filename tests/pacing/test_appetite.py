from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from pacing.appetite import AIM, HIGHEST, LOWEST, STEP, Appetite


def test_at_the_aim_it_stays_where_it_is() -> None:
    appetite = Appetite(0.03)
    before = appetite.theta(1.0, 5)
    appetite.learn(answers=10_000, abandoned=round(10_000 * 0.03 * AIM))
    assert appetite.theta(1.0, 5) == pytest.approx(before, rel=STEP)


@given(news=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 50))))
def test_it_stays_within_bounds(news: list[tuple[int, int]]) -> None:
    appetite = Appetite(0.03)
    for answers, abandoned in news:
        appetite.learn(answers, abandoned)
        assert LOWEST * 0.999 <= appetite.theta(1.0, 5) <= HIGHEST * 1.001


def test_debt_cuts_small_floors_deeper_than_large_ones() -> None:
    appetite = Appetite(0.03)
    free = appetite.theta(1.0, 5)
    assert appetite.theta(-1.0, 5) < appetite.theta(-1.0, 1_000) < free
    assert appetite.theta(-1e9, 1_000) > free / 13
