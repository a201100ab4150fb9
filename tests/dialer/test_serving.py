from __future__ import annotations

from campaigns.campaign import Mode
from dialer import desk, dialing, serving
from dialer.commands import (
    AnswerTransfer,
    Apologise,
    Forget,
    HangUp,
    Join,
    StartHandler,
    StartRecording,
)
from dialer.live_call import Holder
from dialer.seat import SeatState
from kernel.call import AttemptState, Result
from tests.dialer.scenario import Scenario


def test_an_answered_person_gets_the_agent_who_waited_longest() -> None:
    story = Scenario()
    first = story.agent()
    story.wait(5)
    story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    [join] = story.take(Join)
    assert (join.attempt, join.agent) == (attempt, first)
    assert story.seat(first).state is SeatState.RESERVED
    serving.joined(story.floor, attempt, first, story.now)
    assert story.seat(first).state is SeatState.TALKING
    assert story.take(StartRecording)
    assert story.records()[-1].state is AttemptState.CONNECTED
    assert story.records()[-1].agent == first


def test_no_recording_when_the_campaign_wants_none() -> None:
    story = Scenario(record=False)
    agent = story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    serving.joined(story.floor, attempt, agent, story.now)
    assert not story.take(StartRecording)


def test_nobody_free_means_the_message_exactly_when_patience_ends() -> None:
    story = Scenario(patience_s=2.0)
    [attempt] = story.dial()
    story.answer(attempt)
    story.wait(1.9)
    assert not story.take(Apologise)
    story.wait(0.1)
    assert [c.attempt for c in story.take(Apologise)] == [attempt]
    assert story.records()[-1].state is AttemptState.ABANDONED
    story.wait(1)
    assert not story.take(Apologise)
    story.end(attempt)
    assert story.records()[-1].result is Result.ABANDONED


def test_an_agent_who_becomes_free_in_time_takes_the_waiting_call() -> None:
    story = Scenario()
    busy = story.agent(ready=False)
    [attempt] = story.dial()
    story.answer(attempt)
    story.wait(1.5)
    desk.ready(story.floor, busy, story.now)
    assert [c.agent for c in story.take(Join)] == [busy]
    story.wait(5)
    assert not story.take(Apologise)


def test_the_longest_waiting_call_is_served_first() -> None:
    story = Scenario()
    agent = story.agent(ready=False)
    early, late = story.dial(names=2)
    story.answer(late)
    story.wait(0.3)
    story.answer(early)
    desk.ready(story.floor, agent, story.now)
    assert [c.attempt for c in story.take(Join)] == [late]


def test_a_person_who_leaves_the_queue_was_abandoned() -> None:
    story = Scenario()
    [attempt] = story.dial()
    story.answer(attempt)
    story.wait(0.5)
    story.end(attempt)
    assert story.records()[-1].result is Result.ABANDONED
    assert story.floor.counts.abandoned == 1
    assert not story.floor.calls


def test_a_person_who_leaves_while_an_agent_is_being_joined_was_reached() -> None:
    story = Scenario()
    agent = story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    story.end(attempt)
    assert story.records()[-1].result is Result.ANSWERED_HUMAN
    assert story.seat(agent).state is SeatState.READY
    serving.joined(story.floor, attempt, agent, story.now)
    assert story.seat(agent).state is SeatState.READY


def test_a_join_that_fails_frees_the_agent_and_tries_again() -> None:
    story = Scenario()
    first, second = story.agent(), story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    assert [c.agent for c in story.take(Join)] == [first]
    story.wait(0.1)
    serving.join_failed(story.floor, attempt, first, story.now)
    assert story.seat(first).state is SeatState.READY
    assert [c.agent for c in story.take(Join)] == [second]


def test_the_agent_wraps_up_after_the_talk() -> None:
    story = Scenario(wrap_up_limit_s=60)
    agent = story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    serving.joined(story.floor, attempt, agent, story.now)
    story.wait(30)
    story.end(attempt)
    assert story.seat(agent).state is SeatState.WRAP_UP
    assert story.seat(agent).attempt == attempt
    story.wait(59.9)
    assert story.seat(agent).state is SeatState.WRAP_UP
    story.wait(0.1)
    assert story.seat(agent).state is SeatState.READY


# --- robot ---------------------------------------------------------------------------------


