from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random
from typing import Any, cast

import pytest

from campaigns.campaign import Mode
from dialer.engine import Engine
from dialer.live_call import Holder
from dialer.ports import EngineStore
from kernel.clock import Clock
from kernel.ids import AttemptId
from kernel.telephony import Live, Sighting, Telephony
from sim.process import MortalProcess
from sim.store_faults import StoreFaults, UnreliableStore
from storage.memory.store import MemoryStore
from telephony_adapter.simulated.faults import NO_FAULTS, Faults
from tests.dialer.house import House, Town, answers, busy, play


async def kill(house: House, process: MortalProcess) -> None:
    process.kill()
    await house.send_home()
    dead = asyncio.all_tasks() - {asyncio.current_task()}
    for task in dead:
        task.cancel()
    if dead:
        await asyncio.wait(dead)


class Chosen(Random):
    """Every lost command is lost on its way there (0), or its answer is (-1)."""

    def __init__(self, place: int) -> None:
        super().__init__(1)
        self._place = place

    def choice(self, seq):  # type: ignore[no-untyped-def] # as Random's
        return seq[self._place]


async def lose_the_first_dial(house: House, place: int) -> None:
    house.switch._wire.faults._rng = Chosen(place)
    await house.engine.start()
    runner = house.engine.runners[0]
    house.switch.set_faults(Faults(command_lost=1.0))
    await house.until(lambda: any(c.in_doubt for c in runner.floor.calls.values()), 5.0)
    house.switch.set_faults(NO_FAULTS)


def test_names_claimed_by_a_dead_engine_and_never_sent_are_dialed_by_the_next() -> None:
    def wrap(store: MemoryStore, clock: Clock) -> EngineStore:
        return UnreliableStore(store, clock, Random(5), StoreFaults(latency_s=0.0)).port

    async def story(house: House) -> None:
        process, engine = house.mortal()
        await engine.start()
        store = house.ports.store
        assert isinstance(store, UnreliableStore)
        store.faults = StoreFaults(latency_s=2.0)
        async with asyncio.timeout(30.0):
            while not await house.store.open_attempts(house.campaign):
                await house.clock.sleep(0.01)
        await kill(house, process)
        store.faults = StoreFaults()
        assert not house.switch.truth
        house.engine = Engine(house.ports)
        await house.engine.start()
        await house.until_finished()
        await house.close()
        await house.assert_protocol(rung=4)

    play(story, House(Mode.ROBOT, names=4, agents=0, wrap=wrap))


def test_calls_that_nobody_can_tell_of_are_unknown_and_counted() -> None:
    async def story(house: House) -> None:
        process, engine = house.mortal()
        await engine.start()
        await house.until(lambda: len(house.switch.truth) == 4)
        await house.clock.sleep(1.0)
        await kill(house, process)
        house.switch.crash(down_s=1.0)
        await house.clock.sleep(2.0)
        house.engine = Engine(house.ports)
        await house.engine.start()
        await house.until_finished()
        await house.close()
        await house.assert_protocol(rung=4)
        assert await house.results() == ["unknown"] * 4

    play(story, House(Mode.ROBOT, names=4, agents=0, records=False))


def test_a_dial_that_never_arrived_is_given_back_and_dialed_again() -> None:
    async def story(house: House) -> None:
        await lose_the_first_dial(house, 0)
        assert not house.switch.truth
        assert (
            house.engine.runners[0].floor.lines_free == house.engine.runners[0].floor.plan.lines - 1
        )
        await house.until_finished(within_s=60.0)
        await house.close()
        await house.assert_protocol(rung=1)
        assert await house.results() == ["busy"]

    play(story, House(Mode.ROBOT, names=1, agents=0, town=Town(lambda n, a: busy())))


def test_a_dial_whose_answer_got_lost_is_followed_from_its_first_sign_of_life() -> None:
    async def story(house: House) -> None:
        house.switch._wire.faults._rng = Chosen(-1)
        await house.engine.start()
        house.switch.set_faults(Faults(command_lost=1.0))
        await house.until(lambda: len(house.switch.truth) == 1)
        await house.clock.sleep(3.0)
        house.switch.set_faults(NO_FAULTS)
        assert house.engine.runners[0].floor.counts.dialed == 1
        await house.until(lambda: house.switch.truth[0].met_at is not None)
        [call] = house.switch.truth
        assert call.met_at is not None
        assert call.answered_at is not None
        assert (call.met_at - call.answered_at).total_seconds() < 0.1
        await house.until_finished(within_s=60.0)
        await house.close()
        await house.assert_protocol(rung=1)

    town = Town(lambda number, attempt_no: answers(ring_s=8.0))
    play(story, House(Mode.ROBOT, names=1, agents=0, town=town))


def test_a_doubt_ends_when_the_switch_lists_the_call() -> None:
    async def story(house: House) -> None:
        await lose_the_first_dial(house, -1)
        floor = house.engine.runners[0].floor
        [call] = floor.calls.values()
        await house.until(lambda: not call.in_doubt, 8.0)
        assert floor.counts.dialed == 1
        assert call.holder is Holder.NOBODY
        await house.until_finished(within_s=60.0)
        await house.close()

    def silent(number: object, attempt_no: int) -> Any:
        return replace(answers(), alert_s=15.0)

    play(story, House(Mode.ROBOT, names=1, agents=0, town=Town(silent)))


class _Blind:
    """A switch whose list is empty for a while, although its calls are up."""

    def __init__(self, switch: Telephony) -> None:
        self._switch = switch
        self.blind = False
        self.asked: list[Sighting] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._switch, name)

    async def live_calls(self) -> Any:
        return {} if self.blind else await self._switch.live_calls()

    async def inquire(self, attempts: Iterable[AttemptId]) -> Mapping[AttemptId, Sighting]:
        sightings = await self._switch.inquire(attempts)
        self.asked += sightings.values()
        return sightings


def test_a_call_that_is_up_is_not_given_up_because_a_list_forgot_it() -> None:
    async def story(house: House) -> None:
        blind = _Blind(house.switch)
        house.ports = replace(house.ports, switch=cast("Telephony", blind))
        house.engine = Engine(house.ports)
        await house.engine.start()
        await house.until(lambda: len(house.switch.truth) == 1)
        blind.blind = True
        await house.until(lambda: any(isinstance(s, Live) for s in blind.asked), 20.0)
        [call] = house.engine.runners[0].floor.calls.values()
        assert call.ended is None
        blind.blind = False
        await house.until_finished(within_s=90.0)
        await house.close()
        assert await house.results() == ["abandoned"]

    town = Town(lambda number, attempt_no: answers(ring_s=25.0))
    play(story, House(Mode.ROBOT, names=1, agents=0, town=town))


def test_what_a_dead_engine_left_is_adopted_with_its_age() -> None:
    async def story(house: House) -> None:
        process, engine = house.mortal()
        await engine.start()
        await house.until(lambda: len(house.switch.truth) == 1)
        await house.clock.sleep(8.0)
        await kill(house, process)
        await house.clock.sleep(1.0)
        house.engine = Engine(house.ports)
        await house.engine.start()
        floor = house.engine.runners[0].floor
        now_s = house.clock.monotonic()
        for call in floor.calls.values():
            assert now_s - call.launched_s == pytest.approx(6.0, abs=0.2)
        await house.until_finished(within_s=90.0)
        await house.close()
        await house.assert_protocol(rung=1)

    town = Town(lambda number, attempt_no: answers(ring_s=20.0))
    play(story, House(Mode.ROBOT, names=1, agents=0, town=town))
