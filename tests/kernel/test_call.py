from __future__ import annotations

import pytest

from kernel.call import OPEN_STATES, TRANSITIONS, AttemptState, may_follow


def test_every_state_has_a_row_in_the_table() -> None:
    assert set(TRANSITIONS) == set(AttemptState)


def test_ranks_only_rise_along_the_table() -> None:
    for before, following in TRANSITIONS.items():
        for after in following:
            assert after > before


@pytest.mark.parametrize("last", [AttemptState.ENDED, AttemptState.VOID])
def test_the_end_is_final(last: AttemptState) -> None:
    assert TRANSITIONS[last] == frozenset()


def test_every_open_state_can_end_and_can_become_unknown() -> None:
    for state in OPEN_STATES:
        assert may_follow(state, AttemptState.ENDED)
        assert may_follow(state, AttemptState.UNKNOWN)


def test_only_an_attempt_that_never_reached_a_switch_may_be_void() -> None:
    voidable = {s for s in AttemptState if may_follow(s, AttemptState.VOID)}
    assert voidable == {AttemptState.INTENT}


def test_every_state_can_be_reached_from_the_first() -> None:
    reached = {AttemptState.INTENT}
    while new := {a for s in reached for a in TRANSITIONS[s]} - reached:
        reached |= new
    assert reached == set(AttemptState)
