from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any, cast

import pytest

from campaigns.campaign import Mode
from dialer.commands import Apologise, HangUp, Join
from dialer.engine import Engine
from dialer.seat import SeatState
from kernel.call import Result
from kernel.errors import PeerError
from kernel.telephony import CallId, DialCommand, RecordingReady, Reply, Telephony
from telephony_adapter.simulated.faults import NO_FAULTS, Faults
from tests.dialer.house import MESSAGE_S, House, Town, answers, play


def test_nobody_waits_longer_than_patience() -> None:
    async def story(house: House) -> None:
        await house.engine.start()
        for record in house.roster:
            await house.seated(record.id)
        await house.until(lambda: len(house.switch.truth) == 3)
        for record in house.roster:
            house.engine.pause(record.id, "all at once")
        await house.until_finished()
        await house.close()
        await house.assert_protocol(rung=3)
        assert await house.results() == ["abandoned"] * 3
        for call in house.switch.truth:
            assert call.met_at is not None
            assert call.answered_at is not None
            assert call.ended_at is not None
            waited_s = (call.met_at - call.answered_at).total_seconds()
            assert waited_s == pytest.approx(2.05, abs=0.1)
            heard_s = (call.ended_at - call.met_at).total_seconds()
            assert heard_s == pytest.approx(MESSAGE_S, abs=0.1)

    town = Town(lambda number, attempt_no: answers(40.0, ring_s=9.0))
    play(story, House(names=3, town=town))


def test_a_missing_message_still_ends_the_call() -> None:
    async def story(house: House) -> None:
        for prompt in house.folder.glob("*.wav"):
            prompt.unlink()
        await house.begin()
        await house.until_finished()
        await house.close()
        await house.assert_protocol(rung=2)
        assert await house.results() == ["abandoned"] * 2

    play(story, House(Mode.ROBOT, names=2, agents=0))


def test_calls_are_recorded_once_whatever_the_events_do() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.until_finished()
        await house.clock.sleep(5.0)
        recordings = house.store._tables.recordings.values()
        assert len(recordings) == len(house.switch.truth) == 4
        assert {r.attempt for r in recordings} == {i.attempt_id for i in house.switch.truth}
        for recording in recordings:
            assert (house.folder / recording.path).exists()
            assert recording.seconds == pytest.approx(8.0, abs=2.5)
        await house.close()

    faults = Faults(event_duplicated=1.0)
    play(story, House(names=4, faults=faults, settings={"record": True}))


def test_a_recording_of_no_attempt_is_refused_without_holding_up_others() -> None:
    async def story(house: House) -> None:
        await house.engine.start()
        stranger = CallId(house.ids.new())
        house.engine._router.route(RecordingReady(stranger, "/tmp/stranger.wav", 1.0))
        house.seat()
        await house.until_finished()
        await house.close()
        await house.assert_protocol(rung=8)
        assert not house.store._tables.recordings

    play(story, House())


def test_an_agent_whose_phone_is_gone_unheard_gets_no_call_twice() -> None:
    async def story(house: House) -> None:
        joins: list[Join] = []
        await house.engine.start()
        house.engine.observe(lambda runner, c: joins.append(c) if isinstance(c, Join) else None)
        agent = house.roster[0].id
        await house.seated(agent)
        await house.until(lambda: len(house.switch.truth) == 1)
        seat = house.engine.seat_runner(agent).floor.seating.seat(agent)
        house.switch.set_faults(Faults(event_lost=1.0))
        await house.switch.hangup(seat.leg)
        house.switch.set_faults(NO_FAULTS)
        await house.until(lambda: house.switch.truth[0].met_at is not None)
        assert len(joins) == 1
        [call] = house.switch.truth
        assert call.answered_at is not None
        assert call.met_at is not None
        assert (call.met_at - call.answered_at).total_seconds() <= 2.2
        await house.until_finished()
        await house.close()

    play(story, House(agents=1, names=1))


def test_a_hangup_that_got_lost_is_repeated_until_the_call_is_over() -> None:
    async def story(house: House) -> None:
        hangups: list[HangUp] = []
        await house.engine.start()
        house.engine.observe(lambda runner, c: hangups.append(c) if isinstance(c, HangUp) else None)
        agent = house.roster[0].id
        await house.seated(agent)
        seating = house.engine.seat_runner(agent).floor.seating
        await house.until(lambda: seating.seat(agent).state is SeatState.TALKING)
        house.switch.set_faults(Faults(command_lost=1.0))
        house.switch._wire.faults._rng = _AlwaysFirst()
        house.engine.hang_up(agent)
        await house.clock.sleep(20.0)
        assert house.switch.truth[0].ended_at is None
        house.switch.set_faults(NO_FAULTS)
        await house.until(lambda: house.switch.truth[0].ended_at is not None, 20.0)
        assert len(hangups) >= 2
        await house.until_finished()
        await house.close()
        assert await house.results() == ["answered-human"]

    play(story, House(agents=1, names=1, town=Town(lambda number, attempt_no: answers(500.0))))


class _AlwaysFirst(Random):
    """Every lost command is lost on its way there."""

    def choice(self, seq):  # type: ignore[no-untyped-def] # as Random's
        return seq[0]


def test_a_join_in_doubt_ends_the_call_rather_than_giving_an_agent_two() -> None:
    async def story(house: House) -> None:
        await house.engine.start()
        agent = house.roster[0].id
        await house.seated(agent)
        await house.until(lambda: len(house.switch.truth) == 1)
        house.switch.set_faults(Faults(command_lost=1.0))
        await house.until(lambda: house.switch.truth[0].answered_at is not None)
        await house.clock.sleep(12.0)
        house.switch.set_faults(NO_FAULTS)
        await house.until(lambda: house.switch.truth[0].ended_at is not None)
        await house.until_finished()
        await house.close()
        [row] = await house.store.attempt_history(house.campaign)
        assert row.result in {Result.ANSWERED_HUMAN, Result.ABANDONED}

    play(story, House(agents=1, names=1, town=Town(lambda number, attempt_no: answers(500.0))))


def test_a_message_in_doubt_is_played_again() -> None:
    async def story(house: House) -> None:
        said: list[Apologise] = []
        await house.engine.start()
        house.engine.observe(lambda runner, c: said.append(c) if isinstance(c, Apologise) else None)
        await house.until(lambda: len(house.switch.truth) == 1)
        house.switch.set_faults(Faults(command_lost=1.0))
        house.switch._wire.faults._rng = _AlwaysFirst()
        await house.until(lambda: len(said) == 1)
        await house.clock.sleep(0.5)
        house.switch.set_faults(NO_FAULTS)
        await house.until(lambda: house.switch.truth[0].met_at is not None, 3.0)
        await house.until_finished()
        await house.close()

    play(story, House(Mode.ROBOT, agents=0, names=1))


class _RefusesOnce:
    """A switch that refuses the first dial."""

    def __init__(self, switch: Telephony) -> None:
        self._switch = switch
        self._refused = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._switch, name)

    async def originate(self, command: DialCommand) -> Reply:
        if not self._refused:
            self._refused = True
            raise PeerError("no such trunk")
        return await self._switch.originate(command)


def test_a_refused_call_is_a_network_failure_and_the_campaign_goes_on() -> None:
    async def story(house: House) -> None:
        refusing = cast("Telephony", _RefusesOnce(house.switch))
        await house.begin(Engine(replace(house.ports, switch=refusing)))
        await house.until_finished()
        await house.close()
        results = await house.results()
        assert results.count("network-failure") == 1
        assert results.count("answered-human") == 3

    play(story, House(names=4))
