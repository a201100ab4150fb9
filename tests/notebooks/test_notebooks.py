"""Every notebook runs from top to bottom on a campaign made by the real stores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from campaigns.campaign import CampaignPlan, Mode
from kernel.clock import SystemClock
from kernel.ids import CampaignId, ScriptVersionId
from runtime.installation import new_ids
from storage.postgres.database import Database
from storage.postgres.store import PostgresStore


def code_cells(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
async def test_the_notebook_runs(
    notebook: Path, database: Database, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = new_ids(SystemClock())
    store = PostgresStore(database)
    script = await store.publish_script(ScriptVersionId(ids.new()), "survey", "script survey 1")
    plan = CampaignPlan("demo survey", Mode.ROBOT, script=script.id)
    await store.create_campaign(CampaignId(ids.new()), plan)
    monkeypatch.setenv("DATABASE_URL", database_dsn)
    namespace: dict[str, Any] = {}
    for code in code_cells(notebook):
        exec(code, namespace)
    assert namespace["campaign"].summary.names == 0
    assert namespace["campaign"].attempts.empty
