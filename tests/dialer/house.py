"""A small house in virtual time: real engine, real store twin, real simulated switch."""

from __future__ import annotations

import asyncio
import hashlib
import wave
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from campaigns.allocation import NewAllocation, ToAgents, ToQueue, ToRobot
from campaigns.campaign import CampaignAction, CampaignPlan, CampaignState, Mode
from campaigns.ports import AgentRecord
from campaigns.redial import RedialRules
from dialer.campaign_runner import ABANDONMENT_PROMPT, EnginePorts
from dialer.engine import Engine
from dialer.ports import EngineStore
from kernel.clock import Clock, VirtualClock
from kernel.conversation import AnsweredCallHandler
from kernel.ids import (
    AgentId,
    AllocationId,
    BatchId,
    CampaignId,
    MemberId,
    ScriptVersionId,
    TimeOrderedIds,
)
from kernel.media import RATE_HZ
from kernel.phone import PhoneNumber
from kernel.virtual_time import run_virtual
from lists.batch import Field, FieldKind, NewBatch, NewMember, SourceFile
from sim.agents import Manner, SimulatedAgent
from sim.process import MortalProcess
from storage.memory.store import MemoryStore
from telephony_adapter.simulated.faults import NO_FAULTS, Faults
from telephony_adapter.simulated.people import Callee, HangUp, Joined, Outcome, PersonEvent, Plan
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch
from tests.dialer.scenario import START

#: Length of the abandonment message in these tests.
MESSAGE_S = 3.0
ONCE = RedialRules(max_attempts=1)
QUICK = Manner(talk_s=10.0, wrap_up_s=2.0, look_s=1.0)


class Talker:
    """Holds the line; hangs up some time after somebody has joined."""

    def __init__(self, talk_s: float) -> None:
        self._talk_s = talk_s

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        del now_s
        return (HangUp(after_s=self._talk_s),) if isinstance(event, Joined) else None


def answers(talk_s: float = 8.0, *, ring_s: float = 2.0) -> Callee:
    return Callee(Outcome.ANSWER, alert_s=0.5, ring_s=ring_s, person=Talker(talk_s))


def busy() -> Callee:
    return Callee(Outcome.BUSY, 0.5, 0.1, rings=False, cause=17, sip_status=486)


@dataclass
class Town:
    """`Population` that does as it is told."""

    callee_of: Callable[[PhoneNumber, int], Callee] = lambda number, attempt_no: answers()

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        return self.callee_of(number, attempt_no)


