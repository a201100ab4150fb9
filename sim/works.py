"""One engine's process and its agents, started again whenever the process dies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from random import Random

from campaigns.ports import AgentRecord
from dialer.campaign_runner import EnginePorts
from dialer.engine import Engine, EngineSettings
from kernel.errors import ConflictError, WaihuError
from kernel.ids import CampaignId
from sim.agents import Manner, SimulatedAgent
from sim.process import MortalProcess

#: How the tasks of an engine's owners are named.
_ENGINE_TASKS = ("engine/", "journal/", "campaign-")
#: What a service manager needs to notice a death and start anew.
RESTART_S = 2.0


class Works:
    """Keeps one engine at work.

    Args:
        ports: the world; it outlives every engine.
        campaign: what the agents work for.
        roster: the agents.
        seed: of everything random about the agents.
    """

    def __init__(
        self, ports: EnginePorts, campaign: CampaignId, roster: Sequence[AgentRecord], seed: int
    ) -> None:
        self.kills = 0
        self._ports = ports
        self._campaign = campaign
        self._roster = tuple(roster)
        self._seed = seed
        self._staff: list[SimulatedAgent] = []
        self._process = MortalProcess(ports)
        self._engine = Engine(self._process.ports)

    async def start(self) -> None:
        """Start an engine, however often it takes, and let the agents sign in."""
        while True:
            self._process = MortalProcess(self._ports)
            self._engine = Engine(self._process.ports, EngineSettings("simulation"))
            try:
                await self._engine.start()
            except WaihuError:
                # A process that cannot start dies, and its service manager tries again.
                self._process.kill()
                await _bury()
                await self._ports.clock.sleep(RESTART_S)
            else:
                break
        for number, record in enumerate(self._roster):
            rng = Random(f"{self._seed}/agent/{number}/{self.kills}")
            agent = SimulatedAgent(
                self._engine,
                record,
                self._campaign,
                self._ports.clock,
                rng=rng,
                manner=Manner(),
            )
            with suppress(ConflictError):
                agent.sign_in()
            self._staff.append(agent)

    async def kill(self) -> None:
        """Kill the engine at this very moment; a new one follows."""
        self._process.kill()
        self.kills += 1
        await _bury()
        await self._send_home()
        await self._ports.clock.sleep(RESTART_S)
        await self.start()

    async def freeze(self, seconds: float) -> None:
        """Stop the engine's process for a while."""
        process = self._process
        process.stop()
        await self._ports.clock.sleep(seconds)
        process.go_on()

    async def aclose(self) -> None:
        """Close time: agents go, then the engine."""
        await self._send_home()
        await self._engine.aclose()

    async def _send_home(self) -> None:
        for agent in self._staff:
            await agent.aclose()
        self._staff.clear()


async def _bury() -> None:
    """Clear away the dead engine's tasks; whatever they still try, no port hears them."""
    dead = [t for t in asyncio.all_tasks() if t.get_name().startswith(_ENGINE_TASKS)]
    for task in dead:
        task.cancel()
    if dead:
        await asyncio.wait(dead)
