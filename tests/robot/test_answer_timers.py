from __future__ import annotations

import pytest

from robot.answer_timers import TYPED_AHEAD_PAUSE_S, AnswerTimers
from scripts_dsl import DigitsTimeout, Listen, Silence

QUESTION = Listen(("red",), frozenset("1"), 4, 5.0, 500, 3.0)
ANY_TIME = Listen(("stop",), frozenset("9"), 1, None, 500, 3.0)


def asked(question: Listen) -> AnswerTimers:
    timers = AnswerTimers()
    timers.asked(question)
    return timers


def test_the_time_to_answer_runs_only_on_a_quiet_line() -> None:
    timers = asked(QUESTION)
    assert timers.next_s(busy=False) is None
    timers.line_quiet(10.0)
    assert timers.next_s(busy=False) == 15.0
    assert timers.next_s(busy=True) is None
    assert timers.ring(15.0, busy=True) is None
    assert timers.ring(14.9, busy=False) is None
    assert timers.ring(15.0, busy=False) == Silence()
    assert timers.ring(15.0, busy=False) is None


@pytest.mark.parametrize(
    ("question", "pause_s"), [(QUESTION, 3.0), (ANY_TIME, TYPED_AHEAD_PAUSE_S)]
)
def test_each_key_may_be_followed_by_another(question: Listen, pause_s: float) -> None:
    timers = asked(question)
    timers.line_quiet(10.0)
    timers.key_pressed(11.0)
    timers.key_pressed(12.0)
    assert timers.next_s(busy=True) == 12.0 + pause_s
    assert timers.ring(12.0 + pause_s, busy=True) == DigitsTimeout()
    assert timers.next_s(busy=False) is None


def test_nothing_rings_for_a_turn_that_is_over() -> None:
    timers = asked(QUESTION)
    timers.line_quiet(10.0)
    timers.key_pressed(11.0)
    timers.dropped()
    timers.line_quiet(12.0)
    assert not timers.waiting
    assert timers.next_s(busy=False) is None
    assert timers.ring(99.0, busy=False) is None


def test_what_counts_at_any_time_is_not_waited_for() -> None:
    timers = asked(ANY_TIME)
    timers.line_quiet(10.0)
    assert not timers.waiting
    assert timers.next_s(busy=False) is None
