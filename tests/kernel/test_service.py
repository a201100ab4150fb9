from __future__ import annotations

import asyncio

import pytest

from kernel.service import TaskOwner


async def fail() -> None:
    raise LookupError("broken")


async def test_the_first_failure_reaches_the_watcher() -> None:
    owner = TaskOwner("test")
    owner.start("waits", asyncio.Event().wait())
    owner.start("fails", fail())
    with pytest.raises(LookupError, match="broken"):
        await owner.watch()
    assert len(owner) == 1
    await owner.aclose()
    assert len(owner) == 0


async def test_closing_cancels_and_waits() -> None:
    owner = TaskOwner("test")
    cleaned = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    task = owner.start("work", work())
    await asyncio.sleep(0)
    assert task.get_name() == "test/work"
    await owner.aclose()
    assert cleaned.is_set()


async def test_settling_waits_for_all_and_raises_what_failed() -> None:
    owner = TaskOwner("test")
    done: list[int] = []

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    owner.start("one", work(1))
    owner.start("two", work(2))
    await owner.settle()
    assert sorted(done) == [1, 2]
    owner.start("fails", fail())
    with pytest.raises(LookupError):
        await owner.settle()
