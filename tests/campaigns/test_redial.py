from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from campaigns.redial import SETTLED, LeadState, RedialRules
from kernel.call import Result
from kernel.errors import InputError

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RULES = RedialRules()


@pytest.mark.parametrize("result", SETTLED)
def test_some_results_settle_a_name_at_once(result: Result) -> None:
    assert RULES.after(result, 1, NOW).state is SETTLED[result]


def test_a_person_who_was_reached_is_done_even_at_the_last_attempt() -> None:
    assert RULES.after(Result.ANSWERED_HUMAN, 99, NOW).state is LeadState.DONE


@given(st.sampled_from(Result), st.integers(1, 10), st.integers(1, 10))
def test_a_name_is_ready_again_only_with_attempts_left_and_never_before_the_gap(
    result: Result, attempts: int, most: int
) -> None:
    rules = RedialRules(max_attempts=most, min_gap=timedelta(minutes=20))
    step = rules.after(result, attempts, NOW)
    assert (step.due_at is not None) is (step.state is LeadState.READY)
    if step.due_at is not None:
        assert attempts < most
        assert step.due_at - NOW >= rules.min_gap


def test_delays_differ_by_result() -> None:
    busy, later = RULES.after(Result.BUSY, 1, NOW), RULES.after(Result.NO_ANSWER, 1, NOW)
    assert busy.due_at is not None
    assert later.due_at is not None
    assert busy.due_at < later.due_at


def test_impossible_rules_cannot_be_built() -> None:
    with pytest.raises(InputError, match="max_attempts"):
        RedialRules(max_attempts=0)
    with pytest.raises(InputError, match="gap"):
        RedialRules(min_gap=timedelta(0))
    with pytest.raises(InputError, match="negative"):
        RedialRules(delays={Result.BUSY: timedelta(seconds=-1)})
