from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.campaign import CampaignState, Mode
from campaigns.redial import LeadState
from dialer import claiming, desk, dialing
from dialer.commands import ClaimNames, Dial
from dialer.live_call import Holder
from dialer.ports import PreviewName
from kernel.call import AttemptState, EndedBy, Result
from kernel.telephony import (
    CallAnswered,
    CallEarlyMedia,
    CallEnded,
    CallId,
    CallRinging,
    DigitPressed,
    Reply,
)
from tests.dialer.scenario import Scenario


def test_one_call_per_free_agent_in_progressive_mode() -> None:
    story = Scenario(Mode.PROGRESSIVE)
    story.agent()
    story.agent()
    story.agent(ready=False)
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == [ClaimNames(2)]
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == []


def test_a_robot_campaign_fills_its_lines() -> None:
    story = Scenario(Mode.ROBOT, lines=7)
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == [ClaimNames(7)]


def test_the_call_rate_is_kept() -> None:
    story = Scenario(Mode.ROBOT, lines=100, max_cps=5.0)
    claiming.pace(story.floor, story.now)
    [first] = story.take(ClaimNames)
    assert first.count == 5
    story.dial(first)
    story.wait(0.9)
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == []
    story.wait(0.2)
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == [ClaimNames(5)]


@pytest.mark.parametrize("state", [s for s in CampaignState if s is not CampaignState.RUNNING])
def test_only_a_running_campaign_dials(state: CampaignState) -> None:
    story = Scenario(Mode.ROBOT)
    object.__setattr__(story.floor.campaign, "state", state)
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == []


def test_nothing_is_dialed_while_the_switch_is_away() -> None:
    story = Scenario(Mode.ROBOT)
    story.floor.switch_up = False
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == []


def test_nothing_is_dialed_outside_the_hours() -> None:
    story = Scenario(Mode.ROBOT)
    story.wait(12 * 3600)
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == []


def test_a_name_claimed_too_late_is_given_back_and_never_sent() -> None:
    story = Scenario(Mode.ROBOT)
    story.floor.claiming = 1
    name = story.name()
    claiming.names_claimed(story.floor, ClaimNames(1), [name], story.now.mono_s + 0.4, story.now)
    assert story.take(Dial) == []
    assert [(r.attempt, r.state) for r in story.records()] == [(name.attempt, AttemptState.VOID)]
    assert not story.floor.calls


def test_a_claim_that_failed_dials_nothing() -> None:
    story = Scenario(Mode.ROBOT, lines=3)
    claiming.pace(story.floor, story.now)
    [asked] = story.take(ClaimNames)
    ids = [story.name().attempt for _ in range(3)]
    claiming.claim_failed(story.floor, asked, ids, story.now)
    assert story.floor.claiming == 0
    assert [(r.attempt, r.state) for r in story.records()] == [(i, AttemptState.VOID) for i in ids]
    assert not story.take(Dial)
    assert story.floor.leads_left == 0


def test_fewer_names_than_asked_means_none_are_left_for_now() -> None:
    story = Scenario(Mode.ROBOT, lines=3)
    claiming.pace(story.floor, story.now)
    [asked] = story.take(ClaimNames)
    claiming.names_claimed(story.floor, asked, [story.name()], story.now.mono_s + 3, story.now)
    story.commands()
    claiming.pace(story.floor, story.now)
    assert story.take(ClaimNames) == []


def test_a_name_that_waited_too_long_in_this_process_is_not_sent() -> None:
    story = Scenario(Mode.ROBOT)
    story.floor.claiming = 2
    names = [story.name(), story.name()]
    claiming.names_claimed(story.floor, ClaimNames(2), names, story.now.mono_s + 3, story.now)
    first, second = story.take(Dial)
    assert claiming.still_due(story.floor, first, story.now)
    story.wait(2.6)
    assert not claiming.still_due(story.floor, second, story.now)
    assert story.records()[-1].state is AttemptState.VOID
    # It is gone: asking once more changes nothing.
    assert not claiming.still_due(story.floor, second, story.now)
    assert story.commands() == []


