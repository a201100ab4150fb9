from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.errors import ConflictError, InputError
from kernel.ids import BatchId
from lists.filters import EVERYTHING, Compare, Operator
from tests.conformance.stores.world import FIELDS, World


async def test_an_import_is_stored_whole(world: World) -> None:
    new = world.new_batch("三月", 3)
    batch = await world.store.save_batch(new)
    assert (batch.id, batch.name, batch.members, batch.rejected) == (new.id, "三月", 3, 1)
    assert batch.fields == FIELDS
    assert batch.created_at == world.clock.now()
    assert await world.store.find_batch("三月") == batch
    assert await world.store.find_batch("四月") is None
    assert await world.store.rejected_rows(batch.id) == list(new.rejected)
    assert await world.store.source_file(batch.id) == new.source


async def test_the_same_file_again_changes_nothing(world: World) -> None:
    new = world.new_batch("list", 3)
    first = await world.store.save_batch(new)
    again = await world.store.save_batch(replace(new, id=BatchId(world.ids.new())))
    assert again == first
    assert await world.store.count_members(first.id, EVERYTHING) == 3


async def test_another_file_cannot_take_the_name(world: World) -> None:
    await world.batch(3, "list")
    with pytest.raises(ConflictError, match="another file"):
        await world.batch(4, "list")
    assert [batch.members for batch in await world.store.batches()] == [3]


async def test_batches_come_newest_first(world: World) -> None:
    for name in ("a", "b", "c"):
        await world.batch(1, name)
        world.clock.advance(1)
    assert [batch.name for batch in await world.store.batches()] == ["c", "b", "a"]


async def test_members_are_counted_by_condition(world: World) -> None:
    batch = await world.batch(10)
    older = Compare("age", Operator.AT_LEAST, ("8",))
    assert await world.store.count_members(batch.id, older) == 4
    assert await world.store.count_members(BatchId(world.ids.new()), EVERYTHING) == 0


async def test_an_unknown_batch_has_no_file(world: World) -> None:
    with pytest.raises(InputError, match="no batch"):
        await world.store.source_file(BatchId(world.ids.new()))
