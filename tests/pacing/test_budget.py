from __future__ import annotations

import pytest

from pacing import Limits
from pacing.budget import DAY_S, Budget
from tests.pacing.floors import abandonments, answers


def test_credit_is_what_the_target_leaves() -> None:
    budget = Budget(Limits(target=0.05))
    assert budget.absorb(0.0, (*answers(100), *abandonments(2))) == (100, 2)
    assert budget.credit == pytest.approx(3.0)


@pytest.mark.parametrize(("window", "days"), [("day", 1), ("30d", 30)])
def test_a_window_ends_and_takes_its_credit_with_it(window: str, days: int) -> None:
    budget = Budget(Limits(window=window))  # type: ignore[arg-type]  # both are windows
    budget.absorb(10.0, answers(100))
    budget.absorb(days * DAY_S - 1.0, ())
    assert budget.answers == 100
    budget.absorb(days * DAY_S, ())
    assert budget.answers == 0


def test_a_run_never_ends() -> None:
    budget = Budget(Limits())
    budget.absorb(10.0, answers(100))
    budget.absorb(400 * DAY_S, ())
    assert budget.answers == 100
