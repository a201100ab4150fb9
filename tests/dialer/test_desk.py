from __future__ import annotations

import pytest

from campaigns.campaign import Mode
from dialer import claiming, desk, dialing, serving
from dialer.commands import ClaimNames, Dial, DropLeg, FetchPreview, HangUp, Join, WriteSeat
from dialer.ports import PreviewName
from dialer.seat import SeatEvent, SeatState
from kernel.call import Result
from kernel.errors import ConflictError
from kernel.ids import AgentId, AttemptId, LeadId
from kernel.phone import PhoneNumber
from kernel.telephony import CallId, Reply
from tests.dialer.scenario import Scenario


def talking(story: Scenario) -> tuple[AgentId, AttemptId]:
    agent = story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    serving.joined(story.floor, attempt, agent, story.now)
    story.commands()
    return agent, attempt


def test_signing_in_rings_the_phone_and_waits_for_it() -> None:
    story = Scenario()
    agent = story.agent(ready=False)
    assert story.seat(agent).state is SeatState.PAUSED
    with pytest.raises(ConflictError, match="already"):
        desk.sign_in(story.floor, agent, "sim:1", CallId(story.ids.new()), story.now)


def test_a_pause_during_a_talk_waits_for_the_end_of_wrap_up() -> None:
    story = Scenario()
    agent, attempt = talking(story)
    desk.pause(story.floor, agent, "lunch", story.now)
    assert story.seat(agent).state is SeatState.TALKING
    story.end(attempt)
    assert story.seat(agent).state is SeatState.WRAP_UP
    desk.wrapped_up(story.floor, agent, story.now)
    assert story.seat(agent).state is SeatState.PAUSED
    last = story.take(WriteSeat)[-1]
    assert last.change.reason == "lunch"


def test_a_pause_can_be_taken_back_during_the_talk() -> None:
    story = Scenario()
    agent, attempt = talking(story)
    desk.pause(story.floor, agent, "lunch", story.now)
    desk.ready(story.floor, agent, story.now)
    story.end(attempt)
    desk.wrapped_up(story.floor, agent, story.now)
    assert story.seat(agent).state is SeatState.READY


def test_a_pause_in_wrap_up_ends_it() -> None:
    story = Scenario()
    agent, attempt = talking(story)
    story.end(attempt)
    desk.pause(story.floor, agent, "break", story.now)
    assert story.seat(agent).state is SeatState.PAUSED


def test_signing_out_hangs_up_the_phone() -> None:
    story = Scenario()
    agent = story.agent()
    leg = story.seat(agent).leg
    desk.sign_out(story.floor, agent, story.now)
    assert [c.leg for c in story.take(DropLeg)] == [leg]
    with pytest.raises(ConflictError, match="not signed in"):
        story.seat(agent)


def test_signing_out_during_a_talk_waits_and_in_wrap_up_does_not() -> None:
    story = Scenario()
    agent, attempt = talking(story)
    desk.sign_out(story.floor, agent, story.now)
    story.end(attempt)
    assert story.seat(agent).state is SeatState.WRAP_UP
    desk.wrapped_up(story.floor, agent, story.now)
    assert story.floor.seating.get(agent) is None
    second, attempt = talking(story)
    story.end(attempt)
    desk.sign_out(story.floor, second, story.now)
    assert story.floor.seating.get(second) is None


def test_a_wish_is_granted_when_the_reserved_call_comes_to_nothing() -> None:
    story = Scenario()
    agent = story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    desk.pause(story.floor, agent, "lunch", story.now)
    assert story.seat(agent).state is SeatState.RESERVED
    story.end(attempt)
    assert story.seat(agent).state is SeatState.PAUSED


def test_hanging_up_needs_a_call() -> None:
    story = Scenario()
    agent, attempt = talking(story)
    desk.hang_up(story.floor, agent, story.now)
    assert [c.attempt for c in story.take(HangUp)] == [attempt]
    story.end(attempt)
    with pytest.raises(ConflictError, match="no call"):
        desk.hang_up(story.floor, agent, story.now)


def test_wrap_up_cannot_end_before_it_began() -> None:
    story = Scenario()
    agent, _ = talking(story)
    with pytest.raises(ConflictError, match="wrap-up"):
        desk.wrapped_up(story.floor, agent, story.now)


def test_a_phone_that_drops_while_being_joined_gives_the_call_to_another_agent() -> None:
    story = Scenario()
    first, second = story.agent(), story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    story.commands()
    desk.leg_down(story.floor, story.seat(first).leg, story.now)
    assert story.floor.seating.get(first) is None
    assert [c.agent for c in story.take(Join)] == [second]


def test_a_phone_that_drops_in_a_talk_ends_the_call() -> None:
    story = Scenario()
    agent, attempt = talking(story)
    desk.leg_down(story.floor, story.seat(agent).leg, story.now)
    assert [c.attempt for c in story.take(HangUp)] == [attempt]
    story.end(attempt)
    assert story.records()[-1].result is Result.ANSWERED_HUMAN


