from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dialer.ports import Epoch, OpenAttempt
from dialer.reconcile import (
    GRACE,
    Adopt,
    Conclude,
    Finding,
    GiveUp,
    Void,
    findings,
    to_ask,
)
from kernel.call import AttemptState
from kernel.ids import AttemptId, CampaignId, LeadId
from kernel.phone import PhoneNumber
from kernel.telephony import CallEnded, CallId, Finished, Live, NeverSeen, Sighting, Untold

DEADLINE = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LATE = DEADLINE + GRACE + timedelta(seconds=1)
OURS = Epoch(1)
ENDED = CallEnded(CallId(UUID(int=1)), 17, 486)


def attempt(state: AttemptState = AttemptState.INTENT, number: int = 1) -> OpenAttempt:
    return OpenAttempt(
        AttemptId(UUID(int=number)),
        CampaignId(UUID(int=100)),
        LeadId(UUID(int=200 + number)),
        PhoneNumber("+8613800000000"),
        1,
        {},
        state,
        Epoch(1),
        "boot",
        DEADLINE,
        None,
    )


def found(open_attempt: OpenAttempt, sighting: Sighting, now: datetime = LATE) -> list[Finding]:
    return findings([open_attempt], {open_attempt.attempt: sighting}, now)


def test_a_young_attempt_may_still_be_on_its_way_to_the_switch() -> None:
    young = attempt()
    assert to_ask([young], [], OURS, DEADLINE) == []
    assert to_ask([young], [], OURS, DEADLINE + timedelta(seconds=1)) == [young]


def test_an_earlier_engines_attempt_may_ring_and_is_asked_about_at_once() -> None:
    left = attempt()
    assert to_ask([left], [], Epoch(OURS + 1), DEADLINE) == [left]
    assert found(left, Live(AttemptState.RINGING), DEADLINE) == [Adopt(left, AttemptState.RINGING)]
    assert found(left, NeverSeen(), DEADLINE) == []
    assert found(left, Untold(), DEADLINE) == []


def test_a_later_engines_attempts_are_its_own_business() -> None:
    assert to_ask([replace(attempt(), epoch=Epoch(OURS + 1))], [], OURS, LATE) == []


def test_an_attempt_that_is_followed_here_is_not_asked_about() -> None:
    known = attempt()
    assert to_ask([known], [known.attempt], OURS, LATE) == []


def test_a_live_call_is_adopted_at_the_higher_state() -> None:
    assert found(attempt(AttemptState.SENT), Live(AttemptState.RINGING)) == [
        Adopt(attempt(AttemptState.SENT), AttemptState.RINGING)
    ]
    assert found(attempt(AttemptState.CONNECTED), Live(AttemptState.ANSWERED)) == [
        Adopt(attempt(AttemptState.CONNECTED), AttemptState.CONNECTED)
    ]


def test_a_finished_call_is_concluded_by_its_record() -> None:
    sighting = Finished(AttemptState.EARLY, ENDED, None, LATE)
    assert found(attempt(AttemptState.SENT), sighting) == [
        Conclude(attempt(AttemptState.SENT), AttemptState.EARLY, ENDED)
    ]


def test_only_an_unsent_attempt_past_its_grace_is_void() -> None:
    assert found(attempt(), NeverSeen(), DEADLINE + GRACE) == []
    assert found(attempt(), NeverSeen()) == [Void(attempt())]
    sent = attempt(AttemptState.SENT)
    assert found(sent, NeverSeen()) == [GiveUp(sent)]


@pytest.mark.parametrize("state", [s for s in AttemptState if s < AttemptState.UNKNOWN])
def test_doubt_is_never_taken_for_not_dialed(state: AttemptState) -> None:
    open_attempt = attempt(state)
    assert found(open_attempt, Untold()) == [GiveUp(open_attempt)]


def test_an_attempt_the_switch_did_not_mention_is_left_alone() -> None:
    assert findings([attempt()], {}, LATE) == []


def test_each_attempt_is_decided_on_its_own() -> None:
    one, two = attempt(number=1), replace(attempt(number=2), state=AttemptState.RINGING)
    both: dict[AttemptId, Sighting] = {one.attempt: NeverSeen(), two.attempt: Untold()}
    assert findings([one, two], both, LATE) == [Void(one), GiveUp(two)]