def test_a_robot_takes_the_call_at_once_and_its_end_ends_the_call() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    assert [c.attempt for c in story.take(StartHandler)] == [attempt]
    serving.robot_started(story.floor, attempt, story.now)
    assert story.records()[-1].state is AttemptState.CONNECTED
    serving.robot_ended(story.floor, attempt, story.now, machine=False)
    assert [c.attempt for c in story.take(HangUp)] == [attempt]
    story.end(attempt)
    assert story.records()[-1].result is Result.ANSWERED_HUMAN


def test_the_result_waits_for_the_robots_verdict() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    serving.robot_started(story.floor, attempt, story.now)
    story.end(attempt)
    assert [c.attempt for c in story.take(Forget)] == [attempt]
    assert story.records()[-1].state is AttemptState.CONNECTED
    serving.robot_ended(story.floor, attempt, story.now, machine=True)
    story.wait(0.1)
    assert story.records()[-1].result is Result.ANSWERED_MACHINE
    assert not story.take(HangUp)


def test_a_robot_that_never_reports_does_not_hold_the_result() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    serving.robot_started(story.floor, attempt, story.now)
    story.end(attempt)
    story.wait(serving.REPORT_GRACE_S + 0.1)
    assert story.records()[-1].result is Result.ANSWERED_HUMAN


def test_a_robot_that_fails_is_not_silence() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    serving.robot_failed(story.floor, attempt, story.now)
    assert [c.attempt for c in story.take(Apologise)] == [attempt]
    story.end(attempt)
    assert story.records()[-1].result is Result.ABANDONED


def test_a_person_who_hung_up_before_the_robot_had_the_audio_was_reached() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    serving.robot_refused(story.floor, attempt, story.now)
    story.wait(0.5)
    assert not story.take(Apologise)
    story.end(attempt)
    assert story.records()[-1].result is Result.ANSWERED_HUMAN


def test_a_call_that_gives_the_robot_no_audio_and_goes_on_hears_the_message() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    serving.robot_refused(story.floor, attempt, story.now)
    story.wait(serving.END_NEWS_S)
    assert [c.attempt for c in story.take(Apologise)] == [attempt]


def test_a_robot_hands_over_to_a_free_agent() -> None:
    story = Scenario(Mode.ROBOT)
    agent = story.agent()
    [attempt] = story.dial()
    story.answer(attempt)
    serving.robot_started(story.floor, attempt, story.now)
    serving.robot_wants_agent(story.floor, attempt, story.now)
    assert [c.agent for c in story.take(Join)] == [agent]
    serving.joined(story.floor, attempt, agent, story.now)
    [answer] = story.take(AnswerTransfer)
    assert answer.joined
    serving.robot_ended(story.floor, attempt, story.now, machine=False)
    assert not story.take(HangUp)
    story.end(attempt)
    assert story.seat(agent).state is SeatState.WRAP_UP
    assert story.records()[-1].result is Result.ANSWERED_HUMAN
    assert story.records()[-1].agent == agent


def test_nobody_free_for_a_transfer_gives_the_call_back_to_the_robot() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    serving.robot_started(story.floor, attempt, story.now)
    serving.robot_wants_agent(story.floor, attempt, story.now)
    story.wait(serving.TRANSFER_PATIENCE_S - 0.1)
    assert not story.take(AnswerTransfer)
    story.wait(0.2)
    [answer] = story.take(AnswerTransfer)
    assert not answer.joined
    assert story.call(attempt).holder is Holder.ROBOT
    assert not story.take(Apologise)


def test_a_wish_for_an_agent_on_a_call_that_is_gone_is_refused() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    serving.robot_started(story.floor, attempt, story.now)
    story.end(attempt)
    serving.robot_wants_agent(story.floor, attempt, story.now)
    [answer] = story.take(AnswerTransfer)
    assert not answer.joined


def test_news_about_calls_that_are_gone_change_nothing() -> None:
    story = Scenario(Mode.ROBOT)
    agent = story.agent()
    [attempt] = story.dial()
    story.end(attempt, sip=486)
    story.commands()
    serving.robot_started(story.floor, attempt, story.now)
    serving.robot_ended(story.floor, attempt, story.now, machine=True)
    serving.robot_failed(story.floor, attempt, story.now)
    serving.joined(story.floor, attempt, agent, story.now)
    serving.join_failed(story.floor, attempt, agent, story.now)
    dialing.dial_refused(story.floor, attempt, story.now)
    dialing.in_doubt(story.floor, attempt)
    assert story.commands() == []
