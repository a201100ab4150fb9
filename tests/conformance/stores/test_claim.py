from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from campaigns.campaign import CampaignAction, CampaignState
from campaigns.redial import LeadState, RedialRules
from campaigns.windows import CallingWindow
from dialer.ports import AttemptUpdate, Suppression
from kernel.call import AttemptState, Result
from kernel.clock import VirtualClock
from kernel.ids import AttemptId, CampaignId
from tests.conformance.stores.world import World, minutes


async def test_names_come_in_sheet_order_with_everything_to_dial(world: World) -> None:
    floor = await world.floor(3)
    request = floor.request(2)
    names = await world.store.claim(request)
    assert [name.attempt for name in names] == list(request.attempt_ids)
    assert [name.number for name in names] == [world.number(2), world.number(3)]
    assert names[0].fields == {"name": "姓名2", "age": "2"}
    assert {name.attempt_no for name in names} == {1}
    assert names[0].claimed_at == world.clock.now()
    assert names[0].deadline_at == world.clock.now() + timedelta(seconds=3)
    assert await floor.states() == {LeadState.READY: 1, LeadState.DIALING: 2}


async def test_fewer_names_come_when_the_list_is_short(world: World) -> None:
    floor = await world.floor(2)
    assert len(await floor.claim(5)) == 2
    assert await floor.claim(5) == []


async def test_a_repeated_claim_writes_nothing_new(world: World) -> None:
    floor = await world.floor(5)
    request = floor.request(2)
    await world.store.claim(request)
    assert await world.store.claim(request) == []
    assert await floor.states() == {LeadState.READY: 3, LeadState.DIALING: 2}


@pytest.mark.parametrize("action", [CampaignAction.PAUSE, CampaignAction.DRAIN])
async def test_only_a_running_campaign_dials(world: World, action: CampaignAction) -> None:
    floor = await world.floor()
    await world.store.act(floor.campaign.id, action)
    assert await floor.claim() == []
    await world.store.act(floor.campaign.id, CampaignAction.START)
    assert len(await floor.claim()) == 1


async def test_a_later_engine_takes_over_and_keeps(world: World) -> None:
    floor = await world.floor()
    later = await world.store.start_engine("other")
    assert later > floor.epoch
    assert [c.id for c in await world.store.take_campaigns(later)] == [floor.campaign.id]
    assert await floor.claim() == []
    assert await world.store.take_campaigns(floor.epoch) == []
    assert len(await replace(floor, epoch=later).claim()) == 1


async def test_an_engine_owns_what_runs_or_is_paused_or_drains(world: World) -> None:
    names = {}
    for action in (None, CampaignAction.PAUSE, CampaignAction.DRAIN, CampaignAction.FINISH):
        floor = await world.floor(1, f"to {action}")
        if action is not None:
            await world.store.act(floor.campaign.id, action)
        names[floor.campaign.id] = action
    await world.draft("a draft")
    taken = await world.store.take_campaigns(await world.store.start_engine("late"))
    assert [names[campaign.id] for campaign in taken] == [
        None,
        CampaignAction.PAUSE,
        CampaignAction.DRAIN,
    ]


async def test_unowned_and_unknown_campaigns_give_nothing(world: World) -> None:
    floor = await world.floor()
    other = await world.draft("unowned")
    await world.store.act(other.id, CampaignAction.START)
    assert await replace(floor, campaign=other).claim() == []
    request = replace(floor.request(1), campaign=CampaignId(world.ids.new()))
    assert await world.store.claim(request) == []


_LISBON = CallingWindow(time(1, 30), time(3), zone="Europe/Lisbon")


