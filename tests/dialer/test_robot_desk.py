from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from campaigns.campaign import Mode
from dialer.seat import SeatState
from dialer.serving import REPORT_GRACE_S, TRANSFER_PATIENCE_S
from kernel.conversation import AnsweredCall, CallControl, HandlerReport, TransferOutcome
from kernel.errors import PeerError, UnavailableError
from kernel.media import MediaStream
from kernel.telephony import CallId
from telephony_adapter.simulated.people import (
    Callee,
    HangUp,
    Outcome,
    PersonEvent,
    PickedUp,
    Plan,
    Press,
)
from tests.dialer.house import MESSAGE_S, House, Town, answers, play

Talk = Callable[[CallControl], Awaitable[HandlerReport]]


class Robot:
    """`AnsweredCallHandler` that follows the test's script."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.calls: list[AnsweredCall] = []
        self.prepared: list[AnsweredCall] = []

    async def prepare(self, call: AnsweredCall) -> None:
        self.prepared.append(call)
        raise UnavailableError("speech is slow today")

    async def handle(
        self, call: AnsweredCall, media: MediaStream, control: CallControl
    ) -> HandlerReport:
        del media
        self.calls.append(call)
        return await self._talk(control)


class Presser:
    """Presses keys and hangs up."""

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        del now_s
        return (Press("12", 1.0), HangUp(3.0)) if isinstance(event, PickedUp) else None


class Impatient:
    """Hangs up two seconds after answering."""

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        del now_s
        return (HangUp(2.0),) if isinstance(event, PickedUp) else None


def one_call(talk: Talk, callee: Callee | None = None, agents: int = 0) -> House:
    town = Town(lambda number, attempt_no: callee or answers())
    return House(Mode.ROBOT, names=1, agents=agents, town=town, handler=Robot(talk))


def person(who: Presser | Impatient) -> Callee:
    return Callee(Outcome.ANSWER, alert_s=0.5, ring_s=2.0, person=who)


async def finish(house: House) -> None:
    await house.until_finished()
    await house.clock.sleep(10.0)
    await house.close()
    await house.assert_protocol(rung=1)


def test_the_robot_hears_the_keys_and_its_verdict_is_the_result() -> None:
    heard: list[str] = []

    async def talk(control: CallControl) -> HandlerReport:
        heard.extend([digit async for digit in control.digits()])
        assert [digit async for digit in control.digits()] == []
        assert await control.transfer("", {}) is TransferOutcome.LEFT
        return HandlerReport("machine", machine=True)

    async def story(house: House) -> None:
        await house.begin()
        await finish(house)
        assert heard == ["1", "2"]
        assert await house.results() == ["answered-machine"]
        assert isinstance(house.handler, Robot)
        [call] = house.handler.calls
        assert call.fields == {"name": "No. 0"}
        # It was told while the telephone rang, and that it could not get ready was no matter.
        assert house.handler.prepared == [call]

    play(story, one_call(talk, person(Presser())))


@pytest.mark.parametrize("error", [PeerError("no model"), RuntimeError("a defect")])
def test_a_robot_that_breaks_down_is_not_silence_and_no_other_calls_end(error: Exception) -> None:
    async def talk(control: CallControl) -> HandlerReport:
        del control
        await asyncio.sleep(1.0)
        raise error

    async def story(house: House) -> None:
        await house.begin()
        await finish(house)
        [call] = house.switch.truth
        assert call.ended_at is not None
        assert call.answered_at is not None
        talked_s = (call.ended_at - call.answered_at).total_seconds()
        assert talked_s == pytest.approx(1.0 + MESSAGE_S, abs=0.2)

    play(story, one_call(talk))


def test_without_a_robot_the_person_hears_the_message() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await finish(house)
        assert await house.results() == ["abandoned"]
        [call] = house.switch.truth
        assert call.met_at is not None
        assert call.answered_at is not None
        assert (call.met_at - call.answered_at).total_seconds() < 0.1

    house = one_call(lambda control: asyncio.sleep(0, HandlerReport("never")))
    house.handler = None
    play(story, house)


def test_a_transfer_joins_a_free_agent_and_the_robot_lets_go() -> None:
    outcomes: list[TransferOutcome] = []

    async def talk(control: CallControl) -> HandlerReport:
        await asyncio.sleep(2.0)
        outcomes.append(await control.transfer("sales", {"wish": "loan"}))
        return HandlerReport("transferred")

    async def story(house: House) -> None:
        await house.begin()
        agent = house.roster[0].id
        seating = house.engine.seat_runner(agent).floor.seating
        await house.until(lambda: seating.seat(agent).state is SeatState.TALKING)
        await house.until(lambda: house.engine.runners[0].floor.counts.connected == 1)
        await house.clock.sleep(0.1)
        [open_attempt] = await house.store.open_attempts(house.campaign)
        # An engine that had to adopt this call would know that an agent has it.
        assert open_attempt.agent == agent
        await finish(house)
        assert outcomes == [TransferOutcome.JOINED]
        [row] = await house.store.attempt_history(house.campaign)
        assert (row.agent, row.result) == (agent, "answered-human")

    play(story, one_call(talk, agents=1))


def test_a_transfer_without_agents_comes_back_to_the_robot() -> None:
    outcomes: list[TransferOutcome] = []

    async def talk(control: CallControl) -> HandlerReport:
        outcomes.append(await control.transfer("", {}))
        await asyncio.sleep(1.0)
        return HandlerReport("nobody")

    async def story(house: House) -> None:
        await house.begin()
        await finish(house)
        assert outcomes == [TransferOutcome.NONE]
        assert await house.results() == ["answered-human"]

    play(story, one_call(talk))


def test_a_robot_that_dies_while_its_person_waits_for_an_agent_leaves_no_silence() -> None:
    async def talk(control: CallControl) -> HandlerReport:
        async with asyncio.timeout(1.0):
            await control.transfer("", {})
        raise AssertionError("nobody can have come")

    async def story(house: House) -> None:
        await house.begin()
        await finish(house)
        [call] = house.switch.truth
        assert call.ended_at is not None
        assert call.answered_at is not None
        waited_s = (call.ended_at - call.answered_at).total_seconds()
        assert waited_s == pytest.approx(TRANSFER_PATIENCE_S + MESSAGE_S, abs=0.5)

    play(story, one_call(talk))


def test_who_leaves_while_waiting_for_an_agent_has_left() -> None:
    outcomes: list[TransferOutcome] = []

    async def talk(control: CallControl) -> HandlerReport:
        outcomes.append(await control.transfer("", {}))
        return HandlerReport("left")

    async def story(house: House) -> None:
        await house.begin()
        await finish(house)
        assert outcomes == [TransferOutcome.LEFT]

    play(story, one_call(talk, person(Impatient())))


def test_a_robot_that_never_reports_holds_up_nothing() -> None:
    async def talk(control: CallControl) -> HandlerReport:
        del control
        await asyncio.Event().wait()
        raise AssertionError("this event never comes")

    async def story(house: House) -> None:
        await house.begin()
        await house.until(lambda: bool(house.switch.truth and house.switch.truth[0].ended_at))
        await house.clock.sleep(REPORT_GRACE_S + 1.0)
        assert await house.results() == ["answered-human"]
        await finish(house)

    play(story, one_call(talk, person(Impatient())))


def test_a_call_gone_before_the_robot_has_its_sound_is_no_breakdown() -> None:
    async def story(house: House) -> None:
        await house.engine.start()
        await house.until(lambda: bool(house.switch.truth and house.switch.truth[0].answered_at))
        await house.switch.hangup(CallId(house.switch.truth[0].attempt_id))
        await finish(house)

    async def talk(control: CallControl) -> HandlerReport:
        del control
        return HandlerReport("done")

    play(story, one_call(talk))
