"""The server process: started, watched, restarted when it dies, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from io import BufferedWriter
from pathlib import Path

from storage import embedded_child
from storage.embedded_place import Place

ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Phone numbers are personal data: no statement, key or parameter reaches the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
_RESTART_AFTER_S = 0.3
_FAST_SHUTDOWN_S = 60.0
_LOG_LIMIT_BYTES = 10_000_000
_STATUS_LINE = 7  # of postmaster.pid; pg_ctl reads it too (src/include/utils/pidfile.h)


class ServerKeeper:
    """Runs the server until `stop`, again and again if need be.

    A thread of its own is the server's parent: the kernel sends the parent-death signal when the
    starting *thread* ends (prctl(2)), so no thread of a pool may start the server.
    """

    def __init__(self, place: Place, settings: Mapping[str, str]) -> None:
        self._place = place
        self._settings = {**_SETTINGS, **settings}
        self._thread = threading.Thread(target=self._keep, name="embedded-postgres", daemon=True)
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._exited = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self.exits = 0

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Begin keeping the server up."""
        self._thread.start()

    def is_ready(self) -> bool:
        """Whether the server of this keeper accepts connections."""
        lines = _pid_file_lines(self._place)
        if len(lines) <= _STATUS_LINE or lines[0] != str(self.pid):
            return False
        return lines[_STATUS_LINE].strip() == "ready"

    def wait_for_exit(self, timeout_s: float) -> None:
        """Wait until a server process ends, at most `timeout_s`."""
        self._exited.wait(timeout_s)
        self._exited.clear()

    def stop(self) -> None:
        """Shut down: rollback, checkpoint, exit; at once when that takes over a minute."""
        with self._guard:
            self._stopping.set()
            self._signal(signal.SIGINT)
        self._thread.join(_FAST_SHUTDOWN_S)
        if self._thread.is_alive():
            self._signal(signal.SIGQUIT)
            self._thread.join()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _keep(self) -> None:
        while self._launch():
            assert self._process is not None
            self._process.wait()
            self.exits += 1
            self._exited.set()
            self._stopping.wait(_RESTART_AFTER_S)

    def _launch(self) -> bool:
        with self._guard:
            if self._stopping.is_set():
                return False
            remove_stale_pid_file(self._place)
            with _open_log(self._place) as log:
                self._process = subprocess.Popen(  # noqa: S603 - a program of the wheel, no shell
                    self._command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=ENVIRONMENT,
                    start_new_session=True,  # Ctrl-C is ours to handle, in our order
                )
            return True

    def _command(self) -> list[str]:
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        folders = ("-D", str(self._place.cluster), "-k", str(self._place.sockets))
        return child_command(self._place, "postgres", *folders, *options)


def child_command(place: Place, program: str, *arguments: str) -> list[str]:
    """The command that runs a PostgreSQL program as the server's user until we end."""
    launcher = (sys.executable, "-I", "-S", embedded_child.__file__)
    identity = (str(os.getpid()), str(place.user.uid), str(place.user.gid))
    return [*launcher, *identity, place.program(program), *arguments]


def remove_stale_pid_file(place: Place) -> None:
    """Remove a pid file whose process is no PostgreSQL of this folder.

    PostgreSQL refuses to start while a process of its user has the number in the file, even
    when that number was reused after a restart of the machine or container. The caller holds
    the folder's lock, so nobody else is starting a server there.
    """
    file = place.cluster / "postmaster.pid"
    lines = _pid_file_lines(place)
    if file.exists() and not (lines and lines[0].isdecimal() and _serves(int(lines[0]), place)):
        file.unlink(missing_ok=True)


def last_log_line(place: Place) -> str:
    """The last line of the server's log."""
    try:
        with place.log.open("rb") as log:
            log.seek(max(0, place.log.stat().st_size - 4096))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "(the log is empty)"


def _serves(pid: int, place: Place) -> bool:
    # The server works in its data directory; a zombie has no working directory any more.
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == place.cluster
    except OSError:
        return False


def _pid_file_lines(place: Place) -> list[str]:
    try:
        return (place.cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _open_log(place: Place) -> BufferedWriter:
    if place.log.exists() and place.log.stat().st_size > _LOG_LIMIT_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))
    return os.fdopen(os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