def test_a_phone_nobody_knows_changes_nothing() -> None:
    story = Scenario()
    story.agent()
    story.commands()
    desk.leg_down(story.floor, CallId(story.ids.new()), story.now)
    desk.leg_up(story.floor, CallId(story.ids.new()), story.now)
    assert story.commands() == []


# --- preview -----------------------------------------------------------------------------------


def shown(story: Scenario, agent: AgentId) -> PreviewName:
    name = PreviewName(LeadId(story.ids.new()), PhoneNumber("+8613800001111"), 0, {"name": "王芳"})
    desk.preview_found(story.floor, agent, name, story.now)
    return name


def test_a_ready_agent_is_shown_a_name_and_dials_exactly_that() -> None:
    story = Scenario(Mode.PREVIEW)
    agent = story.agent()
    assert [c.agent for c in story.take(FetchPreview)] == [agent]
    name = shown(story, agent)
    assert story.seat(agent).state is SeatState.PREVIEWING
    desk.preview_dial(story.floor, agent, story.now)
    assert story.take(ClaimNames) == [ClaimNames(1, agent, name.lead)]
    [attempt] = story.dial(ClaimNames(1, agent, name.lead))
    assert story.seat(agent).attempt == attempt
    story.answer(attempt)
    assert [c.agent for c in story.take(Join)] == [agent]


def test_a_preview_call_that_fails_frees_the_agent_for_the_next_name() -> None:
    story = Scenario(Mode.PREVIEW)
    agent = story.agent()
    name = shown(story, agent)
    desk.preview_dial(story.floor, agent, story.now)
    story.commands()
    [attempt] = story.dial(ClaimNames(1, agent, name.lead))
    story.end(attempt, sip=486)
    assert story.seat(agent).state is SeatState.READY
    assert [c.agent for c in story.take(FetchPreview)] == [agent]


def test_an_agent_dials_only_on_a_free_line() -> None:
    story = Scenario(Mode.PREVIEW, lines=1)
    first, second = story.agent(), story.agent()
    shown(story, first)
    shown(story, second)
    desk.preview_dial(story.floor, first, story.now)
    with pytest.raises(ConflictError):
        desk.preview_dial(story.floor, second, story.now)
    assert story.seat(second).state is SeatState.PREVIEWING


def test_a_name_that_a_rule_holds_now_goes_back() -> None:
    story = Scenario(Mode.PREVIEW)
    agent = story.agent()
    name = shown(story, agent)
    desk.preview_dial(story.floor, agent, story.now)
    asked = ClaimNames(1, agent, name.lead)
    claiming.names_claimed(story.floor, asked, [], story.now.mono_s + 3, story.now)
    assert story.seat(agent).state is SeatState.READY
    assert story.take(Dial) == []
    name = shown(story, agent)
    desk.preview_dial(story.floor, agent, story.now)
    claiming.claim_failed(story.floor, asked, [], story.now)
    assert story.seat(agent).state is SeatState.READY


def test_an_agent_without_a_name_is_offered_one_again() -> None:
    story = Scenario(Mode.PREVIEW)
    agent = story.agent()
    story.commands()
    desk.preview_found(story.floor, agent, None, story.now)
    story.wait(desk.PREVIEW_RETRY_S + 0.1)
    assert [c.agent for c in story.take(FetchPreview)] == [agent]
    story.wait(0.1)
    assert story.take(FetchPreview) == []


def test_preview_never_dials_when_the_campaign_does_not() -> None:
    story = Scenario(Mode.PREVIEW)
    agent = story.agent()
    with pytest.raises(ConflictError, match="no name"):
        desk.preview_dial(story.floor, agent, story.now)
    shown(story, agent)
    story.floor.switch_up = False
    with pytest.raises(ConflictError, match="does not dial"):
        desk.preview_dial(story.floor, agent, story.now)
    assert story.seat(agent).state is SeatState.PREVIEWING


def test_an_expired_preview_call_frees_the_agent() -> None:
    story = Scenario(Mode.PREVIEW)
    agent = story.agent()
    name = shown(story, agent)
    desk.preview_dial(story.floor, agent, story.now)
    asked = ClaimNames(1, agent, name.lead)
    claimed = story.name()
    claiming.names_claimed(story.floor, asked, [claimed], story.now.mono_s + 3, story.now)
    dialing.dial_replied(story.floor, claimed.attempt, Reply.EXPIRED, story.now)
    assert story.seat(agent).state is SeatState.READY


def test_the_seat_never_skips_its_table() -> None:
    story = Scenario()
    agent = story.agent()
    with pytest.raises(ConflictError, match="cannot connect"):
        story.floor.seating.move(story.seat(agent), SeatEvent.CONNECT, story.now)
    assert story.seat(agent).state is SeatState.READY
