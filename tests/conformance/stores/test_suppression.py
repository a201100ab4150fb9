from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.redial import LeadState
from dialer.ports import Suppression
from kernel.errors import InputError
from kernel.ids import CampaignId
from tests.conformance.stores.world import World


async def test_an_entry_for_every_campaign(world: World) -> None:
    campaign = await world.draft()
    number = world.number(1)
    assert not await world.store.is_suppressed(number, None)
    await world.store.suppress(Suppression(number, "asked", world.clock.now()))
    assert await world.store.is_suppressed(number, None)
    assert await world.store.is_suppressed(number, campaign.id)
    assert not await world.store.is_suppressed(world.number(2), None)


async def test_an_entry_for_one_campaign(world: World) -> None:
    campaign, other = await world.draft("one"), await world.draft("other")
    entry = Suppression(world.number(1), "asked", world.clock.now(), campaign=campaign.id)
    await world.store.suppress(entry)
    answers = [
        await world.store.is_suppressed(entry.number, scope)
        for scope in (campaign.id, other.id, None)
    ]
    assert answers == [True, False, False]
    with pytest.raises(InputError):
        await world.store.suppress(replace(entry, campaign=CampaignId(world.ids.new())))


async def test_entries_end_and_only_grow(world: World) -> None:
    now = world.clock.now()
    entry = Suppression(world.number(1), "holiday", now, expires_at=now + timedelta(seconds=100))
    await world.store.suppress(entry)
    await world.store.suppress(replace(entry, expires_at=now + timedelta(seconds=50)))
    world.clock.advance(99)
    assert await world.store.is_suppressed(entry.number, None)
    world.clock.advance(1)
    assert not await world.store.is_suppressed(entry.number, None)
    await world.store.suppress(replace(entry, expires_at=None))
    await world.store.suppress(entry)
    world.clock.advance(1000)
    assert await world.store.is_suppressed(entry.number, None)


async def test_names_are_held_back_at_once_and_only_once(world: World) -> None:
    floor = await world.floor(3)
    entry = Suppression(world.number(2), "asked", world.clock.now())
    await world.store.suppress(entry)
    await world.store.suppress(entry)
    assert await floor.states() == {LeadState.READY: 2, LeadState.SUPPRESSED: 1}
    assert await world.store.unsettled_count(floor.campaign.id) == 2
    [row] = [r for r in await world.store.name_results(floor.campaign.id) if r.row == 2]
    assert row.state is LeadState.SUPPRESSED


async def test_an_entry_that_ends_moves_the_due_time(world: World) -> None:
    floor = await world.floor(2)
    until = world.clock.now() + timedelta(hours=1)
    await world.store.suppress(
        Suppression(world.number(2), "holiday", world.clock.now(), expires_at=until)
    )
    assert await world.store.ready_count(floor.campaign.id) == 1
    world.clock.advance(3600)
    assert await world.store.ready_count(floor.campaign.id) == 2
    assert [n.number for n in await floor.claim(2)] == [world.number(3), world.number(2)]
