"""The life of an instance: start, stop, kill, freeze, and death with its parent."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.errors import DefectError, UnavailableError
from lab.asterisk import AsteriskInstance, render
from lab.fetch import fetch_asterisk
from lab.ports import PortBlock
from lab.sounds import make_sounds
from lab.world import World
from tests.rig import CACHE_DIR

pytestmark = pytest.mark.switch

ORPHAN = """
import os, sys
from pathlib import Path
from lab.fetch import fetch_asterisk
from lab.ports import PortBlock
from lab.world import World

tree = fetch_asterisk(Path(sys.argv[1]))
world = World(tree, PortBlock(), switch_sip_port=9, sounds_dir=Path("/nonexistent")).start()
print(world.pid, world.directory, flush=True)
sys.stdin.readline()
os._exit(1)
"""


@pytest.fixture
def instance() -> Iterator[AsteriskInstance]:
    tree, sounds_dir = fetch_asterisk(CACHE_DIR), make_sounds(CACHE_DIR)
    world = World(tree, PortBlock(), switch_sip_port=9, sounds_dir=sounds_dir)
    yield world
    world.close()
    assert not world.directory.exists()


def test_starts_clean_and_stops(instance: AsteriskInstance) -> None:
    with instance:
        assert instance.channel_count() == 0
        assert "Asterisk 22." in instance.cli("core show version")
        log = instance.log_path.read_text()
        assert "ERROR" not in log
        assert "WARNING" not in log
        instance.stop()
        with pytest.raises(UnavailableError, match="does not run"):
            _ = instance.pid


def test_killed_it_starts_again_in_the_same_place(instance: AsteriskInstance) -> None:
    first = instance.start().pid
    instance.kill()
    with pytest.raises(UnavailableError, match="does not answer"):
        instance.channel_count()
    assert instance.start().pid != first
    assert instance.channel_count() == 0


def test_frozen_it_is_silent_and_thawed_it_goes_on(instance: AsteriskInstance) -> None:
    instance.start()
    instance.freeze()
    status = Path(f"/proc/{instance.pid}/status")
    instance.wait_until(lambda: "State:\tT" in status.read_text(), 5.0)
    with pytest.raises(UnavailableError, match="did not answer"):
        instance.cli("core show uptime", timeout_s=0.2)
    with pytest.raises(UnavailableError, match=r"after 0\.1 s"):
        instance.wait_until(lambda: False, 0.1)
    instance.thaw()
    assert instance.channel_count() == 0
    instance.freeze()
    instance.stop()  # a frozen instance stops too


def test_a_process_that_dies_says_so(instance: AsteriskInstance) -> None:
    (instance.directory / "etc/modules.conf").unlink()
    instance.launch()
    with pytest.raises(UnavailableError, match="ended with"):
        instance.wait_ready()


def test_dies_with_its_parent() -> None:
    fetch_asterisk(CACHE_DIR)
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, str(CACHE_DIR)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid, directory = parent.stdout.readline().split()
    orphan = os.pidfd_open(int(pid))
    try:
        assert select.select([orphan], [], [], 0)[0] == []  # it lives
        parent.communicate("\n")
        assert parent.returncode == 1
        assert select.select([orphan], [], [], 5)[0] == [orphan]
    finally:
        os.close(orphan)
        shutil.rmtree(directory)


def test_render_replaces_only_its_own_marks() -> None:
    assert render("a @{b} ${EXTEN} x@y", {"b": "c"}) == "a c ${EXTEN} x@y"
    with pytest.raises(DefectError, match="missing"):
        render("@{missing}", {})
