from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from campaigns.redial import LeadState, NextStep
from campaigns.results import AttemptRow
from dialer.ports import AttemptUpdate, ClaimedName, Suppression
from kernel.call import AttemptState, Result
from kernel.errors import DefectError
from kernel.ids import AttemptId
from tests.conformance.stores.world import Floor, World, minutes

_S = AttemptState
_COURSE = (_S.SENT, _S.RINGING, _S.EARLY, _S.ANSWERED, _S.CONNECTED, _S.UNKNOWN, _S.ENDED)


def course(floor: Floor, name: ClaimedName, ends: Sequence[AttemptState]) -> list[AttemptUpdate]:
    """One true history: everything up to CONNECTED, then each end, a second apart."""
    start, updates = name.claimed_at, []
    agent = None
    for second, state in enumerate((*_COURSE[:5], *ends), start=1):
        at = start + timedelta(seconds=second)
        if state in {_S.UNKNOWN, _S.ENDED}:
            result = Result.ANSWERED_MACHINE if state is _S.ENDED else Result.UNKNOWN
            updates.append(floor.ended(name, result, state, at))
        else:
            updates.append(AttemptUpdate(name.attempt, state, at, agent))
    return updates


async def row_of(floor: Floor, name: ClaimedName) -> AttemptRow:
    rows = await floor.world.store.attempt_history(floor.campaign.id)
    [row] = [row for row in rows if row.attempt == name.attempt]
    return row


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_updates_in_any_order_and_number_leave_the_same_row(
    world: World, data: st.DataObject
) -> None:
    agent = await world.agent()
    floor = await world.floor(2, name=f"campaign {world.ids.new()}")
    world.block += 1
    plain, mixed = await floor.claim(2)
    ends = data.draw(st.sampled_from([(), (_S.ENDED,), (_S.UNKNOWN,), (_S.UNKNOWN, _S.ENDED)]))
    for update in course(floor, plain, ends):
        await world.store.record([replace(update, agent=agent)])
    told = course(floor, mixed, ends)
    shuffled = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told)))))
    cuts = data.draw(st.lists(st.integers(0, len(shuffled)), max_size=3).map(sorted))
    for start, stop in zip((0, *cuts), (*cuts, len(shuffled)), strict=True):
        await world.store.record([replace(u, agent=agent) for u in shuffled[start:stop]])
    expected = await row_of(floor, plain)
    found = await row_of(floor, mixed)
    assert (
        replace(found, attempt=expected.attempt, row=expected.row, number=expected.number)
        == expected
    )
    states = await floor.states()
    assert set(states.values()) == {2}, "both names stand alike"


