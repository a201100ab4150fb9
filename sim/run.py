"""One seeded run: the real engine, store twin and switch on a virtual clock."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from campaigns.allocation import NewAllocation, ToAgents, ToQueue, ToRobot
from campaigns.campaign import CampaignAction, CampaignPlan, CampaignState, Mode
from campaigns.ports import AgentRecord
from dialer.campaign_runner import ABANDONMENT_PROMPT, EnginePorts
from dialer.engine import Engine, EngineSettings
from kernel.clock import Clock, VirtualClock
from kernel.ids import (
    AgentId,
    AllocationId,
    BatchId,
    CampaignId,
    Ids,
    MemberId,
    TimeOrderedIds,
)
from kernel.media import RATE_HZ
from kernel.phone import PhoneNumber
from kernel.virtual_time import run_virtual
from lists.batch import Batch, Field, FieldKind, NewBatch, NewMember, SourceFile
from sim.agents import Manner, SimulatedAgent
from sim.oracle import Outcomes, Violation, digest, judge
from storage.memory.store import MemoryStore
from telephony_adapter.simulated.faults import NO_FAULTS, Faults
from telephony_adapter.simulated.population import Habits, Mix, SeededPopulation
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch
from telephony_adapter.simulated.truth import InviteRecord

#: 9:00 in Shanghai.
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
#: After the last hour, time for calls to end and for reconciliation to see it.
_QUIET_S = 180.0
#: Length of the abandonment message.
_MESSAGE_S = 6.0


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """What to simulate.

    Attributes:
        seed: of everything that is random.
        hours: virtual hours of dialing.
        agents: agents at work.
        names: names on the list.
        faults: what goes wrong between engine and switch.
        campaign: the campaign's settings.
    """

    seed: int = 1
    hours: float = 1.0
    agents: int = 10
    names: int = 2_000
    faults: Faults = NO_FAULTS
    campaign: CampaignPlan = field(
        default_factory=lambda: CampaignPlan("simulated", Mode.PREDICTIVE, lines=200, record=False)
    )


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What came out.

    Attributes:
        call_hours: hours of answered calls, by the switch's log.
        invites: telephones rung.
        occupancy, abandon_ratio: of the campaign, from the store.
        digest: equal for equal histories.
        cpu_s: processor seconds of this process.
    """

    seed: int
    virtual_hours: float
    call_hours: float
    invites: int
    answered: int
    results: dict[str, int]
    occupancy: float
    abandon_ratio: float
    violations: list[Violation]
    digest: str
    cpu_s: float


def simulate(plan: SimulationPlan) -> SimulationReport:
    """Run a plan in virtual time; the same plan gives the same digest."""
    started = time.process_time()
    with tempfile.TemporaryDirectory(prefix="waihu-sim-") as folder:
        _write_message(Path(folder))
        world = run_virtual(_play(plan, Path(folder)))
    return replace(world, cpu_s=time.process_time() - started)


