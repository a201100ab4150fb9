"""Claims and write-back on the embedded PostgreSQL.

Each worker owns a campaign: it claims a batch of names, then records them sent, ringing and
ended, as an engine does. Everything is durable (fsync and synchronous commit are on).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import time, timedelta
from random import Random

import asyncpg

from bench.database import own_postgres
from bench.figures import CLOCK, Figure
from campaigns.allocation import NewAllocation, ToQueue
from campaigns.campaign import CampaignAction, CampaignPlan, Mode
from campaigns.redial import LeadState, NextStep
from campaigns.windows import CallingWindow
from dialer.ports import AttemptUpdate, ClaimedName, ClaimRequest, Epoch
from kernel.call import AttemptState, Result
from kernel.ids import AllocationId, AttemptId, BatchId, CampaignId, MemberId, TimeOrderedIds
from kernel.phone import PhoneNumber
from lists.batch import NewBatch, NewMember, SourceFile
from storage.migrations import migrate
from storage.postgres.database import Database, DatabaseOptions
from storage.postgres.store import PostgresStore

IDS = TimeOrderedIds(CLOCK, Random(1))
ALWAYS = CallingWindow(time(0), time(23, 59, 59, 999999), zone="UTC")
CONNECTIONS = 4
BATCH = 20
#: Per connection.
NAMES, QUICK_NAMES = 5_000, 1_500
COMMITS_S = 2.0


def names_of(worker: int, count: int) -> NewBatch:
    """A list of `count` names with numbers of their own."""
    content = f"{worker}".encode()
    members = tuple(
        NewMember(
            MemberId(IDS.new()),
            row,
            PhoneNumber(f"+86{13_000_000_000 + worker * 10_000_000 + row}"),
            {"name": f"姓名{row}", "city": "深圳", "age": str(row % 90), "note": "x" * 20},
        )
        for row in range(2, count + 2)
    )
    source = SourceFile("list.csv", hashlib.sha256(content).hexdigest(), content)
    return NewBatch(BatchId(IDS.new()), f"list {worker}", source, "", 1, (), members, ())


async def running_campaign(store: PostgresStore, worker: int, names: int) -> CampaignId:
    """A running campaign over a list of its own."""
    batch = await store.save_batch(names_of(worker, names))
    plan = CampaignPlan(f"campaign {worker}", Mode.PREDICTIVE, window=ALWAYS)
    campaign = await store.create_campaign(CampaignId(IDS.new()), plan)
    allocation = AllocationId(IDS.new())
    await store.allocate(NewAllocation(allocation, campaign.id, batch.id, ToQueue()))
    await store.act(campaign.id, CampaignAction.START)
    return campaign.id


def updates(names: list[ClaimedName], state: AttemptState) -> list[AttemptUpdate]:
    """All names reach `state` now."""
    now = CLOCK.now()
    if state is not AttemptState.ENDED:
        return [AttemptUpdate(name.attempt, state, now) for name in names]
    step = NextStep(LeadState.READY, now + timedelta(hours=1))
    return [
        AttemptUpdate(name.attempt, state, now, cause=17, result=Result.BUSY, next_step=step)
        for name in names
    ]


async def work(
    store: PostgresStore, campaign: CampaignId, epoch: Epoch, batch: int, *, claims_only: bool
) -> int:
    """Dial the whole list; return how many names."""
    done = 0
    while True:
        ids = tuple(AttemptId(IDS.new()) for _ in range(batch))
        names = list(await store.claim(ClaimRequest(campaign, epoch, "boot", ids)))
        if not names:
            return done
        done += len(names)
        if not claims_only:
            for state in (AttemptState.SENT, AttemptState.RINGING, AttemptState.ENDED):
                await store.record(updates(names, state))


async def commits(dsn: str) -> float:
    """Durable single-row commits per second: what this server and disk allow without batches."""
    connections = [await asyncpg.connect(dsn) for _ in range(CONNECTIONS)]
    try:
        await connections[0].execute("CREATE TABLE bench_commits (at timestamptz)")
        started = CLOCK.monotonic()
        done = await asyncio.gather(*(_commit_on(c, started + COMMITS_S) for c in connections))
        return sum(done) / (CLOCK.monotonic() - started)
    finally:
        for connection in connections:
            await connection.close()


async def _commit_on(connection: asyncpg.Connection[asyncpg.Record], until_s: float) -> int:
    done = 0
    while CLOCK.monotonic() < until_s:
        await connection.execute("INSERT INTO bench_commits VALUES (now())")
        done += 1
    return done


async def rate(store: PostgresStore, names: int, *, claims_only: bool) -> float:
    """Attempts per second, each connection's worker on a campaign of its own."""
    offset = 0 if claims_only else CONNECTIONS
    workers = range(offset, offset + CONNECTIONS)
    campaigns = [await running_campaign(store, worker, names) for worker in workers]
    epoch = await store.start_engine("bench")
    await store.take_campaigns(epoch)
    started = CLOCK.monotonic()
    done = await asyncio.gather(
        *(work(store, c, epoch, BATCH, claims_only=claims_only) for c in campaigns)
    )
    took_s = CLOCK.monotonic() - started
    assert sum(done) == names * CONNECTIONS
    return sum(done) / took_s


async def run(names: int) -> Sequence[Figure]:
    async with own_postgres() as dsn:
        commits_per_s = await commits(dsn)
        await migrate(dsn)
        database = await Database.open(dsn, DatabaseOptions(connections=CONNECTIONS))
        store = PostgresStore(database)
        try:
            claims = await rate(store, names, claims_only=True)
            whole = await rate(store, names, claims_only=False)
        finally:
            await database.aclose()
    how = f"{CONNECTIONS} connections, {BATCH} names a statement, fsync on"
    return (
        Figure("claims", claims, "attempts/s", how),
        Figure("claims, each with its 3 write-backs", whole, "attempts/s", how),
        Figure(
            "  single-row commits on the same server",
            commits_per_s,
            "commits/s",
            f"{CONNECTIONS} connections: the limit without batches",
        ),
    )


def measure(quick: bool) -> Sequence[Figure]:  # noqa: FBT001 - the one switch of every measurement
    return asyncio.run(run(QUICK_NAMES if quick else NAMES))
