from __future__ import annotations

import asyncio
from random import Random

import pytest

from kernel.clock import VirtualClock
from kernel.errors import CommitUnknownError, UnavailableError
from kernel.virtual_time import run_virtual
from sim.store_faults import StoreFaults, UnreliableStore
from storage.memory.store import MemoryStore


def store(faults: StoreFaults) -> tuple[UnreliableStore, MemoryStore]:
    clock = VirtualClock(loop=asyncio.get_running_loop())
    inner = MemoryStore(clock)
    return UnreliableStore(inner, clock, Random(1), faults), inner


def test_without_faults_only_time_passes() -> None:
    async def story() -> None:
        unreliable, _ = store(StoreFaults(latency_s=0.5))
        before = asyncio.get_running_loop().time()
        assert await unreliable.port.start_engine("a") == 1
        assert asyncio.get_running_loop().time() > before

    run_virtual(story())


def test_a_refused_statement_has_no_effect() -> None:
    async def story() -> None:
        unreliable, inner = store(StoreFaults(unavailable=1.0))
        with pytest.raises(UnavailableError):
            await unreliable.port.start_engine("a")
        assert await inner.start_engine("b") == 1
        unreliable.faults = StoreFaults()
        unreliable.away = True
        with pytest.raises(UnavailableError):
            await unreliable.port.start_engine("a")

    run_virtual(story())


def test_doubt_strikes_writes_only_and_keeps_about_half_of_them() -> None:
    async def story() -> None:
        unreliable, _ = store(StoreFaults(commit_unknown=1.0))
        assert await unreliable.port.start_engine("reads and starts are not in doubt") == 1
        kept = 0
        for _ in range(40):
            with pytest.raises(CommitUnknownError) as told:
                await unreliable.port.record([])
            kept += "was kept" in str(told.value)
        assert 10 < kept < 30

    run_virtual(story())
