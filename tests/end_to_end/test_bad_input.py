"""Bad input at the command line: one clear line, exit code 1, and nothing half stored.

Every command is a process of its own on one installation, which keeps a good list throughout.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from lab.rig import Rig
from storage.embedded import EmbeddedPostgres
from tests.end_to_end.stage import SCRIPT, workbook
from tests.lists.files import OLE
from tests.runtime.installation import WAIHU, environment, waihu

GOOD = workbook([["name", "phone"], ["Li", "13800138000"], ["Wang", "13800138001"]])
#: What an .xlsx with a password looks like: an OLE container with one encrypted stream.
PASSWORD = OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
NOWHERE = "postgresql://waihu:hush@127.0.0.1:1/waihu"
NO_SWITCH = "asterisk://waihu:hush@127.0.0.1:1/waihu"


@dataclass(frozen=True)
class Installation:
    """A folder with a database in which there is a good list."""

    folder: Path
    dsn: str

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return waihu(self.folder, *arguments, env=env)

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return asyncio.run(_count_rows(self.dsn))


async def _count_rows(dsn: str) -> dict[str, int]:
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname='public'")
        return {
            table: await connection.fetchval(f'SELECT count(*) FROM "{table}"')
            for (table,) in tables
        }
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="waihu-bad-"))
    folder.chmod(0o755)
    (folder / "good.xlsx").write_bytes(GOOD)
    (folder / "survey.call").write_bytes(SCRIPT.read_bytes())
    done = waihu(folder, "import", "good.xlsx", "--batch", "good")
    assert (done.returncode, done.stderr) == (0, "")
    # From here on the commands work on the server of this process: that is quicker.
    server = EmbeddedPostgres(folder / "data" / "postgres")
    dsn = asyncio.run(server.start())
    try:
        yield Installation(folder, dsn)
    finally:
        asyncio.run(server.stop())
        shutil.rmtree(folder)


def one_line(done: subprocess.CompletedProcess[str], *told: str) -> None:
    """The command failed and said so in one line, which names all that is `told`."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert done.stderr.startswith("waihu: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for text in told:
        assert text in done.stderr, done.stderr
    assert "defect" not in done.stderr
    assert "hush" not in done.stderr


@pytest.fixture
def unchanged(installation: Installation) -> Iterator[Installation]:
    """The installation; afterwards every table has as many rows as before."""
    before = installation.rows()
    yield installation
    assert installation.rows() == before


