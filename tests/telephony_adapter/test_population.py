from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError
from kernel.phone import PhoneNumber
from telephony_adapter.simulated.people import HangUp, Outcome, PickedUp, Press, Speak, SpeechOver
from telephony_adapter.simulated.population import (
    AnsweringMachine,
    HastyPerson,
    Mix,
    Respondent,
    SeededPopulation,
)

numbers = st.integers(10**9, 10**10 - 1).map(lambda tail: PhoneNumber(f"+86{tail}"))


@given(st.integers(), numbers, st.integers(1, 5))
def test_seed_number_and_attempt_say_everything(seed: int, number: PhoneNumber, no: int) -> None:
    first = SeededPopulation(seed).callee(number, no)
    second = SeededPopulation(seed).callee(number, no)

    assert (first.outcome, first.alert_s, first.ring_s) == (
        second.outcome,
        second.alert_s,
        second.ring_s,
    )
    assert first.alert_s > 0
    assert (first.person is None) == (first.sip_status is not None)


@given(numbers)
def test_an_empty_number_stays_empty(number: PhoneNumber) -> None:
    population = SeededPopulation(1, Mix(answer=0.4, empty_number=0.1))
    outcomes = [population.callee(number, no).outcome for no in range(1, 6)]

    assert outcomes.count(Outcome.EMPTY_NUMBER) in {0, 5}


def test_shares_add_up() -> None:
    with pytest.raises(InputError, match="add up to 1"):
        Mix(answer=0.9)
    with pytest.raises(InputError, match="not negative"):
        Mix(answer=0.55, no_answer=0.25, busy=-0.02)


def test_a_respondent_replies_in_order_and_then_leaves() -> None:
    person = Respondent(("1", "yes"), think_s=1.0, patience_s=4.0, talk_s=9.0)

    assert person.react(PickedUp(), 0.0) == (Speak("hello", 0.4), HangUp(4.0))
    assert person.react(SpeechOver(), 3.0) == (Press("1", 1.0), HangUp(15.0))
    assert person.react(SpeechOver(), 6.0) == (Speak("yes", 1.0), HangUp(15.0))
    assert person.react(SpeechOver(), 9.0) == (HangUp(1.0),)


def test_the_hasty_and_the_machine() -> None:
    assert HastyPerson(1.5).react(PickedUp(), 0.0) == (HangUp(1.5),)
    assert HastyPerson(1.5).react(SpeechOver(), 1.0) is None
    assert AnsweringMachine(30.0).react(PickedUp(), 0.0) == (Speak("voicemail", 0.3),)
    assert AnsweringMachine(30.0).react(SpeechOver(), 1.0) is None
