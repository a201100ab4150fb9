from __future__ import annotations

import asyncio
from datetime import time

import pytest

from campaigns.campaign import CampaignAction, CampaignState, Mode
from campaigns.windows import CallingWindow
from dialer.engine import Engine
from dialer.ports import Disposition
from dialer.seat import SeatState
from kernel.call import Result
from kernel.conversation import AnsweredCall, CallControl, HandlerReport
from kernel.errors import ConflictError, UnavailableError
from kernel.media import MediaStream
from kernel.phone import PhoneNumber
from sim.agents import Manner
from sim.process import ProcessKilledError
from telephony_adapter.simulated.faults import NO_FAULTS, Faults
from telephony_adapter.simulated.people import Callee
from tests.dialer.house import House, Town, answers, busy, play, total_s


class Greeter:
    """Says good-bye after three seconds."""

    async def prepare(self, call: AnsweredCall) -> None:
        """Nothing to get ready."""

    async def handle(
        self, call: AnsweredCall, media: MediaStream, control: CallControl
    ) -> HandlerReport:
        del call, media, control
        await asyncio.sleep(3.0)
        return HandlerReport("done")


#: A campaign that never dials: its hours are in the evening.
CLOSED = {"window": CallingWindow(opens=time(20), closes=time(21))}


def every_third_is_busy(number: PhoneNumber, attempt_no: int) -> Callee:
    del attempt_no
    return busy() if int(number.e164[-2:]) % 3 == 0 else answers()


@pytest.mark.parametrize("mode", list(Mode))
def test_a_campaign_from_start_to_end(mode: Mode) -> None:
    async def story(house: House) -> None:
        await house.begin()
        assert house.engine.connected
        await house.until_finished()
        await house.clock.sleep(5.0)
        assert house.engine.runners == ()
        await house.close()
        await house.assert_protocol(rung=9)
        results = await house.results()
        assert results.count("busy") == 3
        assert results.count("answered-human") + results.count("abandoned") == 6
        assert results.count("abandoned") <= (3 if mode in {Mode.POWER, Mode.PREDICTIVE} else 0)

    play(story, House(mode, names=9, town=Town(every_third_is_busy), handler=Greeter()))


def test_every_second_of_a_session_belongs_to_one_state() -> None:
    async def story(house: House) -> None:
        signed_in_at = house.clock.now()
        await house.begin()
        await house.clock.sleep(40.0)
        await house.send_home()
        await house.engine.aclose()
        left_at = house.clock.now()
        for record in house.roster:
            parts = house.store._tables.intervals[record.id]
            assert all(part.ended_at is not None for part in parts)
            assert total_s(parts, left_at) == pytest.approx(
                (left_at - signed_in_at).total_seconds(), abs=0.1
            )
            assert {SeatState.CONNECTING, SeatState.TALKING} <= {part.state for part in parts}

    play(story, House(names=20))


# --- death ---------------------------------------------------------------------------------

KILL_AT_S = [round(0.37 * step, 2) for step in range(1, 50)]


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.PREVIEW, Mode.ROBOT])
def test_killed_at_any_moment_nobody_is_called_twice(mode: Mode) -> None:
    for kill_at_s in KILL_AT_S:
        play(_kill_story(kill_at_s), House(mode, names=7, handler=Greeter()))


def _kill_story(kill_at_s: float):  # type: ignore[no-untyped-def] # a coroutine function
    async def story(house: House) -> None:
        process, engine = house.mortal()
        await house.begin(engine)
        await house.clock.sleep(kill_at_s)
        process.kill()
        await house.send_home()
        dead = asyncio.all_tasks() - {asyncio.current_task()}
        for task in dead:
            task.cancel()
        await asyncio.wait(dead)
        await house.clock.sleep(2.0)
        if (await house.store.campaign(house.campaign)).state is CampaignState.FINISHED:
            house.engine = Engine(house.ports)
            await house.engine.start()
        else:
            await house.begin(Engine(house.ports))
        before = [i.attempt_id for i in house.switch.truth]
        await house.until_finished(within_s=200.0)
        rows = {r.attempt: r for r in await house.store.attempt_history(house.campaign)}
        assert all(rows[attempt].result is not None for attempt in before)
        await house.clock.sleep(30.0)
        await house.close()
        await house.assert_protocol()
        assert len(house.switch.truth) == 7

    return story


