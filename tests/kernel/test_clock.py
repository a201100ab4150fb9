from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock import SystemClock, VirtualClock
from kernel.errors import DefectError
from kernel.virtual_time import run_virtual

START = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)


def test_a_clock_without_a_loop_moves_only_when_told() -> None:
    clock = VirtualClock(START)
    assert clock.now() == START
    clock.advance(61)
    assert clock.now() == START + timedelta(seconds=61)
    assert clock.monotonic() == 61
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        VirtualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the very thing that is refused


async def test_sleeping_without_a_loop_advances() -> None:
    clock = VirtualClock(START)
    await clock.sleep(5)
    assert clock.monotonic() == 5


async def test_the_system_clock_is_aware_and_never_runs_back() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0)
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() >= before


def test_on_a_virtual_loop_an_hour_passes_at_once_and_in_order() -> None:
    async def main() -> list[tuple[float, str]]:
        clock = VirtualClock(START, asyncio.get_running_loop())
        log: list[tuple[float, str]] = []

        async def sleeper(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            log.append((clock.monotonic(), name))

        async with asyncio.TaskGroup() as group:
            for name, seconds in (("c", 3600.0), ("a", 0.5), ("b", 0.5)):
                group.create_task(sleeper(name, seconds))
        assert clock.now() == START + timedelta(hours=1)
        with pytest.raises(ValueError, match="without a loop"):
            clock.advance(1)
        return log

    assert run_virtual(main()) == [(0.5, "a"), (0.5, "b"), (3600.0, "c")]


def test_timeouts_work_in_virtual_time() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.0):
                await asyncio.Event().wait()
        return loop.time()

    assert run_virtual(main()) == pytest.approx(2.0)


def test_a_world_in_which_nothing_can_happen_any_more_is_a_defect() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DefectError, match="stands still"):
        run_virtual(main())
