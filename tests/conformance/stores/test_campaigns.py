from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from campaigns.allocation import NewAllocation, ToAgents, ToQueue, ToRobot
from campaigns.campaign import CampaignAction, CampaignState, Mode
from campaigns.ports import FilterForm
from campaigns.redial import LeadState, RedialRules
from campaigns.windows import CallingWindow
from dialer.ports import Suppression
from kernel.call import Result
from kernel.errors import ConflictError, InputError
from kernel.ids import AgentId, AllocationId, BatchId, CampaignId, FilterFormId, ScriptVersionId
from kernel.phone import PhoneNumber
from lists.filters import EVERYTHING, AnyOf, Compare, Not, Operator
from tests.conformance.stores.world import World


async def test_every_setting_of_a_plan_returns(world: World) -> None:
    script = await world.store.publish_script(ScriptVersionId(world.ids.new()), "s", "hello")
    campaign = await world.draft(
        "全部",
        mode=Mode.ROBOT,
        window=CallingWindow(time(8, 30), time(20, 15), frozenset({1, 3}), "Europe/Lisbon"),
        redial=RedialRules(5, timedelta(minutes=7), {Result.BUSY: timedelta(seconds=90.5)}),
        ring_timeout_s=22.5,
        lines=7,
        max_cps=1.5,
        abandon_target=0.02,
        patience_s=1.75,
        wrap_up_limit_s=33.0,
        script=script.id,
        caller_id=PhoneNumber("+861012345678"),
        record=False,
    )
    assert campaign.state is CampaignState.DRAFT
    assert campaign.created_at == world.clock.now()
    assert await world.store.campaign(campaign.id) == campaign
    assert await world.store.find_campaign("全部") == campaign


async def test_unknown_campaigns(world: World) -> None:
    with pytest.raises(InputError, match="no campaign"):
        await world.store.campaign(CampaignId(world.ids.new()))
    with pytest.raises(InputError, match="no campaign"):
        await world.store.act(CampaignId(world.ids.new()), CampaignAction.START)
    assert await world.store.find_campaign("x") is None


async def test_a_script_must_exist(world: World) -> None:
    with pytest.raises(InputError):
        await world.draft(mode=Mode.ROBOT, script=ScriptVersionId(world.ids.new()))


async def test_a_name_is_taken_once(world: World) -> None:
    await world.draft("one")
    with pytest.raises(ConflictError, match="already"):
        await world.draft("one")


async def test_campaigns_come_newest_first(world: World) -> None:
    for name in ("a", "b"):
        await world.draft(name)
        world.clock.advance(1)
    assert [campaign.plan.name for campaign in await world.store.campaigns()] == ["b", "a"]


async def test_actions_follow_the_table_and_leave_a_history(world: World) -> None:
    campaign = await world.draft()
    world.clock.advance(5)
    assert (await world.store.act(campaign.id, CampaignAction.START)).state is CampaignState.RUNNING
    with pytest.raises(ConflictError, match="possible now"):
        await world.store.act(campaign.id, CampaignAction.SCHEDULE)
    events = await world.store.state_events("campaign", str(campaign.id))
    assert [(e.before, e.after) for e in events] == [("", "draft"), ("draft", "running")]
    assert events[1].at == world.clock.now()


async def test_filter_forms_are_replaced_by_id_and_by_name(world: World) -> None:
    first, second = FilterFormId(world.ids.new()), FilterFormId(world.ids.new())
    condition = AnyOf((Not(Compare("age", Operator.IN, ("1", "2"))), EVERYTHING))
    await world.store.save_filter_form(FilterForm(first, "成年", condition))
    assert await world.store.filter_form("成年") == FilterForm(first, "成年", condition)
    await world.store.save_filter_form(FilterForm(first, "adult", EVERYTHING))
    assert await world.store.filter_form("成年") is None
    await world.store.save_filter_form(FilterForm(second, "adult", condition))
    assert await world.store.filter_form("adult") == FilterForm(second, "adult", condition)