@dataclass
class House:
    """Everything around one campaign; `open` builds it."""

    mode: Mode = Mode.PROGRESSIVE
    names: int = 8
    agents: int = 3
    town: Town = field(default_factory=Town)
    faults: Faults = NO_FAULTS
    records: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    handler: AnsweredCallHandler | None = None
    folder: Path = Path()
    wrap: Callable[[MemoryStore, Clock], EngineStore] = lambda store, clock: store

    async def open(self) -> None:
        self.clock = VirtualClock(START, asyncio.get_running_loop())
        self.ids = TimeOrderedIds(self.clock, Random(7))
        self.store = MemoryStore(self.clock)
        options = SimulatedOptions(
            seed=7,
            population=self.town,
            prompts=self.folder,
            recordings=self.folder,
            faults=self.faults,
            records=self.records,
        )
        self.switch = SimulatedSwitch(self.clock, options)
        self.roster = [
            AgentRecord(AgentId(self.ids.new()), f"agent {n}", f"sim:{n}")
            for n in range(self.agents)
        ]
        for record in self.roster:
            await self.store.save_agent(record)
        self.campaign = await self.add_campaign("first")
        self.ports = EnginePorts(
            self.wrap(self.store, self.clock), self.switch, self.clock, self.ids, self.handler
        )
        self.engine = Engine(self.ports)
        self.staff: list[SimulatedAgent] = []

    async def add_campaign(self, name: str) -> CampaignId:
        script = await self._script(name) if self.mode is Mode.ROBOT else None
        basis = CampaignPlan(name, self.mode, record=False, redial=ONCE, script=script)
        plan = replace(basis, **self.settings)
        campaign = await self.store.create_campaign(CampaignId(self.ids.new()), plan)
        batch = await self.store.save_batch(self._list(name))
        target = ToAgents(tuple(a.id for a in self.roster)) if self.mode is Mode.PREVIEW else None
        await self.store.allocate(
            NewAllocation(
                AllocationId(self.ids.new()),
                campaign.id,
                batch.id,
                target or (ToRobot() if self.mode is Mode.ROBOT else ToQueue()),
            )
        )
        await self.store.act(campaign.id, CampaignAction.START)
        return campaign.id

    async def _script(self, name: str) -> ScriptVersionId:
        script = ScriptVersionId(self.ids.new())
        await self.store.publish_script(script, name, "")
        return script

    def _list(self, name: str) -> NewBatch:
        area = int(hashlib.sha256(name.encode()).hexdigest()[:3], 16)
        members = tuple(
            NewMember(
                MemberId(self.ids.new()),
                row,
                PhoneNumber(f"+86138{area:04d}{row:04d}"),
                {"name": f"No. {row}"},
            )
            for row in range(self.names)
        )
        source = SourceFile(f"{name}.csv", hashlib.sha256(name.encode()).hexdigest(), b"list")
        fields = (
            Field("phone", "phone", 0, FieldKind.PHONE),
            Field("name", "name", 1, FieldKind.NAME),
        )
        return NewBatch(BatchId(self.ids.new()), name, source, "", 1, fields, members, ())

    # --- people ------------------------------------------------------------------------------

    async def begin(self, engine: Engine | None = None, manner: Manner = QUICK) -> None:
        """Start an engine (the house's own by default) and seat everybody."""
        self.engine = engine or self.engine
        await self.engine.start()
        self.seat(manner)

    def seat(self, manner: Manner = QUICK) -> None:
        for number, record in enumerate(self.roster):
            agent = SimulatedAgent(
                self.engine,
                record,
                self.campaign,
                self.clock,
                rng=Random(number),
                manner=manner,
            )
            agent.sign_in()
            self.staff.append(agent)

    async def send_home(self) -> None:
        for agent in self.staff:
            await agent.aclose()
        self.staff.clear()

    async def seated(self, agent: AgentId) -> None:
        """Sign an agent in by hand, ready for calls."""
        record = next(r for r in self.roster if r.id == agent)
        self.engine.sign_in(agent, record.address, self.campaign)
        await self.clock.sleep(1.0)
        self.engine.ready(agent)

    def mortal(self) -> tuple[MortalProcess, Engine]:
        process = MortalProcess(self.ports)
        return process, Engine(process.ports)

    # --- what became of it -------------------------------------------------------------------

    async def until(self, happened: Callable[[], bool], within_s: float = 60.0) -> None:
        async with asyncio.timeout(within_s):
            while not happened():
                await self.clock.sleep(0.05)

    async def until_finished(self, within_s: float = 300.0) -> None:
        async with asyncio.timeout(within_s):
            while (await self.store.campaign(self.campaign)).state is not CampaignState.FINISHED:
                await self.clock.sleep(0.5)

    async def close(self) -> None:
        """Close time; nothing may be left anywhere."""
        await self.send_home()
        await self.engine.aclose()
        await self.assert_nothing_is_left()

    async def assert_nothing_is_left(self) -> None:
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await self.switch.start()
        assert not await self.switch.live_calls()
        await self.switch.aclose()

    async def results(self) -> list[str]:
        return sorted(str(row.result) for row in await self.store.attempt_history(self.campaign))

    async def assert_protocol(self, rung: int | None = None) -> None:
        """Every ring has a result and is of the list's number, nobody is rung twice."""
        truth = self.switch.truth
        numbers = [invite.number for invite in truth]
        assert len(numbers) == len(set(numbers))
        assert rung is None or len(numbers) == rung
        rows = {row.attempt: row for row in await self.store.attempt_history(self.campaign)}
        for invite in truth:
            row = rows[invite.attempt_id]
            assert row.number == invite.number.e164
            assert row.result is not None


def play(story: Callable[[House], Coroutine[Any, Any, None]], house: House) -> None:
    """Run a story in a house, in virtual time."""

    async def whole() -> None:
        await house.open()
        await story(house)

    with TemporaryDirectory(prefix="waihu-house-") as folder:
        house.folder = Path(folder)
        write_message(house.folder)
        run_virtual(whole())


def write_message(folder: Path) -> None:
    with wave.open(str(folder / f"{ABANDONMENT_PROMPT}.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(bytes(2 * round(MESSAGE_S * RATE_HZ)))


def total_s(parts: Sequence[Any], until: Any) -> float:
    """Seconds of seat intervals."""
    seconds = [((part.ended_at or until) - part.started_at).total_seconds() for part in parts]
    return float(sum(seconds))