async def test_a_lower_or_equal_rank_changes_nothing(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.reach(name, _S.ANSWERED)
    before = await row_of(floor, name)
    late = AttemptUpdate(name.attempt, _S.ANSWERED, world.clock.now() + timedelta(seconds=5))
    await world.store.record([late])
    assert await row_of(floor, name) == before
    [found] = await world.store.open_attempts(floor.campaign.id)
    assert found.state is _S.ANSWERED


async def test_a_result_is_kept(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.end(name, Result.BUSY)
    world.clock.advance(1)
    await floor.end(name, Result.ANSWERED_HUMAN)
    row = await row_of(floor, name)
    assert (row.result, row.cause) == (Result.BUSY, 16)
    assert await floor.states() == {LeadState.READY: 1}


async def test_void_gives_the_name_back_as_it_was(world: World) -> None:
    floor = await world.floor(2)
    [name] = await floor.claim()
    await floor.void(name)
    await floor.void(name)
    [again] = await floor.claim()
    assert (again.lead, again.attempt_no) == (name.lead, 1)
    assert [row.attempt for row in await world.store.attempt_history(floor.campaign.id)] == [
        again.attempt
    ]


async def test_only_an_attempt_that_was_not_sent_can_be_void(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.reach(name, _S.SENT)
    await floor.void(name)
    assert await floor.states() == {LeadState.DIALING: 1}


async def test_a_void_attempt_stays_void(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.void(name)
    await floor.end(name, Result.ANSWERED_HUMAN)
    assert await floor.states() == {LeadState.READY: 1}
    assert await world.store.attempt_history(floor.campaign.id) == []


async def test_doubt_that_is_cleared_moves_the_name_again(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await world.store.record([floor.ended(name, Result.UNKNOWN, _S.UNKNOWN)])
    assert await floor.states() == {LeadState.READY: 1}
    await floor.end(name, Result.ANSWERED_HUMAN)
    assert await floor.states() == {LeadState.DONE: 1}


async def test_cleared_doubt_does_not_touch_a_name_that_moved_on(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    doubt = floor.ended(name, Result.UNKNOWN, _S.UNKNOWN)
    await world.store.record([doubt])
    world.clock.advance(minutes(61))
    [again] = await floor.claim()
    await floor.end(name, Result.BUSY)
    assert await floor.states() == {LeadState.DIALING: 1}
    await world.store.record([floor.ended(again, Result.UNKNOWN, _S.UNKNOWN)])
    assert (await row_of(floor, name)).result is Result.BUSY


async def test_somebody_reached_after_all_is_not_dialed_again(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await world.store.record([floor.ended(name, Result.UNKNOWN, _S.UNKNOWN)])
    world.clock.advance(minutes(61))
    [again] = await floor.claim()
    await floor.end(again, Result.BUSY)
    await floor.end(name, Result.ANSWERED_HUMAN)
    assert await floor.states() == {LeadState.DONE: 1}


async def test_a_name_suppressed_during_its_call_is_not_ready_again(world: World) -> None:
    floor = await world.floor(2)
    first, second = await floor.claim(2)
    now = world.clock.now()
    await world.store.suppress(Suppression(first.number, "asked on the call", now))
    await world.store.suppress(
        Suppression(second.number, "later", now, expires_at=now + timedelta(days=1))
    )
    assert await floor.states() == {LeadState.DIALING: 2}
    await floor.end(first, Result.BUSY)
    await floor.void(second)
    assert await floor.states() == {LeadState.SUPPRESSED: 1, LeadState.READY: 1}
    world.clock.advance(minutes(180))
    assert await floor.claim(2) == []
    world.clock.advance(minutes(24 * 60))
    assert [name.lead for name in await floor.claim(2)] == [second.lead]


async def test_connected_and_abandoned_imply_answered(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.reach(name, _S.ABANDONED)
    assert (await row_of(floor, name)).answered_at == world.clock.now()
    assert (await world.store.summary(floor.campaign.id)).abandoned == 1


async def test_many_attempts_in_one_call(world: World) -> None:
    floor = await world.floor(30)
    names = await floor.claim(30)
    await world.store.record([])
    await world.store.record([
        *(AttemptUpdate(n.attempt, _S.SENT, world.clock.now()) for n in names),
        *(floor.ended(n, Result.EMPTY_NUMBER) for n in names[:20]),
        AttemptUpdate(AttemptId(world.ids.new()), _S.SENT, world.clock.now()),
    ])
    assert await floor.states() == {LeadState.GAVE_UP: 20, LeadState.DIALING: 10}


@pytest.mark.parametrize(
    ("state", "result", "step"),
    [
        (_S.ENDED, None, NextStep(LeadState.DONE, None)),
        (_S.ENDED, Result.BUSY, None),
        (_S.SENT, Result.BUSY, NextStep(LeadState.DONE, None)),
    ],
)
async def test_an_impossible_update_changes_nothing(
    world: World, state: AttemptState, result: Result | None, step: NextStep | None
) -> None:
    floor = await world.floor(2)
    good, bad = await floor.claim(2)
    now = world.clock.now()
    update = AttemptUpdate(bad.attempt, state, now, result=result, next_step=step)
    with pytest.raises(DefectError):
        await world.store.record([floor.ended(good), update])
    assert await floor.states() == {LeadState.DIALING: 2}