async def test_an_allocation_counts_and_leaves_out_what_is_there(world: World) -> None:
    campaign, batch = await world.draft(), await world.batch(10)
    forever = Suppression(world.number(3), "asked", world.clock.now())
    await world.store.suppress(forever)
    young = Compare("age", Operator.LESS, ("8",))
    first = await world.allocate(campaign, batch, ToRobot(), young, limit=4)
    assert (first.matched, first.allocated, first.suppressed) == (6, 3, 1)
    rest = await world.allocate(campaign, batch)
    assert (rest.matched, rest.allocated, rest.suppressed) == (6, 6, 0)
    rows = await world.store.name_results(campaign.id)
    assert [r.row for r in rows] == list(range(2, 12))
    assert [r.row for r in rows if r.state is LeadState.SUPPRESSED] == [3]
    assert await world.store.batches_of(campaign.id) == [batch.id]


async def test_the_same_allocation_again_changes_nothing(world: World) -> None:
    campaign, batch = await world.draft(), await world.batch(3)
    new = NewAllocation(AllocationId(world.ids.new()), campaign.id, batch.id, ToQueue())
    first = await world.store.allocate(new)
    world.clock.advance(1)
    assert await world.store.allocate(new) == first


async def test_agents_get_equal_shares_in_turn(world: World) -> None:
    agents = [await world.agent(name) for name in ("甲", "乙", "丙")]
    campaign, batch = await world.draft(), await world.batch(7)
    await world.store.suppress(Suppression(world.number(2), "asked", world.clock.now()))
    done = await world.allocate(campaign, batch, ToAgents(tuple(agents)))
    assert (done.allocated, done.suppressed) == (6, 1)
    await world.store.act(campaign.id, CampaignAction.START)
    previews = [await world.store.preview(campaign.id, agent) for agent in agents]
    assert [p.number for p in previews if p] == [world.number(i) for i in (3, 4, 5)]


@pytest.mark.parametrize("missing", ["campaign", "batch", "agent"])
async def test_an_allocation_needs_what_it_names(world: World, missing: str) -> None:
    campaign, batch = await world.draft(), await world.batch(2)
    target = ToAgents((AgentId(world.ids.new()),)) if missing == "agent" else ToQueue()
    if missing == "campaign":
        campaign = replace(campaign, id=CampaignId(world.ids.new()))
    if missing == "batch":
        batch = replace(batch, id=BatchId(world.ids.new()))
    with pytest.raises(InputError):
        await world.allocate(campaign, batch, target)
    assert await world.store.batches_of(campaign.id) == []


async def test_names_taken_back_may_be_extracted_again(world: World) -> None:
    floor = await world.floor(4)
    [dialed] = await floor.claim()
    await floor.end(dialed)
    assert await world.store.take_back(floor.campaign.id) == 3
    assert await world.store.take_back(floor.campaign.id) == 0
    assert await floor.states() == {LeadState.READY: 1, LeadState.TAKEN_BACK: 3}
    assert await floor.claim(4) == []
    again = await world.allocate(floor.campaign, floor.batch)
    assert (again.matched, again.allocated) == (3, 3)
    assert [name.number for name in await floor.claim(4)] == [world.number(i) for i in (3, 4, 5)]


async def test_an_entry_that_ends_only_delays_a_name(world: World) -> None:
    until = world.clock.now() + timedelta(hours=1)
    await world.store.suppress(
        Suppression(world.number(2), "holiday", world.clock.now(), expires_at=until)
    )
    floor = await world.floor(1)
    assert await floor.claim() == []
    world.clock.advance(3601)
    assert len(await floor.claim()) == 1


async def test_a_bad_id_has_no_history(world: World) -> None:
    with pytest.raises(InputError, match="not an id"):
        await world.store.state_events("campaign", "x")