def test_a_talk_outlives_the_engine() -> None:
    async def story(house: House) -> None:
        process, engine = house.mortal()
        await house.begin(engine, Manner(talk_s=500.0))
        await house.until(lambda: any(i.agents for i in house.switch.truth))
        await house.clock.sleep(1.0)
        process.kill()
        await house.send_home()
        await house.clock.sleep(2.0)
        house.engine = Engine(house.ports)
        await house.engine.start()
        await house.clock.sleep(60.0)
        [call] = [i for i in house.switch.truth if i.agents and i is not None][:1]
        assert call.ended_at is not None
        assert call.answered_at is not None
        assert (call.ended_at - call.answered_at).total_seconds() > 24.0

    play(story, House(agents=1, names=2, town=Town(lambda n, a: answers(25.0))))


def test_an_answer_during_the_death_is_met_by_the_next_engine() -> None:
    async def story(house: House) -> None:
        process, engine = house.mortal()
        await house.begin(engine)
        await house.until(lambda: len(house.switch.truth) == 1)
        await house.clock.sleep(0.2)
        process.kill()
        await house.send_home()
        await house.clock.sleep(2.5)
        [ringing] = house.switch.truth
        assert ringing.answered_at is not None
        house.engine = Engine(house.ports)
        await house.engine.start()
        # Nobody is signed in: the person hears the message as soon as patience is over.
        await house.clock.sleep(3.0)
        [call] = house.switch.truth
        assert call.met_at is not None
        await house.clock.sleep(10.0)
        assert await house.results() == ["abandoned"]

    play(story, House(agents=1, names=1))


def test_ports_of_a_dead_engine_raise_through_its_agents() -> None:
    async def story(house: House) -> None:
        process, engine = house.mortal()
        await house.begin(engine)
        process.kill()
        with pytest.raises(ProcessKilledError):
            engine.sign_out(house.roster[0].id)

    play(story, House(agents=1))


# --- a bad line ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        Faults(event_lost=0.4),
        Faults(event_duplicated=0.9),
        Faults(event_delayed=0.7, event_delay_s=6.0),
        Faults(command_lost=0.15),
        Faults(0.2, 0.3, 0.3, 4.0, 0.05),
    ],
)
@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.ROBOT])
def test_a_bad_line_costs_time_and_nothing_else(mode: Mode, faults: Faults) -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.clock.sleep(240.0)
        house.switch.set_faults(NO_FAULTS)
        await house.until_finished(within_s=600.0)
        await house.clock.sleep(30.0)
        await house.close()
        await house.assert_protocol(rung=10)

    play(story, House(mode, names=10, faults=faults, handler=Greeter()))


def test_a_hangup_whose_answer_was_never_heard_was_an_abandoned_call() -> None:
    async def story(house: House) -> None:
        await house.begin()
        house.switch.set_faults(Faults(event_lost=1.0))
        await house.until(lambda: bool(house.switch.truth and house.switch.truth[0].ended_at))
        house.switch.set_faults(NO_FAULTS)
        await house.until_finished()
        await house.close()
        [row] = await house.store.attempt_history(house.campaign)
        assert (row.result is Result.ABANDONED) == (not house.switch.truth[0].agents)

    play(story, House(agents=1, names=1))


# --- the switch ----------------------------------------------------------------------------


@pytest.mark.parametrize("records", [True, False])
def test_a_crash_of_the_switch_ends_its_calls_and_nothing_more(records: bool) -> None:
    async def story(house: House) -> None:
        await house.begin(manner=Manner(talk_s=60.0))
        await house.until(lambda: sum(bool(i.agents) for i in house.switch.truth) == 3)
        boot = house.switch.boot_id
        house.switch.crash(down_s=3.0)
        await house.until(lambda: not house.engine.connected)
        await house.until(lambda: house.engine.connected)
        assert house.switch.boot_id != boot
        [runner] = house.engine.runners
        await house.until(lambda: runner.boot_id == house.switch.boot_id)
        await house.until_finished()
        await house.clock.sleep(10.0)
        await house.close()
        await house.assert_protocol(rung=9)

    town = Town(lambda n, a: answers(20.0))
    play(story, House(names=9, records=records, town=town))


