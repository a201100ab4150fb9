from __future__ import annotations

import socket
from pathlib import Path

import pytest

from kernel.errors import InputError, UnavailableError
from lab.fetch import (
    KEYRINGS,
    AsteriskTree,
    DebianSource,
    choose_mirror,
    fetch_asterisk,
    find_debian_source,
)
from tests.rig import CACHE_DIR

SECURITY = "http://s.invalid/|Debian|Debian-Security|bookworm-security|main|Packages"
DEBIAN = "http://d.invalid/|Debian|Debian|bookworm|main|Packages"
OTHER = "http://o.invalid/|Docker|Docker CE|bookworm|stable|Packages"
# `--no-release-info` leaves the fields that it cannot know as they were written.
UNREAD = "http://u.invalid/|$(ORIGIN)|$(LABEL)|bookworm|main|Packages"


def _dead_source() -> DebianSource:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return DebianSource(f"http://127.0.0.1:{port}/debian", KEYRINGS[0])


@pytest.mark.parametrize(
    ("listing", "codename", "mirror"),
    [
        ([OTHER, SECURITY, DEBIAN], "bookworm", "http://d.invalid/"),
        ([OTHER, SECURITY, DEBIAN], None, "http://d.invalid/"),
        ([OTHER, SECURITY], "bookworm", None),
        ([DEBIAN.replace("Packages", "Translations")], "bookworm", None),
        ([UNREAD], "bookworm", "http://u.invalid/"),
        ([UNREAD], "trixie", None),
        ([UNREAD], None, None),
        ([], "bookworm", None),
    ],
)
def test_choose_mirror(listing: list[str], codename: str | None, mirror: str | None) -> None:
    assert choose_mirror("\n".join(listing), codename) == mirror


def test_the_system_knows_a_mirror() -> None:
    source = find_debian_source()
    assert "://" in source.mirror
    assert source.keyring.is_file()


@pytest.mark.switch
def test_a_fetched_tree_is_used_again_without_network() -> None:
    first = fetch_asterisk(CACHE_DIR)
    assert fetch_asterisk(CACHE_DIR, _dead_source()) == first
    assert (first.modules / "chan_pjsip.so").is_file()
    assert (first.data / "documentation/core-en_US.xml").is_file()


def test_no_network_is_one_line_and_leaves_no_tree(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="check the network") as raised:
        fetch_asterisk(tmp_path, _dead_source())
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "tree").exists()
    assert not (tmp_path / ".tree.unfinished").exists()


def test_no_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt-get is missing"):
        fetch_asterisk(tmp_path)


def test_command_runs_through_the_trees_own_loader(tmp_path: Path) -> None:
    libraries = tmp_path / "usr/lib/aarch64-linux-gnu"
    libraries.mkdir(parents=True)
    (libraries / "ld-linux-aarch64.so.1").touch()
    command = AsteriskTree(tmp_path).command("-V")
    assert command[0] == str(libraries / "ld-linux-aarch64.so.1")
    assert command[-2:] == [str(tmp_path / "usr/sbin/asterisk"), "-V"]