@pytest.mark.parametrize(
    ("window", "moment", "is_open"),
    [
        (CallingWindow(), datetime(2026, 3, 2, 0, 59, 59, 999999, UTC), False),
        (CallingWindow(), datetime(2026, 3, 2, 1, 0, tzinfo=UTC), True),
        (CallingWindow(), datetime(2026, 3, 2, 12, 59, 59, 999999, UTC), True),
        (CallingWindow(), datetime(2026, 3, 2, 13, 0, tzinfo=UTC), False),
        (CallingWindow(weekdays=frozenset({2})), datetime(2026, 3, 2, 2, tzinfo=UTC), False),
        (CallingWindow(weekdays=frozenset({1})), datetime(2026, 3, 2, 2, tzinfo=UTC), True),
        # A Sunday in Honolulu is a Monday in UTC.
        (
            CallingWindow(weekdays=frozenset({7}), zone="Pacific/Honolulu"),
            datetime(2026, 3, 2, 2, tzinfo=UTC),
            True,
        ),
        # Clocks go from 1:00 to 2:00 on 29 March: 1:30 does not exist.
        (_LISBON, datetime(2026, 3, 29, 0, 59, tzinfo=UTC), False),
        (_LISBON, datetime(2026, 3, 29, 1, 0, tzinfo=UTC), True),
        # Clocks go back from 2:00 to 1:00 on 25 October: 1:30 comes twice, 1:10 too.
        (_LISBON, datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        (_LISBON, datetime(2026, 10, 25, 1, 10, tzinfo=UTC), False),
        (_LISBON, datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),
    ],
)
async def test_calling_hours(
    world: World, window: CallingWindow, moment: datetime, is_open: bool
) -> None:
    agent = await world.agent()
    floor = await world.floor(2, agents=[agent], window=window)
    clock = world.clock
    assert isinstance(clock, VirtualClock)
    clock.advance((moment - clock.now()).total_seconds() if moment > clock.now() else 0)
    clock._start += moment - clock.now()
    assert window.is_open(moment) is is_open
    # The names became due when they were allocated, which may be later than `moment`.
    clock_was_set_back = moment < datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    expected = 0 if clock_was_set_back else int(is_open)
    assert (await world.store.preview(floor.campaign.id, agent) is not None) == bool(expected)
    assert len(await floor.claim(1, agent)) == expected


async def test_a_name_waits_until_it_is_due_again(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.end(name, Result.NO_ANSWER)
    assert await world.store.unsettled_count(floor.campaign.id) == 1
    assert await world.store.ready_count(floor.campaign.id) == 0
    world.clock.advance(minutes(60) - 1)
    assert await floor.claim() == []
    world.clock.advance(1)
    assert await world.store.ready_count(floor.campaign.id) == 1
    [again] = await floor.claim()
    assert (again.lead, again.attempt_no) == (name.lead, 2)


async def test_attempts_are_limited_whatever_the_next_step_says(world: World) -> None:
    floor = await world.floor(1, redial=RedialRules(max_attempts=1))
    [name] = await floor.claim()
    step = RedialRules(max_attempts=2).after(Result.BUSY, 1, world.clock.now())
    update = replace(floor.ended(name, Result.BUSY), next_step=step)
    await world.store.record([update])
    world.clock.advance(minutes(300))
    assert await floor.claim() == []


async def test_one_number_is_open_once_over_all_campaigns(world: World) -> None:
    first = await world.floor(1)
    second = await world.floor(1, "second")
    first = replace(first, epoch=second.epoch)
    [name] = await first.claim()
    assert await second.claim() == []
    await first.end(name)
    world.clock.advance(minutes(30) - 1)
    assert await second.claim() == []
    world.clock.advance(1)
    assert len(await second.claim()) == 1


async def test_a_number_twice_in_a_list_is_claimed_once(world: World) -> None:
    floor = await world.floor(1)
    twins = await world.batch(3, "twins", numbers=[7, 7, 8])
    await world.allocate(floor.campaign, twins)
    names = await floor.claim(4)
    assert [n.number for n in names] == [world.number(i) for i in (2, 7, 8)]
    assert await floor.claim(4) == []


async def test_a_void_attempt_does_not_start_the_gap(world: World) -> None:
    first = await world.floor(1)
    second = await world.floor(1, "second")
    first = replace(first, epoch=second.epoch)
    [name] = await first.claim()
    await first.void(name)
    [again] = await second.claim()
    assert again.number == name.number


async def test_an_unknown_attempt_starts_the_gap(world: World) -> None:
    first = await world.floor(1)
    second = await world.floor(1, "second")
    first = replace(first, epoch=second.epoch)
    [name] = await first.claim()
    await world.store.record([first.ended(name, Result.UNKNOWN, AttemptState.UNKNOWN)])
    assert await second.claim() == []
    world.clock.advance(minutes(30))
    assert len(await second.claim()) == 1


async def test_suppressed_numbers_are_not_claimed(world: World) -> None:
    floor = await world.floor(3)
    other = await world.draft("other")
    now = world.clock.now()
    await world.store.suppress(Suppression(world.number(2), "asked", now))
    await world.store.suppress(Suppression(world.number(3), "asked", now, campaign=other.id))
    assert [n.number for n in await floor.claim(3)] == [world.number(3), world.number(4)]
    assert (await floor.states())[LeadState.SUPPRESSED] == 1


async def test_an_agents_names_are_the_agents_only(world: World) -> None:
    mine, other = await world.agent("甲"), await world.agent("乙")
    floor = await world.floor(4, agents=[mine, other])
    assert await floor.claim(4) == []
    assert await world.store.ready_count(floor.campaign.id) == 0
    assert await world.store.unsettled_count(floor.campaign.id) == 4
    assert [n.number for n in await floor.claim(4, mine)] == [world.number(2), world.number(4)]
    assert [n.number for n in await floor.claim(1, other)] == [world.number(3)]


async def test_a_preview_claims_nothing_and_its_name_can_be_claimed(world: World) -> None:
    agent = await world.agent()
    floor = await world.floor(3, agents=[agent])
    shown = await world.store.preview(floor.campaign.id, agent)
    assert shown is not None
    assert (shown.number, shown.attempts, shown.fields["age"]) == (world.number(2), 0, "2")
    assert await world.store.preview(floor.campaign.id, agent) == shown
    await floor.claim(1, agent)
    following = await world.store.preview(floor.campaign.id, agent)
    assert following is not None
    assert following.number == world.number(3)
    [name] = await floor.claim(1, agent, following.lead)
    assert name.lead == following.lead
    assert await floor.claim(1, agent, following.lead) == []


async def test_preview_obeys_the_campaign(world: World) -> None:
    agent = await world.agent()
    floor = await world.floor(1, agents=[agent])
    await world.store.act(floor.campaign.id, CampaignAction.PAUSE)
    assert await world.store.preview(floor.campaign.id, agent) is None
    await world.store.act(floor.campaign.id, CampaignAction.START)
    await world.store.suppress(Suppression(world.number(2), "asked", world.clock.now()))
    assert await world.store.preview(floor.campaign.id, agent) is None


async def test_open_attempts_tell_what_reconciliation_needs(world: World) -> None:
    floor = await world.floor(3)
    agent = await world.agent()
    names = await floor.claim(2)
    await floor.reach(names[0], AttemptState.SENT, AttemptState.ANSWERED)
    connected = AttemptUpdate(
        names[0].attempt, AttemptState.CONNECTED, world.clock.now(), agent=agent
    )
    await world.store.record([connected])
    await floor.end(names[1])
    [found] = await world.store.open_attempts(floor.campaign.id)
    assert (found.attempt, found.lead, found.number) == (
        names[0].attempt,
        names[0].lead,
        names[0].number,
    )
    assert (found.state, found.epoch, found.boot_id) == (
        AttemptState.CONNECTED,
        floor.epoch,
        "boot",
    )
    assert (found.attempt_no, found.fields, found.deadline_at) == (
        1,
        names[0].fields,
        names[0].deadline_at,
    )
    assert (found.answered_at, found.agent) == (world.clock.now(), agent)


async def test_finishing_needs_the_owner_and_a_live_campaign(world: World) -> None:
    floor = await world.floor()
    later = await world.store.start_engine("later")
    assert not await world.store.finish_campaign(floor.campaign.id, later)
    await world.store.act(floor.campaign.id, CampaignAction.PAUSE)
    assert not await world.store.finish_campaign(floor.campaign.id, floor.epoch)
    await world.store.act(floor.campaign.id, CampaignAction.DRAIN)
    assert await world.store.finish_campaign(floor.campaign.id, floor.epoch)
    assert not await world.store.finish_campaign(floor.campaign.id, floor.epoch)
    stored = await world.store.campaign(floor.campaign.id)
    assert stored.state is CampaignState.FINISHED


async def test_counts_follow_the_names(world: World) -> None:
    floor = await world.floor(3)
    counts = world.store.ready_count, world.store.unsettled_count
    assert [await count(floor.campaign.id) for count in counts] == [3, 3]
    names = await floor.claim(2)
    assert [await count(floor.campaign.id) for count in counts] == [1, 3]
    await floor.end(names[0], Result.EMPTY_NUMBER)
    await floor.void(names[1])
    assert [await count(floor.campaign.id) for count in counts] == [2, 2]
    await world.store.take_back(floor.campaign.id)
    assert [await count(floor.campaign.id) for count in counts] == [0, 0]


async def test_states_of_names_and_attempts_leave_a_history(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.reach(name, AttemptState.SENT, AttemptState.RINGING)
    await floor.end(name, Result.BUSY)
    lead = await world.store.state_events("lead", str(name.lead))
    assert [e.after for e in lead] == ["ready", "dialing", "ready"]
    attempt = await world.store.state_events("attempt", str(name.attempt))
    assert [(e.before, e.after) for e in attempt] == [
        ("", "intent"),
        ("intent", "sent"),
        ("sent", "ringing"),
        ("ringing", "ended"),
    ]
    assert attempt[1].at == name.claimed_at + timedelta(seconds=1)
    assert await world.store.state_events("attempt", str(AttemptId(world.ids.new()))) == []