def test_a_stalled_switch_is_waited_for() -> None:
    async def story(house: House) -> None:
        await house.begin()
        for _ in range(4):
            await house.clock.sleep(6.0)
            house.switch.stall(5.0)
        await house.until_finished()
        await house.clock.sleep(20.0)
        await house.close()
        await house.assert_protocol(rung=12)

    play(story, House(names=12))


def test_a_cut_event_stream_stops_dialing_until_it_is_back() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.clock.sleep(5.0)
        house.switch.cut(20.0)
        await house.clock.sleep(1.0)
        rung = len(house.switch.truth)
        await house.clock.sleep(18.0)
        assert len(house.switch.truth) == rung
        assert not house.engine.connected
        await house.until_finished()
        await house.clock.sleep(20.0)
        await house.close()
        await house.assert_protocol(rung=12)

    play(story, House(names=12))


def test_an_engine_without_its_switch_does_not_start() -> None:
    async def story(house: House) -> None:
        await house.switch.start()
        house.switch.crash(down_s=30.0)
        with pytest.raises(UnavailableError):
            await house.engine.start()
        await house.engine.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    play(story, House())


# --- two engines, two campaigns ------------------------------------------------------------


def test_an_older_engine_can_no_longer_claim_and_ends_nobodys_calls() -> None:
    async def story(house: House) -> None:
        older = house.engine
        await older.start()
        newer = Engine(house.ports)
        await house.begin(newer)
        await house.clock.sleep(2.0)
        assert older.runners == ()
        with pytest.raises(ConflictError):
            older.runner(house.campaign)
        await house.until_finished()
        await house.clock.sleep(20.0)
        await house.assert_protocol(rung=12)
        # Both were connected all the time: the older one judged none of the other's calls.
        assert (await house.results()).count("answered-human") == 12
        await house.send_home()
        await newer.aclose()
        await house.switch.start()
        await older.aclose()
        await house.assert_nothing_is_left()

    play(story, House(names=12, town=Town(lambda n, a: answers(20.0))))


def test_lost_ends_are_found_in_every_campaign() -> None:
    async def story(house: House) -> None:
        second = await house.add_campaign("second")
        await house.begin()
        await house.until(lambda: len(house.switch.truth) >= 6)
        house.switch.set_faults(Faults(event_lost=1.0))
        await house.clock.sleep(10.0)
        house.switch.set_faults(NO_FAULTS)
        await house.until_finished()
        house.campaign = second
        await house.until_finished()
        await house.clock.sleep(20.0)
        await house.close()
        assert len(house.switch.truth) == 12
        assert all(row.result for row in await house.store.attempt_history(second))

    play(story, House(Mode.ROBOT, names=6, town=Town(lambda n, a: busy())))


# --- managers ------------------------------------------------------------------------------


def test_a_pause_stops_dialing_and_a_start_resumes_it() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.clock.sleep(4.0)
        await house.store.act(house.campaign, CampaignAction.PAUSE)
        house.engine.poke()
        await house.clock.sleep(0.1)
        rung = len(house.switch.truth)
        assert rung >= 3
        await house.clock.sleep(60.0)
        assert len(house.switch.truth) == rung
        await house.store.act(house.campaign, CampaignAction.START)
        house.engine.poke()
        await house.until_finished()
        await house.close()
        await house.assert_protocol(rung=8)

    play(story, House())


def test_a_drained_campaign_ends_with_its_last_call() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.until(lambda: len(house.switch.truth) == 3)
        await house.store.act(house.campaign, CampaignAction.DRAIN)
        house.engine.poke()
        await house.until_finished()
        assert all(invite.ended_at for invite in house.switch.truth)
        await house.close()
        await house.assert_protocol(rung=3)

    play(story, House())


def test_an_agent_may_wrap_up_after_the_campaign_has_ended() -> None:
    async def story(house: House) -> None:
        await house.engine.start()
        agent = house.roster[0].id
        await house.seated(agent)
        await house.until_finished()
        await house.clock.sleep(5.0)
        [runner] = house.engine.runners
        seat = runner.floor.seating.seat(agent)
        assert seat.state is SeatState.WRAP_UP
        assert seat.attempt is not None
        with pytest.raises(ConflictError):
            house.engine.sign_in(house.roster[0].id, "sim:0", house.campaign)
        stranger = Disposition(house.ids.new(), agent, "sale", house.clock.now())  # type: ignore[arg-type]
        with pytest.raises(ConflictError):
            house.engine.wrap_up(stranger)
        house.engine.wrap_up(Disposition(seat.attempt, agent, "sale", house.clock.now()))
        await house.clock.sleep(3.0)
        assert house.engine.runners == ()
        [name] = await house.store.name_results(house.campaign)
        assert name.tag == "sale"
        await house.close()

    play(story, House(agents=1, names=1))


