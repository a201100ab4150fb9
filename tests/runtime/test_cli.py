from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from campaigns.allocation import NewAllocation, ToQueue
from campaigns.campaign import CampaignPlan, Mode
from kernel.clock import SystemClock
from kernel.ids import AllocationId, CampaignId
from runtime.cli import COMMANDS, build_app
from runtime.installation import new_ids
from storage.postgres.database import Database
from storage.postgres.store import PostgresStore
from tests.runtime.installation import waihu

LIST = "姓名,手机号,年龄\n王一,13812345678,30\n李二,110,20\n赵四,13812345678,41\n"
SCRIPT = Path(__file__).parents[2] / "demo" / "scripts" / "satisfaction.call"
EVERY_COMMAND = [
    *([name] for name in COMMANDS),
    ["script", "check"],
    ["user", "add"],
    ["lab", "up"],
]
#: Seconds of import each, and of no use to a list, a script or a user.
HEAVY = {"scipy", "sklearn", "vosk", "pandas", "uvicorn", "fastapi"}


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
def test_every_command_explains_itself(command: list[str]) -> None:
    shown = CliRunner().invoke(build_app(command), [*command, "--help"])
    assert shown.exit_code == 0, shown.output
    assert f"waihu {' '.join(command)}" in shown.output.replace("root", "waihu")