def test_a_name_chosen_by_an_agent_who_has_left_is_not_dialed() -> None:
    story = Scenario(Mode.PREVIEW)
    agent = story.agent()
    name = story.name()
    shown = PreviewName(name.lead, name.number, 0, {})
    desk.preview_found(story.floor, agent, shown, story.now)
    desk.preview_dial(story.floor, agent, story.now)
    [asked] = story.take(ClaimNames)
    desk.leg_down(story.floor, story.seat(agent).leg, story.now)
    claiming.names_claimed(story.floor, asked, [name], story.now.mono_s + 3, story.now)
    assert not story.take(Dial)
    assert story.records()[-1].state is AttemptState.VOID


def test_a_name_whose_agent_leaves_before_it_is_sent_is_not_dialed() -> None:
    story = Scenario(Mode.PREVIEW)
    agent = story.agent()
    name = story.name()
    shown = PreviewName(name.lead, name.number, 0, {})
    desk.preview_found(story.floor, agent, shown, story.now)
    desk.preview_dial(story.floor, agent, story.now)
    [asked] = story.take(ClaimNames)
    claiming.names_claimed(story.floor, asked, [name], story.now.mono_s + 3, story.now)
    [dial] = story.take(Dial)
    desk.leg_down(story.floor, story.seat(agent).leg, story.now)
    assert not claiming.still_due(story.floor, dial, story.now)
    assert story.records()[-1].state is AttemptState.VOID


def test_a_preview_campaign_launches_nothing_by_itself() -> None:
    story = Scenario(Mode.PREVIEW)
    story.agent()
    claiming.pace(story.floor, story.now)
    assert not story.take(ClaimNames)


@pytest.mark.parametrize("reached", [AttemptState.RINGING, AttemptState.ANSWERED])
def test_a_call_whose_whole_life_was_missed_gets_its_true_result(reached: AttemptState) -> None:
    story = Scenario(Mode.PROGRESSIVE)
    [attempt] = story.dial()
    event = CallEnded(CallId(attempt), 16, ended_by=EndedBy.CALLEE)
    if reached is AttemptState.RINGING:
        event = CallEnded(CallId(attempt), 19, 480, EndedBy.NETWORK)
    dialing.ended_unseen(story.floor, story.call(attempt), reached, event, story.now)
    answered = reached is AttemptState.ANSWERED
    result = Result.ABANDONED if answered else Result.UNREACHABLE
    assert story.records()[-1].result is result
    assert story.floor.counts.answered == answered
    assert story.floor.counts.abandoned == answered


def test_only_who_has_picked_up_hangs_up_in_the_normal_way() -> None:
    story = Scenario(Mode.PROGRESSIVE)
    picked_up, by_us = story.dial(names=2)
    story.end(picked_up, cause=16, by=EndedBy.CALLEE)
    assert story.records()[-1].result is Result.ABANDONED
    story.end(by_us, cause=16, by=EndedBy.US)
    assert story.records()[-1].result is Result.CANCELLED


def test_an_expired_command_leaves_the_name_untouched() -> None:
    story = Scenario(Mode.ROBOT)
    story.floor.claiming = 1
    name = story.name()
    claiming.names_claimed(story.floor, ClaimNames(1), [name], story.now.mono_s + 3, story.now)
    dialing.dial_replied(story.floor, name.attempt, Reply.EXPIRED, story.now)
    assert story.records()[-1].state is AttemptState.VOID


def test_a_duplicate_counts_as_rung_and_is_not_redialed_soon() -> None:
    story = Scenario(Mode.ROBOT)
    story.floor.claiming = 1
    name = story.name()
    claiming.names_claimed(story.floor, ClaimNames(1), [name], story.now.mono_s + 3, story.now)
    dialing.dial_replied(story.floor, name.attempt, Reply.DUPLICATE, story.now)
    last = story.records()[-1]
    assert (last.state, last.result) == (AttemptState.UNKNOWN, Result.UNKNOWN)
    assert last.next_step is not None
    assert last.next_step.due_at is not None
    assert last.next_step.due_at - story.now.wall >= timedelta(minutes=30)


