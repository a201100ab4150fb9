"""The whole product on a real switch and a real database, and the world outside as the oracle."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import time, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
from pydantic import SecretStr

from api.list_import import ImportReport, import_list
from api.script_publishing import publish_script
from campaigns.allocation import NewAllocation, Target
from campaigns.campaign import Campaign, CampaignAction, CampaignPlan, CampaignState, Mode
from campaigns.redial import RedialRules
from campaigns.windows import CallingWindow
from dialer.campaign_runner import CampaignRunner
from kernel.ids import AllocationId, BatchId, CampaignId, Ids, ScriptVersionId
from kernel.service import TaskOwner
from lab.rig import Rig
from lab.world import WorldCall
from lists.filter_text import parse_filter
from runtime.product import Product, open_product
from runtime.settings import Settings, load_settings
from storage.postgres.store import PostgresStore

SCRIPT = Path(__file__).with_name("survey.call")
ALL_DAY = CallingWindow(time(0), time.max)
#: The least that a campaign may let a telephone ring.
RING_TIMEOUT_S = 15.0
#: Nothing is left on either switch this long after the last call.
SETTLES_S = 10.0


def settings_on(
    rig: Rig, data: Path, dsn: str | None = None, hearing: Path | None = None
) -> Settings:
    """Settings of an installation beside the rig's switch: folders below `data`."""
    database = None if dsn is None else SecretStr(dsn)
    return load_settings(data=data).model_copy(
        update={
            "database_url": database,
            "switch": SecretStr(rig.switch.address),
            "hearing": hearing,
        }
    )


def plan(
    name: str,
    mode: Mode,
    *,
    attempts: int = 1,
    gap_s: float = 2.0,
    script: ScriptVersionId | None = None,
) -> CampaignPlan:
    """A campaign that is in a hurry: least ring timeout, many lines, the same gap for all."""
    return CampaignPlan(
        name,
        mode,
        window=ALL_DAY,
        redial=RedialRules(attempts, timedelta(seconds=gap_s), delays={}),
        ring_timeout_s=RING_TIMEOUT_S,
        lines=200,
        script=script,
    )


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """A real xlsx; the first row holds the titles."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    book.close()
    return out.getvalue()


async def import_rows(
    store: PostgresStore, ids: Ids, name: str, rows: Sequence[Sequence[object]]
) -> ImportReport:
    """Import a workbook of these rows as a batch of that name."""
    return await import_list(
        store, ids, name=name, file_name=f"{name}.xlsx", content=workbook(rows)
    )


async def publish(store: PostgresStore, ids: Ids, source: str) -> ScriptVersionId:
    """Publish a script."""
    version, _ = await publish_script(store, ids, name="survey", source=source)
    return version.id


@dataclass(frozen=True)
class Stage:
    """A running product and the rig it dials on."""

    product: Product
    rig: Rig
    watching: asyncio.Task[None]

    async def import_rows(self, name: str, rows: Sequence[Sequence[object]]) -> ImportReport:
        """Import a workbook of these rows as a batch of that name."""
        return await import_rows(self.product.store, self.product.ids, name, rows)

    async def publish(self, source: str) -> ScriptVersionId:
        """Publish a script."""
        return await publish(self.product.store, self.product.ids, source)

    async def start(
        self, wanted: CampaignPlan, batch: BatchId, target: Target, condition: str = ""
    ) -> Campaign:
        """Create, allocate and start a campaign, and wait until the engine has it."""
        product = self.product
        campaign = await product.store.create_campaign(CampaignId(product.ids.new()), wanted)
        await product.store.allocate(
            NewAllocation(
                AllocationId(product.ids.new()), campaign.id, batch, target, parse_filter(condition)
            )
        )
        campaign = await product.store.act(campaign.id, CampaignAction.START)
        product.engine.poke()
        await self.until(lambda: self.runs(campaign.id), 10.0)
        return campaign

    def runs(self, campaign: CampaignId) -> bool:
        """Whether the engine has the campaign."""
        return any(runner.floor.campaign.id == campaign for runner in self.product.engine.runners)

    def runner(self, campaign: CampaignId) -> CampaignRunner:
        """The campaign in the engine."""
        return self.product.engine.runner(campaign)

    async def finished(self, campaign: CampaignId, within_s: float) -> None:
        """Wait until the campaign is over."""
        async with asyncio.timeout(within_s):
            while not await self._is_over(campaign):
                await self._pause(0.2)

    async def _is_over(self, campaign: CampaignId) -> bool:
        found = await self.product.store.campaign(campaign)
        return found.state is CampaignState.FINISHED

    async def until(self, happened: Callable[[], bool], within_s: float) -> None:
        """Poll until it has happened."""
        async with asyncio.timeout(within_s):
            while not happened():
                await self._pause(0.02)

    async def _pause(self, seconds: float) -> None:
        """Wait; a part of the product that fails ends the test at once."""
        if self.watching.done():
            self.watching.result()
        await self.product.clock.sleep(seconds)

    def invites(self, numbers: Collection[str]) -> Counter[str]:
        """How often the world was asked for each of these numbers."""
        return invites(self.rig, numbers)


def invites(rig: Rig, numbers: Collection[str]) -> Counter[str]:
    """How often the world was asked for each of these numbers."""
    return Counter(call.number for call in calls_to(rig, numbers))


def calls_to(rig: Rig, numbers: Collection[str]) -> list[WorldCall]:
    """The world's calls to these numbers, written in E.164."""
    calls = [replace(call, number=e164(call.number)) for call in rig.world.calls()]
    return [call for call in calls if call.number in numbers]


def e164(dialed: str) -> str:
    """A number of the world as lists have it."""
    return dialed if dialed.startswith("+") else f"+86{dialed}"


@asynccontextmanager
async def stage(rig: Rig, settings: Settings) -> AsyncIterator[Stage]:
    """Run the product for a test; afterwards neither a task nor a channel is left of it.

    Tests before it may have killed a switch, whose people outside are still on the line.
    """
    await asyncio.to_thread(rig.hang_up_all)
    before = asyncio.all_tasks()
    tasks = TaskOwner("stage")
    async with open_product(settings) as product:
        yield Stage(product, rig, tasks.start("watch", product.engine.watch()))
        await tasks.aclose()
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    assert not left, left
    await no_channels(rig)


async def no_channels(rig: Rig) -> None:
    """Both sides are without a channel, or soon will be."""

    def empty() -> bool:
        return rig.switch.channel_count() == rig.world.channel_count() == 0

    await asyncio.to_thread(rig.world.wait_until, empty, SETTLES_S)
