from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.campaign import CampaignAction
from dialer.ports import SeatChange
from dialer.seat import SeatState
from kernel.errors import InputError
from kernel.ids import AgentId, CampaignId
from tests.conformance.stores.world import World


async def test_every_second_of_a_session_belongs_to_one_state(world: World) -> None:
    agent, campaign = await world.agent(), await world.draft()
    start = world.clock.now()
    course = [
        (0.0, SeatState.CONNECTING),
        (1.5, SeatState.PAUSED),
        (10.0, SeatState.READY),
        (70.000001, SeatState.TALKING),
        (100.0, SeatState.WRAP_UP),
        (110.0, SeatState.READY),
        (120.0, SeatState.SIGNED_OUT),
    ]
    for second, state in course:
        at = start + timedelta(seconds=second)
        await world.store.change_seat(SeatChange(agent, campaign.id, state, at))
    world.clock.advance(500)
    seconds = (await world.store.summary(campaign.id)).agent_seconds
    assert seconds == {
        "connecting": 1.5,
        "paused": 8.5,
        "ready": pytest.approx(70.000001, abs=1e-9),
        "talking": pytest.approx(29.999999, abs=1e-9),
        "wrap-up": 10.0,
    }
    events = await world.store.state_events("agent", str(agent))
    assert [event.after for event in events] == [state for _, state in course]
    assert [event.before for event in events] == ["", *(state for _, state in course[:-1])]


async def test_an_open_interval_counts_until_now(world: World) -> None:
    agent, campaign = await world.agent(), await world.draft()
    change = SeatChange(agent, campaign.id, SeatState.READY, world.clock.now())
    await world.store.change_seat(change)
    world.clock.advance(30)
    assert (await world.store.summary(campaign.id)).agent_seconds == {"ready": 30.0}


async def test_repeated_and_late_changes(world: World) -> None:
    agent, campaign = await world.agent(), await world.draft()
    start = world.clock.now()
    ready = SeatChange(agent, campaign.id, SeatState.READY, start)
    await world.store.change_seat(ready)
    await world.store.change_seat(replace(ready, at=start + timedelta(seconds=5)))
    paused = replace(ready, state=SeatState.PAUSED, at=start - timedelta(seconds=5), reason="tea")
    await world.store.change_seat(paused)
    world.clock.advance(10)
    seconds = (await world.store.summary(campaign.id)).agent_seconds
    assert seconds == {"ready": 0.0, "paused": 10.0}
    assert len(await world.store.state_events("agent", str(agent))) == 2


async def test_a_campaign_change_splits_the_time(world: World) -> None:
    agent = await world.agent()
    first, second = await world.draft("first"), await world.draft("second")
    ready = SeatChange(agent, first.id, SeatState.READY, world.clock.now())
    await world.store.change_seat(ready)
    world.clock.advance(10)
    await world.store.change_seat(replace(ready, campaign=second.id, at=world.clock.now()))
    world.clock.advance(5)
    assert (await world.store.summary(first.id)).agent_seconds == {"ready": 10.0}
    assert (await world.store.summary(second.id)).agent_seconds == {"ready": 5.0}


async def test_a_seat_needs_its_agent_and_campaign(world: World) -> None:
    agent, campaign = await world.agent(), await world.draft()
    change = SeatChange(agent, campaign.id, SeatState.READY, world.clock.now())
    with pytest.raises(InputError):
        await world.store.change_seat(replace(change, agent=AgentId(world.ids.new())))
    with pytest.raises(InputError):
        await world.store.change_seat(replace(change, campaign=CampaignId(world.ids.new())))


async def test_the_seats_of_a_dead_engine_end_when_another_takes_its_campaign(
    world: World,
) -> None:
    agent, other = await world.agent(), await world.agent("李雷")
    campaign, elsewhere = await world.draft(), await world.draft("second")
    for each in (campaign, elsewhere):
        await world.store.act(each.id, CampaignAction.START)
    first = await world.store.start_engine("first")
    await world.store.take_campaigns(first)
    start = world.clock.now()
    await world.store.change_seat(SeatChange(agent, campaign.id, SeatState.READY, start))
    await world.store.change_seat(SeatChange(other, elsewhere.id, SeatState.PAUSED, start))
    world.clock.advance(30)
    await world.store.take_campaigns(first)
    world.clock.advance(30)
    assert (await world.store.summary(campaign.id)).agent_seconds == {"ready": 60.0}
    second = await world.store.start_engine("second")
    await world.store.take_campaigns(second)
    world.clock.advance(500)
    assert (await world.store.summary(campaign.id)).agent_seconds == {"ready": 60.0}
    assert (await world.store.summary(elsewhere.id)).agent_seconds == {"paused": 60.0}
    events = await world.store.state_events("agent", str(agent))
    assert events[-1].after == SeatState.SIGNED_OUT


async def test_a_finished_campaign_is_taken_while_attempts_wait_for_results(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await world.store.act(floor.campaign.id, CampaignAction.FINISH)
    later = await world.store.start_engine("later")
    assert [c.id for c in await world.store.take_campaigns(later)] == [floor.campaign.id]
    await world.store.record([floor.ended(name)])
    assert await world.store.take_campaigns(later) == []
