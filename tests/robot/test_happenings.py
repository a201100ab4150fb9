from __future__ import annotations

import asyncio

import pytest

from kernel.errors import UnavailableError
from kernel.virtual_time import run_virtual
from robot.happenings import Happenings, KeyPressed, LineGone


def test_what_happens_comes_in_order_and_in_time() -> None:
    async def run() -> None:
        happenings = Happenings("test")
        await happenings.put(KeyPressed("1"))
        await happenings.put(LineGone())
        # What is there already is never too late.
        assert await happenings.next(-1.0) == KeyPressed("1")
        assert await happenings.next(None) == LineGone()
        began_s = asyncio.get_running_loop().time()
        assert await happenings.next(2.0) is None
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(2.0)
        await happenings.aclose()

    run_virtual(run())


def test_the_error_of_a_task_reaches_the_conversation() -> None:
    async def run() -> None:
        happenings = Happenings("test")

        async def fail() -> None:
            raise UnavailableError("gone")

        happenings.start("fail", fail)
        with pytest.raises(UnavailableError, match="gone"):
            await happenings.next(1.0)
        await happenings.aclose()

    run_virtual(run())


def test_whoever_brings_too_much_waits() -> None:
    async def run() -> None:
        happenings = Happenings("test")
        brought: list[int] = []

        async def bring() -> None:
            for place in range(1000):
                await happenings.put(KeyPressed(str(place)))
                brought.append(place)

        happenings.start("bring", bring)
        await asyncio.sleep(1.0)
        assert len(brought) == 250
        for place in range(1000):
            assert await happenings.next(None) == KeyPressed(str(place))
        await happenings.aclose()

    run_virtual(run())


def test_a_task_that_is_ended_before_it_began_leaves_nothing_behind() -> None:
    async def run() -> None:
        happenings = Happenings("test")
        happenings.start("never", lambda: asyncio.sleep(1.0))
        await happenings.aclose()

    run_virtual(run())
