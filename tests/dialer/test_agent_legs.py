from __future__ import annotations

from campaigns.campaign import CampaignAction
from dialer.engine import Engine
from kernel.telephony import AgentLegCommand, CallId
from sim.agents import Manner
from tests.dialer.house import House, Town, answers, play


def test_phones_left_by_a_dead_engine_are_hung_up_but_not_a_strangers() -> None:
    async def story(house: House) -> None:
        await house.switch.start()
        left = CallId(house.ids.new())
        await house.switch.connect_agent(AgentLegCommand(left, "sim:9"))
        await house.clock.sleep(1.0)
        await house.engine.start()
        later = CallId(house.ids.new())
        # Another engine, started later, rings this one.
        await house.switch.connect_agent(AgentLegCommand(later, "sim:8"))
        await house.clock.sleep(9.0)
        assert left in await house.switch.live_calls()
        await house.clock.sleep(9.0)
        assert set(await house.switch.live_calls()) == {later}
        await house.switch.hangup(later)
        await house.clock.sleep(1.0)
        await house.engine.aclose()
        await house.assert_nothing_is_left()

    play(story, House(agents=0, names=1))


def test_a_talk_whose_agent_died_with_the_engine_is_ended() -> None:
    async def story(house: House) -> None:
        process, engine = house.mortal()
        await house.begin(engine, Manner(talk_s=500.0))
        await house.until(lambda: any(i.agents for i in house.switch.truth))
        [leg] = house.switch.truth[0].agents
        await house.clock.sleep(1.0)
        process.kill()
        await house.send_home()
        await house.clock.sleep(2.0)
        house.engine = Engine(house.ports)
        await house.engine.start()
        await house.clock.sleep(60.0)
        assert house.switch.truth[0].ended_at is None
        await house.switch.hangup(leg)
        await house.until(lambda: house.switch.truth[0].ended_at is not None, 15.0)
        await house.store.act(house.campaign, CampaignAction.DRAIN)
        await house.until_finished()
        await house.clock.sleep(5.0)
        assert not await house.switch.live_calls()
        await house.engine.aclose()

    play(story, House(agents=1, names=1, town=Town(lambda number, attempt_no: answers(900.0))))
