from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from runtime.doctor import examine
from runtime.settings import Settings
from tests.runtime.installation import settings_of

PARTS = ("folders", "database", "switch", "speech", "hearing")
pytestmark = pytest.mark.postgres


@pytest.fixture
def well(folder: Path, database_dsn: str) -> Settings:
    """An installation where everything works."""
    return settings_of(folder, database_url=SecretStr(database_dsn))


async def test_every_part_is_tried(well: Settings) -> None:
    findings = await examine(well)
    assert tuple(finding.what for finding in findings) == PARTS
    assert all(finding.well for finding in findings), findings
    told = {finding.what: finding.detail for finding in findings}
    assert told["folders"] == str(well.data)
    assert told["database"] == "external"
    assert "0 live calls" in told["switch"]
    assert "keys only" in told["hearing"]
    assert "s of sound" in told["speech"]


@pytest.mark.parametrize(
    ("broken", "setting", "value"),
    [
        ("database", "database_url", SecretStr("postgresql://waihu@/waihu?host=/nowhere")),
        ("database", "database_url", SecretStr("postgresql://waihu@127.0.0.1:1/waihu")),
        ("database", "database_url", SecretStr("nonsense")),
        ("switch", "switch", SecretStr("asterisk://waihu:hush@127.0.0.1:1/waihu")),
        ("switch", "switch", SecretStr("nonsense://")),
        ("hearing", "hearing", Path("/nowhere")),
    ],
)
async def test_a_part_that_fails_is_told_and_the_others_are_tried(
    broken: str, setting: str, value: object, well: Settings
) -> None:
    findings = await examine(well.model_copy(update={setting: value}))
    assert [finding.what for finding in findings if not finding.well] == [broken]
    assert tuple(finding.what for finding in findings) == PARTS
    detail = next(finding.detail for finding in findings if not finding.well)
    assert detail
    assert "\n" not in detail
    assert "hush" not in detail


async def test_a_folder_that_cannot_be_written_is_told(folder: Path, well: Settings) -> None:
    (folder / "data").touch()
    findings = {finding.what: finding for finding in await examine(well)}
    assert not findings["folders"].well
    assert findings["database"].well
    assert findings["speech"].well
