"""The engine while its database is away, in doubt, or in another's hands."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from campaigns.campaign import CampaignAction, Mode
from dialer.engine import Engine
from dialer.ports import EngineStore
from dialer.seat import SeatState
from kernel.clock import Clock
from kernel.errors import UnavailableError
from sim.store_faults import StoreFaults, UnreliableStore
from storage.memory.store import MemoryStore
from tests.dialer.house import House, Town, answers, play


def unreliable(faults: StoreFaults) -> House:
    def wrap(store: MemoryStore, clock: Clock) -> EngineStore:
        return UnreliableStore(store, clock, Random(5), faults).port

    return House(names=10, wrap=wrap)


def database_of(house: House) -> UnreliableStore:
    store = house.ports.store
    assert isinstance(store, UnreliableStore)
    return store


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.PREVIEW, Mode.POWER])
@pytest.mark.parametrize(
    "faults",
    [
        StoreFaults(unavailable=0.3),
        StoreFaults(commit_unknown=0.3),
        StoreFaults(latency_s=4.0),
        StoreFaults(0.15, 0.15, 1.0),
    ],
)
def test_a_bad_database_costs_time_and_nothing_else(faults: StoreFaults, mode: Mode) -> None:
    async def story(house: House) -> None:
        database_of(house).faults = StoreFaults()
        await house.begin()
        database_of(house).faults = faults
        await house.clock.sleep(200.0)
        database_of(house).faults = StoreFaults()
        await house.until_finished(within_s=400.0)
        await house.clock.sleep(20.0)
        await house.close()
        await house.assert_protocol(rung=10)

    house = unreliable(faults)
    house.mode = mode
    play(story, house)


def test_calls_go_on_without_the_database_and_their_results_come_later() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.until(lambda: sum(bool(i.agents) for i in house.switch.truth) == 3)
        database_of(house).away = True
        await house.clock.sleep(1.0)
        rung = len(house.switch.truth)
        await house.clock.sleep(30.0)
        assert len(house.switch.truth) == rung
        assert all(invite.ended_at for invite in house.switch.truth)
        for record in house.roster:
            seat = house.engine.seat_runner(record.id).floor.seating.seat(record.id)
            assert seat.state is SeatState.READY
        assert all(r.result is None for r in await house.store.attempt_history(house.campaign))
        database_of(house).away = False
        await house.clock.sleep(4.0)
        history = await house.store.attempt_history(house.campaign)
        assert [r.result for r in history[:rung]] == ["answered-human"] * rung
        await house.until_finished()
        await house.close()
        await house.assert_protocol(rung=10)

    play(story, unreliable(StoreFaults()))


def test_an_engine_that_stops_without_its_database_leaves_the_rest_to_the_next() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.until(lambda: sum(bool(i.agents) for i in house.switch.truth) == 3)
        database_of(house).away = True
        await house.until(lambda: all(i.ended_at for i in house.switch.truth))
        await house.send_home()
        await house.engine.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        database_of(house).away = False
        await house.begin(Engine(house.ports))
        await house.until_finished()
        await house.clock.sleep(20.0)
        await house.close()
        await house.assert_protocol(rung=10)

    play(story, unreliable(StoreFaults()))


def test_without_a_database_an_engine_does_not_start() -> None:
    async def story(house: House) -> None:
        database_of(house).away = True
        with pytest.raises(UnavailableError):
            await house.engine.start()
        await house.engine.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    play(story, unreliable(StoreFaults()))


def test_a_claim_in_doubt_dials_nothing_and_gives_its_names_back() -> None:
    async def story(house: House) -> None:
        await house.begin()
        database_of(house).faults = StoreFaults(commit_unknown=1.0)
        await house.clock.sleep(10.0)
        rung = len(house.switch.truth)
        assert rung <= 3
        database_of(house).faults = StoreFaults()
        await house.until_finished()
        await house.close()
        await house.assert_protocol(rung=10)

    play(story, unreliable(StoreFaults()))


def test_a_process_that_stood_still_sends_nothing_stale() -> None:
    async def story(house: House) -> None:
        process, engine = house.mortal()
        await house.begin(engine)
        database_of(house).faults = StoreFaults(latency_s=2.0)
        for _ in range(12):
            await house.clock.sleep(1.3)
            process.stop()
            await house.clock.sleep(6.0)
            process.go_on()
        database_of(house).faults = StoreFaults()
        await house.until_finished()
        await house.clock.sleep(20.0)
        await house.close()
        await house.assert_protocol(rung=10)

    play(story, unreliable(StoreFaults()))


def test_a_campaign_drained_in_doubt_ends_only_when_the_doubt_is_over() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.until(lambda: len(house.switch.truth) >= 1)
        database_of(house).faults = StoreFaults(commit_unknown=0.9)
        await house.store.act(house.campaign, CampaignAction.DRAIN)
        await house.clock.sleep(60.0)
        database_of(house).faults = StoreFaults()
        await house.until_finished()
        assert not await house.store.open_attempts(house.campaign)
        await house.clock.sleep(20.0)
        await house.close()
        await house.assert_protocol()

    house = unreliable(StoreFaults())
    house.town = Town(lambda number, attempt_no: answers(20.0))
    play(story, house)
