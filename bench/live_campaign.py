"""One progressive campaign in real time: the real engine on a durable PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time as wall_time, timedelta
from random import Random

from bench.database import descendants_cpu_s, own_postgres
from bench.figures import CLOCK
from campaigns.allocation import NewAllocation, ToQueue
from campaigns.campaign import CampaignAction, CampaignPlan, CampaignState, Mode
from campaigns.ports import AgentRecord
from campaigns.redial import RedialRules
from campaigns.results import AttemptRow
from campaigns.windows import CallingWindow
from dialer.campaign_runner import EnginePorts
from dialer.engine import Engine
from kernel.ids import AgentId, AllocationId, BatchId, CampaignId, MemberId, TimeOrderedIds
from kernel.phone import PhoneNumber
from kernel.telephony import Telephony
from lists.batch import NewBatch, NewMember, SourceFile
from sim.agents import Manner, SimulatedAgent
from storage.migrations import migrate
from storage.postgres.database import Database
from storage.postgres.store import PostgresStore

PLAN = CampaignPlan(
    "bench",
    Mode.PROGRESSIVE,
    window=CallingWindow(wall_time(0), wall_time.max, zone="UTC"),
    redial=RedialRules(max_attempts=1, min_gap=timedelta(hours=1)),
    lines=1_000,
    record=False,
)
_GIVE_UP_S = 150.0


@dataclass(frozen=True, slots=True)
class Work:
    """What to dial, and who is there.

    Attributes:
        numbers: each is dialed once.
        phones: agents' telephones in the switch's own terms.
        manner: how the agents work.
    """

    numbers: Sequence[PhoneNumber]
    phones: Sequence[str]
    manner: Manner


@dataclass(frozen=True, slots=True)
class Played:
    """What came out.

    Attributes:
        history: every attempt, from the database.
        seconds: from the first claim to the last end.
        cpu_s: processor seconds of this process meanwhile: engine, and whatever else is in it.
        database_cpu_s: of PostgreSQL.
    """

    history: Sequence[AttemptRow]
    seconds: float
    cpu_s: float
    database_cpu_s: float


async def play(switch: Telephony, work: Work) -> Played:
    """Dial every number once on `switch`, and leave nothing running."""
    async with own_postgres() as dsn:
        await migrate(dsn)
        database = await Database.open(dsn)
        store, ids = PostgresStore(database), TimeOrderedIds(CLOCK, Random(1))
        engine = Engine(EnginePorts(store, switch, CLOCK, ids))
        try:
            campaign = await _prepare(store, ids, work.numbers)
            await engine.start()
            return await _dial(engine, store, ids, campaign, work)
        finally:
            await engine.aclose()
            await database.aclose()


async def _prepare(
    store: PostgresStore, ids: TimeOrderedIds, numbers: Sequence[PhoneNumber]
) -> CampaignId:
    members = tuple(
        NewMember(MemberId(ids.new()), row, number, {"name": f"No. {row}"})
        for row, number in enumerate(numbers, start=2)
    )
    source = SourceFile("bench.csv", hashlib.sha256(b"").hexdigest(), b"")
    batch = await store.save_batch(
        NewBatch(BatchId(ids.new()), "bench", source, "", 1, (), members, ())
    )
    campaign = await store.create_campaign(CampaignId(ids.new()), PLAN)
    await store.allocate(NewAllocation(AllocationId(ids.new()), campaign.id, batch.id, ToQueue()))
    await store.act(campaign.id, CampaignAction.START)
    return campaign.id


async def _dial(
    engine: Engine, store: PostgresStore, ids: TimeOrderedIds, campaign: CampaignId, work: Work
) -> Played:
    cpu_s, database_cpu_s = time.process_time(), descendants_cpu_s()
    staff = []
    for number, phone in enumerate(work.phones):
        record = AgentRecord(AgentId(ids.new()), f"agent {number}", phone)
        await store.save_agent(record)
        agent = SimulatedAgent(
            engine, record, campaign, CLOCK, rng=Random(number), manner=work.manner
        )
        agent.sign_in()
        staff.append(agent)
    try:
        async with asyncio.timeout(_GIVE_UP_S), asyncio.TaskGroup() as group:
            # A part of the engine that fails ends the measurement, too.
            watching = group.create_task(engine.watch())
            while (await store.campaign(campaign)).state is not CampaignState.FINISHED:
                await CLOCK.sleep(0.25)
            watching.cancel()
    finally:
        for agent in staff:
            await agent.aclose()
    history = await store.attempt_history(campaign)
    ended = [row.ended_at for row in history if row.ended_at is not None]
    return Played(
        history,
        (max(ended) - min(row.claimed_at for row in history)).total_seconds(),
        time.process_time() - cpu_s,
        descendants_cpu_s() - database_cpu_s,
    )
