"""Many at once, on the real database."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.campaign import CampaignAction
from campaigns.redial import LeadState
from dialer.ports import AttemptUpdate, ClaimedName, Suppression
from kernel.call import AttemptState, Result
from kernel.clock import SystemClock
from kernel.errors import ConflictError
from kernel.ids import BatchId, MemberId
from kernel.service import TaskOwner
from storage.postgres.database import Database
from storage.postgres.store import PostgresStore
from tests.conformance.stores.world import Floor, World

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(database: Database) -> World:
    world = World(PostgresStore(database))
    world.store = PostgresStore(database, world.clock)
    return world


async def claim_until_empty(floor: Floor, names: int) -> list[ClaimedName]:
    claimed: list[ClaimedName] = []
    while fresh := await floor.claim(names):
        claimed += fresh
    return claimed


async def test_no_name_and_no_number_is_claimed_twice(world: World) -> None:
    """Two campaigns over the same 300 numbers, eight claimers."""
    first = await world.floor(300)
    second = await world.floor(300, "second")
    first = replace(first, epoch=second.epoch)
    claims = [claim_until_empty(floor, 7) for floor in (first, second) * 4]
    claimed = [name for names in await asyncio.gather(*claims) for name in names]
    # A claim that lost a number to the other campaign may come back empty before the end.
    claimed += await claim_until_empty(first, 50) + await claim_until_empty(second, 50)
    assert Counter(name.number for name in claimed).most_common(1)[0][1] == 1
    assert len({name.lead for name in claimed}) == len(claimed) == 300


async def test_nothing_is_claimed_after_a_pause_is_told(world: World) -> None:
    floor = await world.floor(400)
    told = asyncio.Event()
    late: list[ClaimedName] = []

    async def claim() -> None:
        for _ in range(30):
            was_told = told.is_set()
            names = await floor.claim(3)
            late.extend(names if was_told else [])

    async def pause() -> None:
        await world.store.act(floor.campaign.id, CampaignAction.PAUSE)
        told.set()

    await asyncio.gather(claim(), claim(), pause(), claim())
    assert late == []
    assert await floor.claim() == []


async def test_a_claim_that_waits_for_a_pause_comes_back_empty(
    world: World, database: Database
) -> None:
    floor = await world.floor(5)
    owner = TaskOwner("test")
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE campaign SET state = 'paused' WHERE id = $1", floor.campaign.id
        )
        claim = owner.start("claim", floor.claim(3))
        await _until_somebody_waits(database)
        assert not claim.done()
    assert await claim == []


async def test_a_claim_that_waited_judges_by_what_is_committed_then(
    world: World, database: Database
) -> None:
    """The number is dialed and suppressed elsewhere while the claim waits for its campaign."""
    first = await world.floor(3)
    second = await world.floor(3, "second")
    first = replace(first, epoch=second.epoch)
    owner = TaskOwner("test")
    async with database.transaction() as connection:
        await connection.execute("UPDATE campaign SET lines = 31 WHERE id = $1", first.campaign.id)
        claim = owner.start("claim", first.claim(3))
        await _until_somebody_waits(database)
        [dialed] = await second.claim(1)
        await second.end(dialed, Result.BUSY)
        await world.store.suppress(Suppression(world.number(3), "asked", world.clock.now()))
    assert [name.number for name in await claim] == [world.number(4)]


async def test_concurrent_updates_of_one_attempt(world: World) -> None:
    floor = await world.floor(20)
    names = await floor.claim(20)
    now = world.clock.now()
    updates = [
        [AttemptUpdate(n.attempt, state, now + timedelta(seconds=state)) for n in names]
        for state in (AttemptState.SENT, AttemptState.RINGING, AttemptState.ANSWERED)
    ]
    ends = [floor.ended(name, Result.ANSWERED_HUMAN) for name in reversed(names)]
    await asyncio.gather(*(world.store.record(group) for group in (*updates, ends, ends)))
    rows = await world.store.attempt_history(floor.campaign.id)
    assert all(row.sent_at and row.ringing_at and row.answered_at for row in rows)
    assert await floor.states() == {LeadState.DONE: 20}


async def test_suppression_against_results(world: World) -> None:
    """Whatever the order, no suppressed number stays callable."""
    floor = await world.floor(60)
    names = await floor.claim(60)
    now = world.clock.now()
    await asyncio.gather(
        *(world.store.record([floor.ended(name, Result.BUSY)]) for name in names),
        *(world.store.suppress(Suppression(name.number, "asked", now)) for name in names),
    )
    assert await floor.states() == {LeadState.SUPPRESSED: 60}


async def test_one_import_at_a_time_and_one_state_change(world: World) -> None:
    new = world.new_batch("list", 50)
    again = replace(
        new,
        id=BatchId(world.ids.new()),
        members=tuple(replace(m, id=MemberId(world.ids.new())) for m in new.members),
    )
    stored = await asyncio.gather(world.store.save_batch(new), world.store.save_batch(again))
    assert stored[0] == stored[1]
    campaign = await world.draft()
    done = await asyncio.gather(
        *(world.store.act(campaign.id, CampaignAction.START) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, ConflictError) for outcome in done) == 2


async def test_epochs_rise(world: World) -> None:
    epochs = await asyncio.gather(*(world.store.start_engine("host") for _ in range(10)))
    assert len(set(epochs)) == 10
    assert await world.store.start_engine("host") > max(epochs)


async def _until_somebody_waits(database: Database) -> None:
    clock = SystemClock()
    async with asyncio.timeout(10):
        while not await database.fetch("SELECT FROM pg_locks WHERE NOT granted"):
            await clock.sleep(0.01)
