from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from campaigns.campaign import CampaignPlan, Mode
from kernel.call import Result
from kernel.ids import AttemptId
from kernel.phone import PhoneNumber
from sim.oracle import Outcomes, digest, judge
from sim.run import MORNING
from telephony_adapter.simulated.people import Outcome
from telephony_adapter.simulated.truth import InviteRecord

PLAN = CampaignPlan("judged", Mode.PROGRESSIVE, lines=1)
NUMBER = PhoneNumber("+8613900000001")
MINUTE = timedelta(minutes=1)


def ring(number: int, at: datetime = MORNING) -> InviteRecord:
    """Answered after ten seconds, met a second later, over after a minute."""
    answered = at + timedelta(seconds=10)
    return InviteRecord(
        AttemptId(UUID(int=number)),
        NUMBER,
        number,
        at,
        Outcome.ANSWER,
        answered_at=answered,
        ended_at=at + MINUTE,
        met_at=answered + timedelta(seconds=1),
    )


def seen(*truth: InviteRecord, plan: CampaignPlan = PLAN, **other: object) -> set[str]:
    outcomes = Outcomes(
        {invite.attempt_id: Result.ANSWERED_HUMAN for invite in truth},
        {invite.attempt_id: invite.number.e164 for invite in truth},
    )
    judged = judge(truth, plan, replace(outcomes, **other), voice_within_s=2.5)  # type: ignore[arg-type]
    return {violation.invariant for violation in judged}


def test_a_good_run_has_no_violation() -> None:
    assert seen() == set()
    assert seen(ring(1), ring(2, MORNING + 40 * MINUTE)) == set()


def test_each_broken_promise_has_its_name() -> None:
    later = MORNING + 40 * MINUTE
    one = ring(1)
    assert seen(one, ring(2, MORNING + 29 * MINUTE)) == {"I1"}
    four = [ring(n, MORNING + (n - 1) * 40 * MINUTE) for n in range(1, 5)]
    assert seen(*four) == {"I2"}
    assert seen(ring(1, MORNING - timedelta(hours=4))) == {"I4"}
    assert seen(one, numbers={one.attempt_id: "+8613900000002"}) == {"I6"}
    assert seen(replace(one, met_at=None)) == {"I7"}
    assert seen(replace(one, met_at=MORNING + timedelta(seconds=13))) == {"I7"}
    other = replace(ring(2), number=PhoneNumber("+8613900000002"))
    assert seen(one, other) == {"I9"}
    assert seen(one, ring(2, later), results={one.attempt_id: Result.ANSWERED_HUMAN}) == {"I13"}
    assert seen(replace(one, ended_at=None)) == {"I14"}
    assert seen(one, legs_left=1) == {"I14"}
    assert seen(one, results={one.attempt_id: Result.NO_ANSWER}) == {"I20"}
    unanswered = replace(one, answered_at=None, met_at=None)
    assert seen(unanswered) == {"I20"}
    assert seen(unanswered, results={one.attempt_id: Result.UNKNOWN}) == set()


def test_a_person_who_leaves_within_the_limit_met_no_silence() -> None:
    hasty = replace(ring(1), met_at=None, ended_at=MORNING + timedelta(seconds=12))
    assert seen(hasty) == set()


@pytest.mark.parametrize(
    "change",
    [
        {"number": PhoneNumber("+8613900000009")},
        {"ended_at": None},
        {"met_at": None},
        {"digits_sent": "1"},
    ],
)
def test_different_histories_have_different_digests(change: dict[str, object]) -> None:
    outcomes = Outcomes({}, {})
    other = replace(ring(1), **change)  # type: ignore[arg-type]
    assert digest([ring(1)], outcomes) == digest([ring(1)], outcomes)
    assert digest([ring(1)], outcomes) != digest([other], outcomes)


def test_numbers_stay_masked_in_violations() -> None:
    outcomes = Outcomes({}, {})
    for violation in judge([ring(1), ring(2)], PLAN, outcomes, voice_within_s=0.1):
        assert NUMBER.e164 not in violation.what