def test_all_commands_are_listed() -> None:
    shown = CliRunner().invoke(build_app(["--help"]), ["--help"])
    assert shown.exit_code == 0
    assert all(f" {name} " in shown.output for name in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["import"],
        ["import", "list.csv"],
        ["import", "list.csv", "--batch", "b", "--column", "phone"],
        ["simulate", "--hours", "much"],
        ["simulate", "--faults", "some"],
        ["simulate", "--mode", "robot"],
        ["serve", "--nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_code_2(arguments: list[str]) -> None:
    shown = CliRunner().invoke(build_app(arguments), arguments)
    assert shown.exit_code == 2
    assert not shown.stdout
    assert "Usage: " in shown.stderr


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        ("import", {"scipy", "sklearn", "vosk"}),
        ("export", {"scipy", "sklearn", "vosk"}),
        ("migrate", HEAVY),
        ("user", HEAVY),
        ("script", HEAVY | {"asyncpg", "numpy"}),
        ("simulate", {"sklearn", "vosk", "fastapi"}),
    ],
)
def test_a_command_loads_no_more_than_it_needs(command: str, unwanted: set[str]) -> None:
    program = (
        "import sys; from runtime.cli import build_app; build_app(sys.argv[1:]); "
        "print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, command], capture_output=True, text=True, check=True
    )
    assert not unwanted & set(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["import", "missing.xlsx", "--batch", "b"], "missing.xlsx"),
        (["export", "--campaign", "c", "--out", "out.csv"], ".xlsx"),
        (["export", "--campaign", "c", "--out", "out.xlsx"], "'c'"),
        (["script", "check", "missing.call"], "missing.call"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_a_failure_is_one_line_and_exit_code_1(
    arguments: list[str], told: str, folder: Path, database_dsn: str
) -> None:
    done = waihu(folder, *arguments, env={"DATABASE_URL": database_dsn})
    assert done.returncode == 1
    assert not done.stdout
    assert done.stderr.startswith("waihu: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert "defect" not in done.stderr


def test_a_setting_that_cannot_be_used_is_one_line(folder: Path) -> None:
    done = waihu(folder, "migrate", env={"WAIHU_LOG_LEVEL": "loud"})
    assert done.returncode == 1
    assert done.stderr.startswith("waihu: setting WAIHU_LOG_LEVEL: ")
    assert done.stderr.count("\n") == 1


def test_the_user_says_which_column_holds_the_numbers(folder: Path, database_dsn: str) -> None:
    (folder / "odd.csv").write_text("who,where\nA,13812345678\nB,13812345679\n", encoding="utf-8")
    named = ["--column", "phone=B", "--column", "name=who"]
    done = waihu(
        folder,
        *("import", "odd.csv", "--batch", "odd", *named, "--json"),
        env={"DATABASE_URL": database_dsn},
    )
    report = json.loads(done.stdout)
    assert report["accepted"] == 2
    assert [(f["key"], f["title"]) for f in report["fields"]] == [
        ("name", "who"),
        ("phone", "where"),
    ]


async def test_a_list_goes_in_and_its_results_come_out(folder: Path, database_dsn: str) -> None:
    (folder / "list.csv").write_text(LIST, encoding="utf-8")
    environment = {"DATABASE_URL": database_dsn}

    def run(*arguments: str) -> str:
        done = waihu(folder, *arguments, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    dry = json.loads(run("import", "list.csv", "--batch", "march", "--dry-run", "--json"))
    assert dry["batch"] is None
    whole = json.loads(run("import", "list.csv", "--batch", "march", "--json"))
    assert (whole["rows"], whole["accepted"], whole["rejected"]) == (3, 1, 2)
    assert {**whole, "batch": None} == dry
    await _new_campaign(database_dsn)
    written = json.loads(run("export", "--campaign", "spring", "--out", "out.xlsx", "--json"))
    assert written["bytes"] == (folder / "out.xlsx").stat().st_size
    sheet = openpyxl.load_workbook(folder / "out.xlsx").worksheets[0]
    assert [sheet.cell(row, 1).value for row in range(1, 5)] == ["姓名", "王一", "李二", "赵四"]
    assert json.loads(run("migrate", "--json")) == {"applied": []}


async def _new_campaign(dsn: str) -> None:
    database = await Database.open(dsn)
    store, ids = PostgresStore(database), new_ids(SystemClock())
    plan = CampaignPlan("spring", Mode.PREVIEW)
    campaign = await store.create_campaign(CampaignId(ids.new()), plan)
    (batch,) = await store.batches()
    await store.allocate(NewAllocation(AllocationId(ids.new()), campaign.id, batch.id, ToQueue()))
    await database.aclose()


def test_a_user_is_added_with_a_password_that_is_asked_for(folder: Path, database_dsn: str) -> None:
    environment = {"DATABASE_URL": database_dsn}
    twice = "correct horse battery\n" * 2
    done = waihu(folder, "user", "add", "li", "--role", "agent", typed=twice, env=environment)
    assert done.returncode == 0
    assert done.stdout.endswith("li may sign in as agent\n")
    short = waihu(folder, "user", "add", "li", typed="short\nshort\n", env=environment)
    assert short.returncode == 1
    last = short.stderr.splitlines()[-1]
    assert last == "waihu: the password needs at least 8 characters"


def test_a_script_is_checked(folder: Path) -> None:
    well = waihu(folder, "script", "check", str(SCRIPT), "--json")
    assert (well.returncode, well.stderr, json.loads(well.stdout)) == (0, "", [])
    (folder / "bad.call").write_text("script bad 1\n  lang en\nstep a\n  -> nowhere\n")
    bad = waihu(folder, "script", "check", "bad.call", "--json")
    assert bad.returncode == 1
    first = json.loads(bad.stdout)[0]
    assert {"file", "line", "column", "code", "message", "error"} == first.keys()
    told = waihu(folder, "script", "check", "bad.call")
    at = f"{first['file']}:{first['line']}:{first['column']} {first['code']} {first['message']}"
    assert told.stdout.splitlines()[0] == at


def test_an_installation_is_examined(folder: Path, database_dsn: str) -> None:
    done = waihu(folder, "doctor", "--json", env={"DATABASE_URL": database_dsn})
    findings = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(finding["well"] for finding in findings)
    other = ["--switch", "asterisk://waihu:hush@127.0.0.1:1/waihu"]
    ill = waihu(folder, "doctor", *other, env={"DATABASE_URL": database_dsn})
    assert ill.returncode == 1
    assert [line.split()[1] for line in ill.stdout.splitlines() if line.startswith("FAIL")] == [
        "switch"
    ]
    assert "hush" not in ill.stdout + ill.stderr


def test_a_simulation_gives_the_same_digest_every_time(folder: Path) -> None:
    arguments = ["simulate", "--seed", "3", "--hours", "0.05", "--agents", "3", "--json"]
    one, other = (waihu(folder, *arguments, "--faults", faults) for faults in ("none", "all"))
    again = waihu(folder, *arguments)
    assert (one.returncode, one.stderr) == (0, "")
    report = json.loads(one.stdout)
    for name in ("seed", "virtual_hours", "call_hours", "invites", "digest", "cpu_s"):
        assert name in report
    assert report["violations"] == []
    assert json.loads(again.stdout)["digest"] == report["digest"]
    assert other.returncode == 0
    assert json.loads(other.stdout)["digest"] != report["digest"]
