from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kernel.errors import InputError, UnavailableError
from lab.cache import build_once

# Each process says "begun" and waits for the other before it asks for the folder.
RACER = """
import sys
from pathlib import Path
from lab.cache import build_once

target, log = Path(sys.argv[1]), Path(sys.argv[2])

def build(folder):
    with log.open("a") as out:
        out.write("built\\n")
    (folder / "content").write_text("whole")

print("begun", flush=True)
sys.stdin.readline()
print((build_once(target, build) / "content").read_text())
"""


def test_two_processes_build_once(tmp_path: Path) -> None:
    target, log = tmp_path / "cache" / "tree", tmp_path / "log"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(target), str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "begun\n"
    assert [racer.communicate("\n")[0] for racer in racers] == ["whole\n", "whole\n"]
    assert log.read_text() == "built\n"


def test_a_failed_build_leaves_nothing_and_may_be_repeated(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise InputError("no")

    target = tmp_path / "tree"
    with pytest.raises(InputError):
        build_once(target, fails)
    assert [path.name for path in tmp_path.iterdir()] == [".tree.lock"]
    build_once(target, lambda folder: (folder / "whole").touch())
    assert [path.name for path in target.iterdir()] == ["whole"]


def test_leftovers_of_a_killed_build_are_not_used(tmp_path: Path) -> None:
    leftover = tmp_path / ".tree.unfinished"
    leftover.mkdir()
    (leftover / "half").touch()
    build_once(tmp_path / "tree", lambda folder: (folder / "whole").touch())
    assert [path.name for path in (tmp_path / "tree").iterdir()] == ["whole"]
    assert not leftover.exists()


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError, match="cache folder"):
        build_once(tmp_path / "file" / "tree", lambda _: None)