BAD_FILES: Mapping[str, tuple[bytes, str]] = {
    "picture.xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "no Excel workbook"),
    "empty.xlsx": (b"", "the file is empty"),
    "blank.xlsx": (workbook([]), "no sheet holds any row"),
    "nobody.xlsx": (
        workbook([["name", "city"], ["Li", "Wuhan"], ["Wang", "Xi'an"]]),
        "no column of phone",
    ),
    "titles.xlsx": (workbook([["name", "phone"]]), "no row below the titles"),
    "cut.xlsx": (GOOD[: len(GOOD) // 2], "damaged"),
    "locked.xls": (PASSWORD, "protected by a password"),
    "page.xls": (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "web page"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_list(unchanged: Installation, name: str) -> None:
    content, told = BAD_FILES[name]
    (unchanged.folder / name).write_bytes(content)
    one_line(unchanged.run("import", name, "--batch", "bad"), told)


def test_a_file_that_is_not_there(unchanged: Installation) -> None:
    one_line(unchanged.run("import", "gone.xlsx", "--batch", "bad"), "gone.xlsx", "no such file")


def test_a_folder_for_a_file(unchanged: Installation) -> None:
    (unchanged.folder / "lists.xlsx").mkdir()
    one_line(unchanged.run("import", "lists.xlsx", "--batch", "bad"), "lists.xlsx", "folder")


def test_a_file_without_the_right_to_read_it(unchanged: Installation) -> None:
    path = unchanged.folder / "secret.xlsx"
    path.write_bytes(GOOD)
    path.chmod(0)
    # Root may read everything, unless that right is taken away.
    dropped = "--bounding-set=-dac_override,-dac_read_search"
    before = ["setpriv", dropped] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*before, str(WAIHU), "import", "secret.xlsx", "--batch", "bad"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=unchanged.folder,
        env=environment(unchanged.folder),
    )
    one_line(done, "secret.xlsx", "no permission")


def test_a_sheet_that_is_not_there(unchanged: Installation) -> None:
    done = unchanged.run("import", "good.xlsx", "--batch", "bad", "--sheet", "March")
    one_line(done, "good.xlsx", "no sheet of that name")


def test_another_list_under_the_same_name(unchanged: Installation) -> None:
    (unchanged.folder / "other.xlsx").write_bytes(workbook([["phone"], ["13900000000"]]))
    one_line(unchanged.run("import", "other.xlsx", "--batch", "good"), "good")


def test_the_same_list_again_is_no_fault(unchanged: Installation) -> None:
    done = unchanged.run("import", "good.xlsx", "--batch", "good")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [["import", "good.xlsx", "--batch", "b"], ["export", "--campaign", "c", "--out", "o.xlsx"]],
    ids=lambda arguments: arguments[0],
)
def test_a_database_out_of_reach(unchanged: Installation, arguments: list[str]) -> None:
    one_line(unchanged.run(*arguments, DATABASE_URL=NOWHERE), "127.0.0.1")


@pytest.mark.parametrize("url", ["mysql://127.0.0.1/x", "postgresql://[::1/x"])
def test_a_database_address_that_is_none(unchanged: Installation, url: str) -> None:
    done = unchanged.run("import", "good.xlsx", "--batch", "bad", DATABASE_URL=url)
    one_line(done, "DATABASE_URL")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [("/waihu?", "/nothing?", "3D000"), ("//waihu@", "//somebody@", "28000")],
    ids=["no such database", "no such user"],
)
def test_a_database_that_refuses_us(
    unchanged: Installation, right: str, wrong: str, told: str
) -> None:
    url = unchanged.dsn.replace(right, wrong)
    assert url != unchanged.dsn
    done = unchanged.run("import", "good.xlsx", "--batch", "bad", DATABASE_URL=url)
    one_line(done, told, "DATABASE_URL")


def test_a_campaign_that_is_not_there(unchanged: Installation) -> None:
    done = unchanged.run("export", "--campaign", "March", "--out", "out.xlsx")
    one_line(done, "March")
    assert not (unchanged.folder / "out.xlsx").exists()


def test_a_data_folder_that_cannot_be_made(unchanged: Installation) -> None:
    done = unchanged.run("import", "good.xlsx", "--batch", "b", WAIHU_DATA="/proc/nowhere")
    one_line(done, "/proc/nowhere", "WAIHU_DATA")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (NO_SWITCH, "127.0.0.1:1"),
        ("carrier-pigeon://roof", "unknown scheme"),
        ("asterisk://waihu:hush@127.0.0.1:port/waihu", "host or port"),
    ],
)
def test_a_switch_out_of_reach_or_misspelt(
    unchanged: Installation, address: str, told: str
) -> None:
    one_line(unchanged.run("serve", "--port", "0", "--switch", address), told)


@pytest.mark.switch
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (lambda url: url.replace("//waihu:", "//waihu:not"), "password"),
        (lambda url: url.replace("//waihu:", "//nobody:"), "user"),
    ],
    ids=["password", "user"],
)
def test_a_switch_that_refuses_us(
    unchanged: Installation, rig: Rig, changed: Callable[[str], str], told: str
) -> None:
    done = unchanged.run("serve", "--port", "0", "--switch", changed(rig.switch.url))
    one_line(done, "127.0.0.1", told)


def test_a_hearing_model_that_is_none(unchanged: Installation) -> None:
    done = unchanged.run("serve", "--port", "0", WAIHU_HEARING=str(unchanged.folder))
    one_line(done, str(unchanged.folder))


def test_a_port_that_is_taken(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = installation.run("serve", "--port", port)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("waihu: cannot listen on 127.0.0.1:" + port)


def test_a_script_with_an_error(unchanged: Installation) -> None:
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    row = next(row for row, line in enumerate(lines) if "-> survey" in line)
    lines[row] = lines[row].replace("survey", "nowhere")
    (unchanged.folder / "wrong.call").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = unchanged.run("script", "check", "wrong.call")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("wrong.call:")
    assert f"wrong.call:{row + 1}:" in done.stdout
    assert "E01" in done.stdout
    assert "nowhere" in done.stdout


def test_a_script_that_is_no_text(unchanged: Installation) -> None:
    (unchanged.folder / "sound.call").write_bytes(b"script a 1\n\xff\xfe\x00")
    one_line(unchanged.run("script", "check", "sound.call"), "sound.call", "UTF-8", "byte 11")


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["import", "good.xlsx"],
        ["import", "good.xlsx", "--batch", "b", "--colour", "red"],
        ["simulate", "--faults", "some"],
    ],
    ids=" ".join,
)
def test_wrong_use(unchanged: Installation, arguments: list[str]) -> None:
    done = unchanged.run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