def test_a_dial_in_doubt_is_left_to_reconciliation() -> None:
    story = Scenario(Mode.ROBOT)
    story.floor.claiming = 1
    name = story.name()
    claiming.names_claimed(story.floor, ClaimNames(1), [name], story.now.mono_s + 3, story.now)
    story.commands()
    dialing.in_doubt(story.floor, name.attempt)
    assert story.commands() == []
    # It may ring: until that is known it keeps its line.
    assert story.floor.lines_free == story.floor.plan.lines - 1
    assert story.call(name.attempt).in_doubt


def test_any_event_ends_the_doubt() -> None:
    story = Scenario(Mode.ROBOT)
    story.floor.claiming = 1
    name = story.name()
    claiming.names_claimed(story.floor, ClaimNames(1), [name], story.now.mono_s + 3, story.now)
    dialing.in_doubt(story.floor, name.attempt)
    story.answer(name.attempt)
    call = story.call(name.attempt)
    assert not call.in_doubt
    assert call.holder is Holder.ROBOT
    assert story.floor.counts.dialed == 1


def test_a_refused_call_is_a_network_failure() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    dialing.dial_refused(story.floor, attempt, story.now)
    assert story.records()[-1].result is Result.NETWORK_FAILURE


@pytest.mark.parametrize(
    ("sip", "cause", "result", "state"),
    [
        (486, 17, Result.BUSY, LeadState.READY),
        (404, 1, Result.EMPTY_NUMBER, LeadState.GAVE_UP),
        (480, 19, Result.UNREACHABLE, LeadState.READY),
    ],
)
def test_an_unanswered_call_gets_its_result_and_next_step(
    sip: int, cause: int, result: Result, state: LeadState
) -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.end(attempt, sip=sip, cause=cause, by=EndedBy.NETWORK)
    last = story.records()[-1]
    assert (last.state, last.result, last.sip_status) == (AttemptState.ENDED, result, sip)
    assert last.next_step is not None
    assert last.next_step.state is state


def test_late_repeated_and_reordered_events_change_nothing() -> None:
    story = Scenario(Mode.PROGRESSIVE)
    [attempt] = story.dial()
    leg = CallId(attempt)
    story.answer(attempt)
    story.commands()
    for event in (CallRinging(leg), CallEarlyMedia(leg), CallAnswered(leg), DigitPressed(leg, "1")):
        dialing.switch_event(story.floor, event, story.now)
    assert story.commands() == []
    story.end(attempt)
    story.commands()
    story.end(attempt)
    story.answer(attempt)
    assert story.commands() == []


def test_an_end_before_the_answer_event_still_ends() -> None:
    story = Scenario(Mode.PROGRESSIVE)
    [attempt] = story.dial()
    story.end(attempt, cause=16)
    assert story.records()[-1].state is AttemptState.ENDED


def test_a_campaign_is_over_when_nothing_is_left_or_it_is_drained() -> None:
    story = Scenario(Mode.ROBOT)
    assert dialing.may_finish(story.floor, unsettled=0)
    assert not dialing.may_finish(story.floor, unsettled=1)
    [attempt] = story.dial()
    assert not dialing.may_finish(story.floor, unsettled=0)
    story.end(attempt)
    object.__setattr__(story.floor.campaign, "state", CampaignState.DRAINING)
    assert dialing.may_finish(story.floor, unsettled=5)
    assert not dialing.may_finish(story.floor, unsettled=5, open_attempts=1)
    object.__setattr__(story.floor.campaign, "state", CampaignState.PAUSED)
    assert not dialing.may_finish(story.floor, unsettled=0)
