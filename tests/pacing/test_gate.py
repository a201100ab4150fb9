from __future__ import annotations

import pytest

from pacing import POLICIES, Limits, Outcome, create_pacer
from pacing.floor import count_floor
from pacing.gate import Gate
from tests.pacing.floors import floor

every_policy = pytest.mark.parametrize("policy", sorted(POLICIES))


@every_policy
def test_nothing_is_launched_that_could_ring_past_the_end_of_the_shift(policy: str) -> None:
    pacer = create_pacer(policy, Limits())
    assert pacer.decide(floor(now=100.0, idle=3, shift_ends_at=131.0)).launch == 3
    late = pacer.decide(floor(now=101.5, idle=3, shift_ends_at=131.0))
    assert (late.launch, "shift ends" in late.reason) == (0, True)


@every_policy
def test_the_last_ring_allowed_is_the_longest_ever_seen(policy: str) -> None:
    pacer = create_pacer(policy, Limits())
    rang_out = (Outcome("c", 0.0, 45.0, "no_answer"),)
    s = floor(now=100.0, idle=3, shift_ends_at=140.0, events=rang_out)
    assert pacer.decide(s).launch == 0
    assert pacer.decide(floor(now=100.0, idle=3, shift_ends_at=150.0)).launch == 3


def test_a_short_first_ring_does_not_shorten_the_drain() -> None:
    gate = Gate(Limits())
    s = floor(now=100.0, idle=1, events=(Outcome("c", 96.0, 97.0, "busy"),))
    gate.room(s, count_floor(s))
    assert gate.ring_limit_s == 15.0


@every_policy
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"leads_left": 2}, "no more names"),
        ({"lines_free": 2}, "no more free lines"),
        ({"lines_free": -1}, "no more free lines"),
    ],
)
def test_the_tightest_limit_is_named(policy: str, changes: dict[str, int], words: str) -> None:
    decision = create_pacer(policy, Limits()).decide(floor(idle=3, **changes))
    assert decision.launch == max(0, min(changes.values()))
    assert words in decision.reason


@every_policy
def test_calls_per_second_are_granted_in_small_portions(policy: str) -> None:
    pacer = create_pacer(policy, Limits(max_cps=2.0))
    launches = [pacer.decide(floor(now=t / 4, idle=100)).launch for t in range(9)]
    assert launches == [2, 0, 1, 0, 1, 0, 1, 0, 1]
    asked_again = create_pacer(policy, Limits(max_cps=2.0)).decide(floor(now=0.0, idle=9))
    assert asked_again.wake_at is not None
    assert "calls per second" in asked_again.reason


@every_policy
def test_lines_per_agent_bind(policy: str) -> None:
    pacer = create_pacer(policy, Limits(max_lines_per_agent=1))
    assert pacer.decide(floor(idle=3, talk=1, ringing=2)).launch == 1
    assert pacer.decide(floor(talk=2, ringing=2, idle=1)).launch == 0
