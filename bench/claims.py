"""Claims and write-back on the embedded PostgreSQL: `python -m bench.claims`.

Each worker owns a campaign: it claims a batch of names, then records them sent, ringing and
ended, as an engine does. Everything is durable (fsync and synchronous commit are on).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import tempfile
from datetime import time, timedelta
from pathlib import Path
from random import Random

from campaigns.allocation import NewAllocation, ToQueue
from campaigns.campaign import CampaignAction, CampaignPlan, Mode
from campaigns.redial import LeadState, NextStep
from campaigns.windows import CallingWindow
from dialer.ports import AttemptUpdate, ClaimedName, ClaimRequest, Epoch
from kernel.call import AttemptState, Result
from kernel.clock import SystemClock
from kernel.ids import AllocationId, AttemptId, BatchId, CampaignId, MemberId, TimeOrderedIds
from kernel.phone import PhoneNumber
from lists.batch import NewBatch, NewMember, SourceFile
from storage.embedded import EmbeddedPostgres
from storage.migrations import migrate
from storage.postgres.database import Database, DatabaseOptions
from storage.postgres.store import PostgresStore

CLOCK = SystemClock()
IDS = TimeOrderedIds(CLOCK, Random(1))
ALWAYS = CallingWindow(time(0), time(23, 59, 59, 999999), zone="UTC")


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


async def measure(arguments: argparse.Namespace, dsn: str) -> None:
    await migrate(dsn)
    database = await Database.open(dsn, DatabaseOptions(connections=arguments.connections))
    store = PostgresStore(database)
    try:
        for kind, claims_only in (("claim", True), ("claim + 3 write-backs", False)):
            offset = 0 if claims_only else arguments.connections
            started = CLOCK.monotonic()
            campaigns = [
                await running_campaign(store, offset + worker, arguments.names)
                for worker in range(arguments.connections)
            ]
            loaded_s = CLOCK.monotonic() - started
            epoch = await store.start_engine("bench")
            await store.take_campaigns(epoch)
            started = CLOCK.monotonic()
            done = await asyncio.gather(
                *(
                    work(store, c, epoch, arguments.batch, claims_only=claims_only)
                    for c in campaigns
                )
            )
            took_s = CLOCK.monotonic() - started
            print(
                f"{kind}: {sum(done) / took_s:,.0f} attempts/s "
                f"({sum(done)} names, {arguments.connections} connections, "
                f"batch {arguments.batch}; import and allocation took {loaded_s:.1f} s)"
            )
    finally:
        await database.aclose()


async def run(arguments: argparse.Namespace, folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    dsn = await server.start()
    try:
        await measure(arguments, dsn)
    finally:
        await server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=5_000, help="names per connection")
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--connections", type=int, default=4)
    with tempfile.TemporaryDirectory(prefix="waihu-bench-") as folder:
        Path(folder).chmod(0o755)  # the server's user must be able to enter
        asyncio.run(run(parser.parse_args(), Path(folder) / "database"))


if __name__ == "__main__":
    main()
