from __future__ import annotations

import asyncio
from random import Random

import pytest

from dialer.campaign_runner import EnginePorts
from kernel.clock import VirtualClock
from kernel.ids import TimeOrderedIds
from kernel.service import TaskOwner
from kernel.telephony import SwitchBack
from kernel.virtual_time import run_virtual
from sim.process import MortalProcess, ProcessKilledError
from storage.memory.store import MemoryStore
from telephony_adapter.simulated.switch import SimulatedSwitch


def ports() -> EnginePorts:
    clock = VirtualClock(loop=asyncio.get_running_loop())
    switch = SimulatedSwitch(clock)
    return EnginePorts(MemoryStore(clock), switch, clock, TimeOrderedIds(clock, Random(1)))


def test_a_living_process_reaches_its_ports() -> None:
    async def story() -> None:
        world = ports()
        inside = MortalProcess(world).ports
        await inside.switch.start()
        assert (await inside.switch.heartbeat()).live_calls == 0
        assert await inside.store.start_engine("here") == 1
        await inside.clock.sleep(3.0)
        assert inside.clock.monotonic() == world.clock.monotonic() >= 3.0

    run_virtual(story())


def test_a_dead_process_reaches_nobody_not_even_in_finally() -> None:
    async def story() -> None:
        world = ports()
        process = MortalProcess(world)
        inside = process.ports
        await inside.switch.start()
        reached: list[str] = []

        async def work() -> None:
            try:
                await inside.clock.sleep(5.0)
                reached.append("went on")
            finally:
                await inside.store.start_engine("from the grave")
                reached.append("cleaned up")

        owner = TaskOwner("victim")
        task = owner.start("work", work())
        await world.clock.sleep(1.0)
        process.kill()
        with pytest.raises(ProcessKilledError):
            await task
        assert reached == []
        assert await world.store.start_engine("first to get through") == 1
        with pytest.raises(ProcessKilledError):
            inside.clock.monotonic()
        with pytest.raises(ProcessKilledError):
            await inside.switch.heartbeat()

    run_virtual(story())


def test_what_was_sent_before_the_death_is_carried_out() -> None:
    async def story() -> None:
        world = ports()
        process = MortalProcess(world)
        owner = TaskOwner("victim")
        await process.ports.switch.start()
        task = owner.start("beat", process.ports.switch.heartbeat())
        await asyncio.sleep(0)
        process.kill()
        with pytest.raises(ProcessKilledError):
            await task

    run_virtual(story())


def test_a_stopped_process_waits_and_goes_on_later() -> None:
    async def story() -> None:
        world = ports()
        process = MortalProcess(world)
        await process.ports.switch.start()
        owner = TaskOwner("sleeper")
        process.stop()
        task = owner.start("beat", process.ports.switch.heartbeat())
        await world.clock.sleep(30.0)
        assert not task.done()
        process.go_on()
        assert (await task).live_calls == 0

    run_virtual(story())


def test_events_end_with_the_process() -> None:
    async def story() -> None:
        world = ports()
        process = MortalProcess(world)
        await process.ports.switch.start()
        assert isinstance(world.switch, SimulatedSwitch)
        world.switch.cut(1.0)
        events = process.ports.switch.events()
        await anext(events)
        assert isinstance(await anext(events), SwitchBack)
        world.switch.cut(1.0)
        process.kill()
        with pytest.raises(ProcessKilledError):
            await anext(events)

    run_virtual(story())