def _write_message(folder: Path) -> None:
    """The abandonment message; nobody listens, only its length counts."""
    with wave.open(str(folder / f"{ABANDONMENT_PROMPT}.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(bytes(2 * round(_MESSAGE_S * RATE_HZ)))


async def _play(plan: SimulationPlan, prompts: Path) -> SimulationReport:
    clock = VirtualClock(MORNING, asyncio.get_running_loop())
    ids = TimeOrderedIds(clock, Random(f"{plan.seed}/ids"))
    store = MemoryStore(clock)
    switch = SimulatedSwitch(clock, _switch_options(plan, prompts))
    engine = Engine(EnginePorts(store, switch, clock, ids), EngineSettings("simulation"))
    campaign = await _prepare(plan, store, ids)
    await engine.start()
    staff = await _staff(plan, engine, store, campaign, clock)
    await clock.sleep(plan.hours * 3600)
    if (await store.campaign(campaign)).state is CampaignState.RUNNING:
        await store.act(campaign, CampaignAction.DRAIN)
    switch.set_faults(NO_FAULTS)
    await clock.sleep(_QUIET_S + plan.campaign.ring_timeout_s)
    for agent in staff:
        await agent.aclose()
    await engine.aclose()
    return await _report(plan, store, campaign, switch.truth)


def _switch_options(plan: SimulationPlan, prompts: Path) -> SimulatedOptions:
    # People talk to agents for a minute on average; no audio flows, so nothing is rendered.
    population = SeededPopulation(plan.seed, Mix(), Habits())
    return SimulatedOptions(
        seed=plan.seed, population=population, prompts=prompts, faults=plan.faults
    )


async def _prepare(plan: SimulationPlan, store: MemoryStore, ids: Ids) -> CampaignId:
    batch = await store.save_batch(_list(plan, ids))
    campaign = await store.create_campaign(CampaignId(ids.new()), plan.campaign)
    agents = tuple(AgentId(ids.new()) for _ in range(plan.agents))
    for number, agent in enumerate(agents, start=1):
        await store.save_agent(AgentRecord(agent, f"agent {number:04d}", f"sim:{number}"))
    await store.allocate(_allocation(plan, batch, campaign.id, agents, ids))
    await store.act(campaign.id, CampaignAction.START)
    return campaign.id


def _allocation(
    plan: SimulationPlan, batch: Batch, campaign: CampaignId, agents: tuple[AgentId, ...], ids: Ids
) -> NewAllocation:
    match plan.campaign.mode:
        case Mode.PREVIEW:
            target: ToAgents | ToQueue | ToRobot = ToAgents(agents)
        case Mode.ROBOT:
            target = ToRobot()
        case _:
            target = ToQueue()
    return NewAllocation(AllocationId(ids.new()), campaign, batch.id, target)


def _list(plan: SimulationPlan, ids: Ids) -> NewBatch:
    rng = Random(f"{plan.seed}/list")
    numbers = rng.sample(range(10_000_000, 99_999_999), plan.names)
    members = tuple(
        NewMember(MemberId(ids.new()), row, PhoneNumber(f"+86139{number}"), {"name": f"No. {row}"})
        for row, number in enumerate(numbers, start=2)
    )
    content = b"simulated"
    return NewBatch(
        BatchId(ids.new()),
        "simulated",
        SourceFile("simulated.csv", hashlib.sha256(content).hexdigest(), content),
        "",
        1,
        (Field("phone", "phone", 0, FieldKind.PHONE), Field("name", "name", 1, FieldKind.NAME)),
        members,
        (),
    )


async def _staff(
    plan: SimulationPlan,
    engine: Engine,
    store: MemoryStore,
    campaign: CampaignId,
    clock: Clock,
) -> list[SimulatedAgent]:
    staff = []
    for number, record in enumerate(await store.agents()):
        rng = Random(f"{plan.seed}/agent/{number}")
        agent = SimulatedAgent(engine, record.id, campaign, clock, rng=rng, manner=Manner())
        agent.sign_in(record.address)
        staff.append(agent)
    return staff


async def _report(
    plan: SimulationPlan,
    store: MemoryStore,
    campaign: CampaignId,
    truth: Sequence[InviteRecord],
) -> SimulationReport:
    history = await store.attempt_history(campaign)
    outcomes = Outcomes({row.attempt: row.result for row in history if row.result is not None})
    summary = await store.summary(campaign)
    talk_s = sum(
        (invite.ended_at - invite.answered_at).total_seconds()
        for invite in truth
        if invite.answered_at and invite.ended_at
    )
    return SimulationReport(
        seed=plan.seed,
        virtual_hours=plan.hours,
        call_hours=talk_s / 3600,
        invites=len(truth),
        answered=sum(invite.answered_at is not None for invite in truth),
        results={result.value: count for result, count in summary.results.items()},
        occupancy=summary.occupancy,
        abandon_ratio=summary.abandon_ratio,
        violations=judge(truth, plan.campaign, outcomes),
        digest=digest(truth, outcomes),
        cpu_s=0.0,
    )
