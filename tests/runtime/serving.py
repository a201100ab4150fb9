"""`waihu serve` as a process, watched from outside."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx

from tests.runtime.installation import WAIHU, environment

#: Speech has to be started and the abandonment message spoken at the first start.
_READY_S = 30.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> set[int]:
    """Process ids of a process and of everybody below it."""
    parents = dict(filter(None, map(_parentage, Path("/proc").glob("[0-9]*"))))
    found = {pid}
    while grown := {child for child, parent in parents.items() if parent in found} - found:
        found |= grown
    return found


def _parentage(entry: Path) -> tuple[int, int] | None:
    try:
        text = (entry / "stat").read_text()
    except OSError:
        return None
    return int(entry.name), int(text.rpartition(")")[2].split()[1])


def runs(pid: int) -> bool:
    """Whether the process is there and no corpse."""
    try:
        return bool(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return False


def all_gone(pids: set[int], within_s: float) -> bool:
    """Whether every one of these processes ends in time."""
    until = time.monotonic() + within_s
    while any(map(runs, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(runs, pids))


class Served:
    """A running `waihu serve`.

    Args:
        folder: of the installation.
        settings: further environment variables.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / "serve.log"
        self._out = (folder / "serve.out").open("wb")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(WAIHU), "serve", "--port", str(self.port)],
                stdout=self._out,
                stderr=log,
                cwd=folder,
                env=environment(folder, **settings),
            )

    @property
    def said(self) -> str:
        """Standard output."""
        return Path(self._out.name).read_text(encoding="utf-8")

    @property
    def password(self) -> str | None:
        """The administrator's, if it was told."""
        found = re.search(r"password (\S+)$", self.said, re.MULTILINE)
        return found and found[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_ready(self) -> Self:
        until = time.monotonic() + _READY_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"not ready: {self.said} {self.log.read_text()}")

    def end(self, number: signal.Signals, within_s: float = 10.0) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(within_s)

    def close(self) -> None:
        """End it if it still runs, and everybody below it."""
        if self.process.poll() is None:
            below = family(self.process.pid)
            self.process.kill()
            self.process.wait()
            assert all_gone(below, 15)
        self._out.close()


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Served]:
    """Start `waihu serve`, wait until it is ready, and leave nothing behind."""
    served = Served(folder, **settings)
    try:
        yield served.wait_ready()
    finally:
        served.close()
