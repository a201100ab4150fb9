"""What only the simulated switch promises: faults, records, truth, people who react."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import numpy as np
import pytest

from kernel.call import AttemptState, EndedBy
from kernel.clock import VirtualClock
from kernel.errors import UnavailableError
from kernel.ids import AttemptId, TimeOrderedIds
from kernel.phone import PhoneNumber
from kernel.telephony import (
    AgentLegCommand,
    CallId,
    DialCommand,
    Finished,
    NeverSeen,
    Reply,
    SwitchBack,
    SwitchLost,
    Untold,
    call_id,
)
from kernel.virtual_time import run_virtual
from telephony_adapter.simulated.faults import Faults
from telephony_adapter.simulated.people import Callee, Outcome, Person
from telephony_adapter.simulated.population import Respondent
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch
from telephony_adapter.simulated.voices import ToneVoices, tone

NUMBER = PhoneNumber("+8613800000001")


@dataclass
class OnePerson:
    """Everybody is this person, who answers after a second."""

    make: Callable[[], Person]

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        return Callee(Outcome.ANSWER, 0.5, 0.5, person=self.make())


def respondent() -> Respondent:
    return Respondent(("1", "2"), think_s=1.0, patience_s=5.0, talk_s=20.0)


@dataclass
class World:
    switch: SimulatedSwitch
    clock: VirtualClock
    ids: TimeOrderedIds

    def command(self, in_s: float = 3.0) -> DialCommand:
        attempt = AttemptId(self.ids.new())
        deadline_at = self.clock.now() + timedelta(seconds=in_s)
        return DialCommand(attempt, NUMBER, None, 30.0, deadline_at)

    async def call(self) -> CallId:
        """An answered call."""
        command = self.command()
        assert await self.switch.originate(command) is Reply.SENT
        await self.clock.sleep(1.5)
        return call_id(command.attempt_id)


def play(scene: Callable[[World], Awaitable[None]], **options: object) -> None:
    async def main() -> None:
        clock = VirtualClock(loop=asyncio.get_running_loop())
        base = SimulatedOptions(population=OnePerson(respondent))
        switch = SimulatedSwitch(clock, replace(base, **options))  # type: ignore[arg-type]  # tests name fields
        await switch.start()
        await scene(World(switch, clock, TimeOrderedIds(clock, Random(1))))
        await switch.aclose()

    run_virtual(main())


def test_a_person_answers_each_question_by_key_and_leaves() -> None:
    async def scene(world: World) -> None:
        call = await world.call()
        media = await world.switch.media(call)
        for _ in range(3):
            await media.send(tone(500, 1.0))
            await world.clock.sleep(4.0)
        (record,) = world.switch.truth
        assert record.digits_sent == "12"
        assert record.ended_by is EndedBy.CALLEE
        assert await world.switch.live_calls() == {}

    play(scene)


def test_nobody_bears_silence_for_ever() -> None:
    async def scene(world: World) -> None:
        await world.call()
        await world.clock.sleep(5.0)
        (record,) = world.switch.truth
        assert record.answered_at is not None
        assert record.ended_at is not None
        borne_s = (record.ended_at - record.answered_at).total_seconds()
        assert borne_s == pytest.approx(5.0)

    play(scene)


def test_a_talk_with_an_agent_lasts_as_long_as_the_person_likes() -> None:
    async def scene(world: World) -> None:
        leg = CallId(world.ids.new())
        await world.switch.connect_agent(AgentLegCommand(leg, "sim:7"))
        call = await world.call()
        await world.switch.bridge(call, leg)
        await world.clock.sleep(19.5)
        assert set(await world.switch.live_calls()) == {call, leg}
        await world.clock.sleep(1.0)
        assert await world.switch.live_calls() == {leg: AttemptState.ANSWERED}
        assert world.switch.truth[0].agents == (leg,)

    play(scene)


def test_a_crash_ends_every_call_and_the_records_say_so() -> None:
    async def scene(world: World) -> None:
        boot_id = world.switch.boot_id
        call = await world.call()
        unknown = AttemptId(world.ids.new())
        world.switch.crash(down_s=2.0)
        with pytest.raises(UnavailableError):
            await world.switch.heartbeat()
        await world.clock.sleep(2.5)

        events = world.switch.events()
        tail = [await anext(events) for _ in range(4)][-2:]
        assert tail == [SwitchLost(), SwitchBack(world.switch.boot_id)]
        assert world.switch.boot_id != boot_id
        sightings = await world.switch.inquire([AttemptId(call), unknown])
        finished = sightings[AttemptId(call)]
        assert isinstance(finished, Finished)
        assert finished.ended.ended_by is EndedBy.NETWORK
        assert sightings[unknown] == NeverSeen()
        assert world.switch.truth[0].ended_at is not None

    play(scene)


def test_without_records_a_restart_forgets_and_says_so() -> None:
    async def scene(world: World) -> None:
        call = await world.call()
        before = AttemptId(world.ids.new())
        world.switch.crash(down_s=1.0)
        await world.clock.sleep(2.0)
        after = AttemptId(world.ids.new())

        sightings = await world.switch.inquire([AttemptId(call), before, after])
        assert list(sightings.values()) == [Untold(), Untold(), NeverSeen()]

    play(scene, records=False)


def test_a_command_read_late_is_refused_by_the_gate() -> None:
    async def scene(world: World) -> None:
        world.switch.stall(5.0)
        command = world.command(in_s=3.0)
        with pytest.raises(UnavailableError):
            await world.switch.originate(command)
        await world.clock.sleep(5.0)

        assert world.switch.truth == ()

    play(scene)


def test_a_lost_command_was_carried_out_or_not() -> None:
    async def scene(world: World) -> None:
        for _ in range(60):
            with pytest.raises(UnavailableError):
                await world.switch.originate(world.command())
        # Half of them, give or take four standard deviations.
        assert 14 <= len(world.switch.truth) <= 46

    play(scene, faults=Faults(command_lost=1.0))


@pytest.mark.parametrize(
    ("faults", "copies"),
    [(Faults(event_lost=1.0), 0), (Faults(event_duplicated=1.0), 2), (Faults(), 1)],
)
def test_events_are_lost_or_come_twice(faults: Faults, copies: int) -> None:
    async def scene(world: World) -> None:
        await world.call()
        await world.switch.aclose()
        events = [event async for event in world.switch.events()]
        assert len(events) == 2 * copies  # ringing and answered

    play(scene, faults=faults)


def test_calls_outlive_their_client() -> None:
    async def scene(world: World) -> None:
        call = await world.call()
        await world.switch.aclose()
        with pytest.raises(UnavailableError):
            await world.switch.heartbeat()
        await world.switch.start()
        assert call in await world.switch.live_calls()

    play(scene)


def test_our_own_defect_reaches_whoever_reads_the_events() -> None:
    class Broken:
        def react(self, event: object, now_s: float) -> None:
            raise ZeroDivisionError

    async def scene(world: World) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        await world.call()
        with pytest.raises(ZeroDivisionError):
            _ = [event async for event in world.switch.events()]

    play(scene, population=OnePerson(Broken))


def test_the_same_word_sounds_the_same() -> None:
    first, second = ToneVoices().say("yes"), ToneVoices().say("yes")

    assert np.array_equal(first, second)
    assert not np.array_equal(first, ToneVoices().say("no"))