# --- agents --------------------------------------------------------------------------------


def test_an_agent_pauses_resumes_hangs_up_and_leaves() -> None:
    async def story(house: House) -> None:
        engine = house.engine
        await engine.start()
        agent = house.roster[0].id
        with pytest.raises(ConflictError):
            engine.seat_runner(agent)
        await house.seated(agent)
        with pytest.raises(ConflictError):
            engine.sign_in(agent, "sim:0", house.campaign)
        seating = engine.seat_runner(agent).floor.seating
        await house.until(lambda: seating.seat(agent).state is SeatState.TALKING)
        engine.pause(agent, "tea")
        await house.until(lambda: seating.seat(agent).state is SeatState.WRAP_UP)
        await house.until(lambda: seating.seat(agent).state is SeatState.PAUSED, 61.0)
        rung = len(house.switch.truth)
        await house.clock.sleep(10.0)
        assert len(house.switch.truth) == rung
        engine.ready(agent)
        await house.until(lambda: seating.seat(agent).state is SeatState.TALKING)
        engine.hang_up(agent)
        await house.until(lambda: seating.seat(agent).state is SeatState.WRAP_UP)
        engine.sign_out(agent)
        assert seating.get(agent) is None
        await house.close()

    play(story, House(agents=1, names=5))


def test_a_phone_that_drops_in_a_talk_ends_call_and_seat() -> None:
    async def story(house: House) -> None:
        await house.engine.start()
        agent = house.roster[0].id
        await house.seated(agent)
        runner = house.engine.seat_runner(agent)
        seating = runner.floor.seating
        await house.until(lambda: seating.seat(agent).state is SeatState.TALKING)
        await house.switch.hangup(seating.seat(agent).leg)
        await house.until(lambda: seating.get(agent) is None)
        await house.until(lambda: house.switch.truth[0].ended_at is not None)
        parts = house.store._tables.intervals[agent]
        await house.until(lambda: parts[-1].ended_at is not None)
        assert parts[-1].state is SeatState.TALKING
        await house.close()
        assert await house.results() == ["answered-human"]

    play(story, House(agents=1, names=1, town=Town(lambda n, a: answers(60.0))))


def test_a_phone_whose_end_nobody_heard_is_found_missing() -> None:
    async def story(house: House) -> None:
        await house.begin()
        agent = house.roster[0].id
        seating = house.engine.seat_runner(agent).floor.seating
        await house.clock.sleep(2.0)
        leg = seating.seat(agent).leg
        house.switch.set_faults(Faults(event_lost=1.0))
        await house.switch.hangup(leg)
        house.switch.set_faults(NO_FAULTS)
        await house.until(lambda: seating.by_leg(leg) is None, 15.0)
        await house.close()

    play(story, House(agents=1, names=1, settings=CLOSED))


def test_a_phone_whose_answer_nobody_heard_is_found_up() -> None:
    async def story(house: House) -> None:
        house.switch.set_faults(Faults(event_lost=1.0))
        await house.engine.start()
        agent = house.roster[0].id
        house.engine.sign_in(agent, "sim:0", house.campaign)
        seating = house.engine.seat_runner(agent).floor.seating
        await house.clock.sleep(2.0)
        assert seating.seat(agent).state is SeatState.CONNECTING
        await house.until(lambda: seating.seat(agent).state is SeatState.PAUSED, 6.0)
        await house.close()

    play(story, House(agents=1, names=1))


def test_a_phone_that_cannot_be_rung_is_no_seat() -> None:
    async def story(house: House) -> None:
        await house.engine.start()
        house.engine.sign_in(house.roster[0].id, "smoke signals", house.campaign)
        await house.clock.sleep(1.0)
        with pytest.raises(ConflictError):
            house.engine.seat_runner(house.roster[0].id)
        await house.close()

    play(story, House(agents=1, names=1))
