from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from api.list_import import ImportReport
from api.reports import CampaignReport
from campaigns.campaign import Campaign, CampaignPlan, CampaignState, Mode
from campaigns.redial import LeadState
from campaigns.results import CampaignSummary
from kernel.call import Result
from kernel.ids import BatchId, CampaignId, ScriptVersionId
from runtime.commands import demo
from runtime.demo import DemoFiles, DemoReport, demo_settings
from tests.runtime.installation import settings_of

BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FILES = DemoFiles(Path("customers.xlsx"), Path("satisfaction.call"), Path("out"))
#: What outside checks read.
PROMISED = {
    "rows_total",
    "rows_rejected",
    "dialed",
    "answered",
    "abandoned",
    "results",
    "occupancy",
    "survey",
    "seconds",
}


def campaign(name: str, mode: Mode, summary: CampaignSummary) -> CampaignReport:
    script = ScriptVersionId(UUID(int=1)) if mode is Mode.ROBOT else None
    plan = CampaignPlan(name, mode, script=script)
    stored = Campaign(CampaignId(UUID(int=2)), plan, CampaignState.FINISHED, BEGAN)
    return CampaignReport(stored, 10, 2, summary)


@pytest.fixture
def report() -> DemoReport:
    """Eight names: three for agents, five for the robot."""
    agents = CampaignSummary(
        names=3,
        by_state={LeadState.DONE: 3},
        dialed=3,
        answered=2,
        connected=1,
        abandoned=1,
        results={Result.ANSWERED_HUMAN: 1, Result.ABANDONED: 1, Result.BUSY: 1},
        survey={},
        agent_seconds={"talking": 30.0, "wrap-up": 15.0, "ready": 15.0, "paused": 900.0},
        talk_s=30.0,
        first_at=BEGAN,
        last_at=BEGAN + timedelta(seconds=61),
    )
    robot = replace(
        agents,
        names=5,
        dialed=5,
        answered=4,
        connected=4,
        abandoned=0,
        results={Result.ANSWERED_HUMAN: 3, Result.ANSWERED_MACHINE: 1, Result.BUSY: 1},
        survey={"score": {"5": 2, "1": 1}},
        agent_seconds={"ready": 60.0},
    )
    imported = ImportReport(
        batch=BatchId(UUID(int=3)),
        name="demo customers",
        sheet="客户",
        header_row=1,
        rows=10,
        accepted=8,
        rejected=2,
        reasons={"duplicate": 1, "not-a-number": 1},
        fields=(),
        first=(),
        problems=(),
    )
    return DemoReport(
        imported,
        campaign("agents", Mode.PREDICTIVE, agents),
        campaign("survey", Mode.ROBOT, robot),
        seconds=75.24,
    )


def test_the_summary_counts_both_campaigns(report: DemoReport) -> None:
    summary = demo.demo_summary(report)
    assert summary.keys() >= PROMISED
    assert (summary["rows_total"], summary["rows_rejected"]) == (10, 2)
    assert (summary["dialed"], summary["answered"], summary["abandoned"]) == (8, 6, 1)
    assert summary["results"] == {
        "answered-human": 4,
        "busy": 2,
        "abandoned": 1,
        "answered-machine": 1,
    }
    assert sum(summary["results"].values()) == summary["dialed"]
    assert summary["survey"] == {"score": {"5": 2, "1": 1}}
    assert summary["seconds"] == 75.2


def test_occupancy_is_that_of_the_agents_campaign_without_pauses(report: DemoReport) -> None:
    assert demo.demo_summary(report)["occupancy"] == 0.75


def test_the_summary_is_json_as_it_stands(report: DemoReport) -> None:
    summary = demo.demo_summary(report)
    assert json.loads(orjson.dumps(summary)) == summary
    assert [c["campaign"] for c in summary["campaigns"]] == ["agents", "survey"]


def test_the_text_says_what_the_summary_says(report: DemoReport) -> None:
    text = demo._text(demo.demo_summary(report), FILES)
    for told in ("10 in, 2 rejected", "8 dialed, 6 answered, 1 abandoned", "75% occupancy"):
        assert told in text
    assert f"{FILES.results}, {FILES.summary}" in text


def test_files_of_a_run_lie_in_the_output_folder() -> None:
    assert FILES.results == Path("out/results.xlsx")
    assert FILES.summary == Path("out/summary.json")


def test_every_run_has_data_of_its_own_and_the_model_that_setup_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.demo.ensure_model", lambda cache: cache / "model")
    base = settings_of(tmp_path)
    settings = demo_settings(tmp_path / "out", base)
    assert settings.data == tmp_path / "out" / "data"
    assert settings.hearing == base.cache / "robot" / "model"
    assert settings.port == base.port
