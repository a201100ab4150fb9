from __future__ import annotations

from campaigns.redial import LeadState
from kernel.call import AttemptState, Result
from kernel.ids import CampaignId
from tests.conformance.stores.world import World, minutes

_S = AttemptState


async def test_an_untouched_name(world: World) -> None:
    floor = await world.floor(1)
    [row] = await world.store.name_results(floor.campaign.id)
    assert (row.batch, row.row, row.number) == (floor.batch.id, 2, world.number(2).e164)
    assert (row.state, row.attempts, row.result) == (LeadState.READY, 0, None)
    assert (row.called_at, row.talk_s, row.tag, row.answers) == (None, 0.0, "", {})


async def test_a_name_shows_its_last_attempt_and_its_last_talk(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.reach(name, _S.SENT, _S.ANSWERED)
    world.clock.advance(12.5)
    await floor.end(name, Result.ANSWERED_MACHINE)
    world.clock.advance(minutes(240))
    [again] = await floor.claim()
    [row] = await world.store.name_results(floor.campaign.id)
    assert (row.state, row.attempts, row.result) == (
        LeadState.DIALING,
        2,
        Result.ANSWERED_MACHINE,
    )
    assert (row.called_at, row.talk_s) == (again.claimed_at, 12.5)
    await floor.end(again, Result.BUSY)
    [row] = await world.store.name_results(floor.campaign.id)
    assert (row.result, row.talk_s) == (Result.BUSY, 12.5)


async def test_results_by_batch_and_row(world: World) -> None:
    floor = await world.floor(2)
    world.clock.advance(1)
    other = await world.batch(2, "second list", numbers=[50, 51])
    await world.allocate(floor.campaign, other)
    rows = await world.store.name_results(floor.campaign.id)
    assert [(row.batch, row.row) for row in rows] == [
        (floor.batch.id, 2),
        (floor.batch.id, 3),
        (other.id, 2),
        (other.id, 3),
    ]
    assert await world.store.name_results(floor.campaign.id, other.id) == rows[2:]
    assert await world.store.batches_of(floor.campaign.id) == [floor.batch.id, other.id]


async def test_the_summary_counts_attempts(world: World) -> None:
    floor = await world.floor(8)
    names = await floor.claim(7)
    first_at = world.clock.now()
    human, machine, abandoned, busy, voided, waiting, ringing = names
    for name in (human, machine):
        await floor.reach(name, _S.SENT, _S.ANSWERED, _S.CONNECTED)
    await floor.reach(abandoned, _S.SENT, _S.ANSWERED, _S.ABANDONED)
    await floor.reach(ringing, _S.RINGING)
    world.clock.advance(10)
    await floor.end(human, Result.ANSWERED_HUMAN)
    await floor.end(machine, Result.ANSWERED_MACHINE)
    await floor.end(abandoned, Result.ABANDONED)
    await floor.end(busy, Result.BUSY)
    await floor.void(voided)
    summary = await world.store.summary(floor.campaign.id)
    assert (summary.names, summary.dialed, summary.answered) == (8, 5, 3)
    assert (summary.connected, summary.abandoned) == (2, 1)
    assert summary.results == {
        Result.ANSWERED_HUMAN: 1,
        Result.ANSWERED_MACHINE: 1,
        Result.ABANDONED: 1,
        Result.BUSY: 1,
    }
    assert summary.by_state == {
        LeadState.DONE: 1,
        LeadState.READY: 5,
        LeadState.DIALING: 2,
    }
    assert summary.talk_s == 18 + 15 + 12
    assert (summary.first_at, summary.last_at) == (first_at, world.clock.now())
    assert waiting.attempt in {
        row.attempt for row in await world.store.attempt_history(floor.campaign.id)
    }
    assert summary.abandon_ratio == 0.5


async def test_an_empty_campaign(world: World) -> None:
    campaign = CampaignId(world.ids.new())
    summary = await world.store.summary(campaign)
    assert (summary.names, summary.dialed, summary.talk_s, summary.first_at) == (0, 0, 0, None)
    assert (summary.by_state, summary.results, summary.survey) == ({}, {}, {})
    assert await world.store.name_results(campaign) == []
    assert await world.store.answer_sheet(campaign) == []
    assert await world.store.attempt_history(campaign) == []


async def test_the_history_of_dials(world: World) -> None:
    floor = await world.floor(2)
    [first] = await floor.claim()
    await floor.reach(first, _S.SENT, _S.RINGING, _S.EARLY)
    [second] = await floor.claim()
    await floor.end(first, Result.NO_ANSWER)
    rows = await world.store.attempt_history(floor.campaign.id)
    assert [row.attempt for row in rows] == [first.attempt, second.attempt]
    assert (rows[0].batch, rows[0].row, rows[0].number) == (
        floor.batch.id,
        2,
        first.number.e164,
    )
    instants = [rows[0].sent_at, rows[0].ringing_at, rows[0].early_at, rows[0].ended_at]
    assert [(at - first.claimed_at).total_seconds() for at in instants if at] == [1, 2, 3, 3]
    assert (rows[0].answered_at, rows[0].connected_at, rows[0].agent) == (None, None, None)
    assert (rows[0].result, rows[0].cause, rows[0].sip_status) == (Result.NO_ANSWER, 16, None)
