"""One seeded run: the real engine, store twin and switch on a virtual clock."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
import wave
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from campaigns.allocation import NewAllocation, ToAgents, ToQueue, ToRobot
from campaigns.campaign import CampaignAction, CampaignPlan, CampaignState, Mode
from campaigns.ports import AgentRecord
from dialer.campaign_runner import ABANDONMENT_PROMPT, EnginePorts
from kernel.clock import VirtualClock
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
from sim.disasters import NO_DISASTERS, Disasters, Fate
from sim.oracle import Outcomes, Violation, digest, judge
from sim.store_faults import NO_STORE_FAULTS, StoreFaults, UnreliableStore
from sim.works import Works
from storage.memory.store import MemoryStore
from telephony_adapter.simulated.faults import NO_FAULTS, Faults
from telephony_adapter.simulated.population import Habits, Mix, SeededPopulation
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch

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
        store_faults: what goes wrong between engine and database.
        disasters: what dies, and how often.
        records: whether the switch still knows after a crash what it had dialed.
        campaign: the campaign's settings.
    """

    seed: int = 1
    hours: float = 1.0
    agents: int = 10
    names: int = 2_000
    faults: Faults = NO_FAULTS
    store_faults: StoreFaults = NO_STORE_FAULTS
    disasters: Disasters = NO_DISASTERS
    records: bool = True
    campaign: CampaignPlan = field(
        default_factory=lambda: CampaignPlan("simulated", Mode.PREDICTIVE, lines=200, record=False)
    )

    @property
    def voice_within_s(self) -> float:
        """Longest silence that a person who answers may meet (I7).

        Half a second more than the campaign's patience while all is well. An event that is lost
        is found by the next reconciliation; what dies has to come back first.
        """
        patience_s = self.campaign.patience_s
        if self.disasters != NO_DISASTERS or self.store_faults.outages_per_hour:
            return patience_s + 4 * self.disasters.freeze_s
        if self.faults != NO_FAULTS:
            return patience_s + 10.0
        return patience_s + 0.5


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What came out.

    Attributes:
        call_hours: hours of answered calls, by the switch's log.
        invites: telephones rung.
        kills: deaths of the engine.
        occupancy, abandon_ratio: of the campaign, from the store.
        digest: equal for equal histories.
        cpu_s: processor seconds of this process.
    """

    seed: int
    virtual_hours: float
    call_hours: float
    invites: int
    kills: int
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
    rng = Random(f"{plan.seed}/store")
    unreliable = UnreliableStore(store, clock, rng, plan.store_faults)
    campaign = await _prepare(plan, store, ids)
    ports = EnginePorts(unreliable.port, switch, clock, ids)
    works = Works(ports, campaign, await store.agents(), plan.seed)
    fate = Fate(plan.disasters, plan.seed, clock)
    await works.start()
    fate.begin(works, switch, unreliable)
    await clock.sleep(plan.hours * 3600)
    await fate.end()
    if (await store.campaign(campaign)).state is CampaignState.RUNNING:
        await store.act(campaign, CampaignAction.DRAIN)
    switch.set_faults(NO_FAULTS)
    unreliable.faults = NO_STORE_FAULTS
    await clock.sleep(_QUIET_S + plan.campaign.ring_timeout_s)
    await works.aclose()
    return await _report(plan, store, campaign, works, switch)


def _switch_options(plan: SimulationPlan, prompts: Path) -> SimulatedOptions:
    # People talk to agents for a minute on average; no audio flows, so nothing is rendered.
    population = SeededPopulation(plan.seed, Mix(), Habits())
    return SimulatedOptions(
        seed=plan.seed,
        population=population,
        prompts=prompts,
        faults=plan.faults,
        records=plan.records,
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


async def _report(
    plan: SimulationPlan,
    store: MemoryStore,
    campaign: CampaignId,
    works: Works,
    switch: SimulatedSwitch,
) -> SimulationReport:
    truth = switch.truth
    history = await store.attempt_history(campaign)
    await switch.start()
    outcomes = Outcomes(
        {row.attempt: row.result for row in history if row.result is not None},
        {row.attempt: row.number for row in history},
        len(await switch.live_calls()),
    )
    await switch.aclose()
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
        kills=works.kills,
        answered=sum(invite.answered_at is not None for invite in truth),
        results={result.value: count for result, count in summary.results.items()},
        occupancy=summary.occupancy,
        abandon_ratio=summary.abandon_ratio,
        violations=judge(truth, plan.campaign, outcomes, plan.voice_within_s),
        digest=digest(truth, outcomes),
        cpu_s=0.0,
    )
