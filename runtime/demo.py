"""The demo: the whole product once, on real parts, in under two minutes.

A real workbook is imported, filtered and allocated; agents (simulated people) work on a
predictive campaign while the robot runs a survey; the switch is the simulated one, with sound.
Results go back into the workbook, and every number in the report comes from the database.
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from random import Random

from api.exports import export_results
from api.list_import import ImportReport, import_list
from api.reports import CampaignReport, report_campaign
from api.script_publishing import publish_script
from campaigns.allocation import NewAllocation, Target, ToQueue, ToRobot
from campaigns.campaign import CampaignAction, CampaignPlan, CampaignState, Mode
from campaigns.ports import AgentRecord, FilterForm
from campaigns.redial import RedialRules
from campaigns.windows import CallingWindow
from kernel.errors import UnavailableError
from kernel.ids import AgentId, AllocationId, BatchId, CampaignId, FilterFormId
from lists.filter_text import parse_filter
from lists.filters import Condition
from lists.workbook import load_source
from robot.tinymodel.kept import ensure_model
from runtime.demo_world import SEED, make_world
from runtime.installation import prepare_folders
from runtime.product import Product, open_product, open_speech
from runtime.settings import Settings
from sim.agents import Manner, SimulatedAgent
from storage.embedded_place import settle

#: Agents of the predictive campaign, and those to whom the robot may transfer.
AGENTS, SURVEY_DESK = 14, 2
#: Who is called by agents; everybody else is asked by the robot.
FOR_AGENTS = "age >= 45"
FOR_ROBOT = "not age >= 45"
_GIVE_UP_S = 150.0
_ALL_DAY = CallingWindow(time(0), time.max)
#: Nobody is called again in a demo of two minutes.
_ONE_ATTEMPT = RedialRules(max_attempts=1, min_gap=timedelta(hours=1))

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where the demo finds its input and leaves its output."""

    workbook: Path
    script: Path
    out: Path

    @property
    def results(self) -> Path:
        """The user's workbook with results."""
        return self.out / "results.xlsx"

    @property
    def summary(self) -> Path:
        """The report as JSON."""
        return self.out / "summary.json"


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demo did, from the database."""

    imported: ImportReport
    agents: CampaignReport
    robot: CampaignReport
    seconds: float


def demo_settings(out: Path, base: Settings) -> Settings:
    """A fresh data folder inside the output folder, and the hearing model that setup built."""
    return base.model_copy(
        update={"data": out / "data", "hearing": ensure_model(base.cache / "robot")}
    )


async def run_demo(
    settings: Settings,
    files: DemoFiles,
    say: Say,
    done: Callable[[Product, DemoReport], Awaitable[None]],
) -> None:
    """Run the demo once.

    Args:
        settings: from `demo_settings`.
        files: input and output.
        say: tells the user what happens.
        done: awaited with the product, still running, and what it did.

    Raises:
        UnavailableError: the campaigns did not end in time.
    """
    _clear(settings)
    prepare_folders(settings)
    async with open_speech(settings) as speech:
        world = await make_world(speech)
    async with open_product(settings, world) as product:
        started_s = product.clock.monotonic()
        stage = _Stage(product, files, say)
        imported = await stage.import_workbook()
        agents, robot = await stage.start_campaigns(imported)
        await stage.until_over([agents, robot])
        report = DemoReport(
            imported,
            await report_campaign(product.store, product.store, agents),
            await report_campaign(product.store, product.store, robot),
            product.clock.monotonic() - started_s,
        )
        export = await export_results(product.store, product.store, [agents, robot])
        files.results.write_bytes(export.content)
        await stage.close()
        await done(product, report)


def _clear(settings: Settings) -> None:
    """Forget the run before; under root its database may lie outside the data folder."""
    shutil.rmtree(settle(settings.data / "postgres").base)
    shutil.rmtree(settings.data, ignore_errors=True)


class _Stage:
    """The demo's steps over a running product."""

    def __init__(self, product: Product, files: DemoFiles, say: Say) -> None:
        self._product = product
        self._files = files
        self._say = say
        self._staff: list[SimulatedAgent] = []

    async def import_workbook(self) -> ImportReport:
        product = self._product
        source = load_source(self._files.workbook)
        report = await import_list(
            product.store,
            product.ids,
            name="demo customers",
            file_name=source.name,
            content=source.content,
        )
        self._say(
            f"imported {source.name}: {report.rows} rows, {report.accepted} accepted, "
            f"{report.rejected} rejected"
        )
        return report

    async def start_campaigns(self, imported: ImportReport) -> tuple[CampaignId, CampaignId]:
        product = self._product
        assert imported.batch is not None, "the demo stores its import"
        text = self._files.script.read_text(encoding="utf-8")
        script, _ = await publish_script(
            product.store, product.ids, name="satisfaction", source=text
        )
        agents = await self._campaign(
            CampaignPlan(
                "demo agents",
                Mode.PREDICTIVE,
                window=_ALL_DAY,
                redial=_ONE_ATTEMPT,
                ring_timeout_s=15.0,
                wrap_up_limit_s=20.0,
            ),
            (imported.batch, FOR_AGENTS, ToQueue()),
        )
        robot = await self._campaign(
            CampaignPlan(
                "demo survey",
                Mode.ROBOT,
                window=_ALL_DAY,
                redial=_ONE_ATTEMPT,
                ring_timeout_s=15.0,
                lines=30,
                script=script.id,
            ),
            (imported.batch, FOR_ROBOT, ToRobot()),
        )
        await self._sign_in(agents, range(1, AGENTS + 1))
        await self._sign_in(robot, range(AGENTS + 1, AGENTS + SURVEY_DESK + 1))
        return agents, robot

    async def _campaign(self, plan: CampaignPlan, who: tuple[BatchId, str, Target]) -> CampaignId:
        product, (batch, text, target) = self._product, who
        condition: Condition = parse_filter(text)
        form = FilterForm(FilterFormId(product.ids.new()), f"{plan.name}: {text}", condition)
        await product.store.save_filter_form(form)
        campaign = await product.store.create_campaign(CampaignId(product.ids.new()), plan)
        record = await product.store.allocate(
            NewAllocation(AllocationId(product.ids.new()), campaign.id, batch, target, condition)
        )
        await product.store.act(campaign.id, CampaignAction.START)
        product.engine.poke()
        self._say(f"{plan.name}: {text}: {record.allocated} names, started ({plan.mode})")
        return campaign.id

    async def _sign_in(self, campaign: CampaignId, numbers: range) -> None:
        product = self._product
        await self._until(
            lambda: any(r.floor.campaign.id == campaign for r in product.engine.runners), 10.0
        )
        manner = Manner(talk_s=9.0, wrap_up_s=2.0)
        for number in numbers:
            record = AgentRecord(AgentId(product.ids.new()), f"agent {number}", f"sim:{number}")
            await product.store.save_agent(record)
            agent = SimulatedAgent(
                product.engine,
                record,
                campaign,
                product.clock,
                rng=Random(f"{SEED}/{number}"),
                manner=manner,
            )
            agent.sign_in()
            self._staff.append(agent)

    async def until_over(self, campaigns: list[CampaignId]) -> None:
        """Wait until both campaigns are finished, saying how it goes."""
        product = self._product
        begun_s = product.clock.monotonic()
        while True:
            states = [(await product.store.campaign(c)).state for c in campaigns]
            if all(state is CampaignState.FINISHED for state in states):
                return
            if product.clock.monotonic() - begun_s > _GIVE_UP_S:
                raise UnavailableError("the demo's campaigns did not end in time; see the log")
            await product.clock.sleep(5.0)
            dialed = sum(r.floor.counts.dialed for r in product.engine.runners)
            up = sum(len(r.floor.calls) for r in product.engine.runners)
            self._say(
                f"{product.clock.monotonic() - begun_s:4.0f} s: {dialed} dialed, {up} calls up"
            )

    async def close(self) -> None:
        """The agents go home."""
        for agent in self._staff:
            await agent.aclose()

    async def _until(self, happened: Callable[[], bool], seconds: float) -> None:
        clock = self._product.clock
        give_up_s = clock.monotonic() + seconds
        while not happened():
            if clock.monotonic() > give_up_s:
                raise UnavailableError("the engine did not take the campaign in time")
            await clock.sleep(0.05)
