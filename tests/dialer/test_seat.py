from __future__ import annotations

import pytest

from dialer.seat import TRANSITIONS, SeatEvent, SeatState, next_seat_state
from kernel.errors import ConflictError


def test_every_state_has_a_row_and_can_be_left_and_reached() -> None:
    assert set(TRANSITIONS) == set(SeatState)
    reached = {SeatState.SIGNED_OUT}
    while new := {s for r in reached for s in TRANSITIONS[r].values()} - reached:
        reached |= new
    assert reached == set(SeatState)
    assert all(TRANSITIONS[state] for state in SeatState)


def test_a_lost_phone_empties_every_seat_that_had_one() -> None:
    for state in set(SeatState) - {SeatState.SIGNED_OUT}:
        assert next_seat_state(state, SeatEvent.LEG_DOWN) is SeatState.SIGNED_OUT


def test_only_a_ready_or_previewing_agent_can_be_given_a_call() -> None:
    can = {s for s in SeatState if SeatEvent.RESERVE in TRANSITIONS[s]}
    assert can == {SeatState.READY, SeatState.PREVIEWING}


@pytest.mark.parametrize("state", SeatState)
@pytest.mark.parametrize("event", SeatEvent)
def test_what_the_table_lacks_is_refused_in_words(state: SeatState, event: SeatEvent) -> None:
    if event in TRANSITIONS[state]:
        assert next_seat_state(state, event) is TRANSITIONS[state][event]
        return
    with pytest.raises(ConflictError, match=rf"{state}.*{event}"):
        next_seat_state(state, event)
