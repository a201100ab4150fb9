"""The product's own PostgreSQL: the wheel's binaries under a launcher of ours.

The server listens on a Unix socket only and admits this process's user only (peer
authentication). It dies with this process, is restarted when it is killed, and its folder is
used by one process of the product at a time.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from kernel.clock import SystemClock
from kernel.errors import ConflictError, UnavailableError
from storage.embedded_place import RELOCATION_ROOT, Place, hand_over, settle
from storage.embedded_server import ENVIRONMENT, ServerKeeper, child_command, last_log_line

#: Name of the database and of its owner.
DATABASE = "waihu"
_INITDB = (
    f"--username={DATABASE}",
    "--auth=peer",
    "--encoding=UTF8",
    # The built-in locale needs nothing of the machine's and never changes order with it.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
_POLL_S = 0.02
_TRIES = 3
#: A server that was just killed leaves these behind for a moment.
_PASSING_FAULTS = ("lock file", "shared memory block", "parent ended")


class EmbeddedPostgres:
    """One PostgreSQL 18 server in a data folder.

    Args:
        data_dir: folder of the database, made if absent. Under root, when the server's user
            cannot reach it, the data lives below `relocation_root` instead.
        timeout_s: longest time from `start` until the server answers, crash recovery included.
        settings: PostgreSQL settings beyond the launcher's own.
        relocation_root: a folder owned by root that everybody may enter.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        timeout_s: float = 60.0,
        settings: dict[str, str] | None = None,
        relocation_root: Path = RELOCATION_ROOT,
    ) -> None:
        self._data_dir = data_dir
        self._timeout_s = timeout_s
        self._settings = settings or {}
        self._relocation_root = relocation_root
        self._clock = SystemClock()
        self._place: Place | None = None
        self._lock_fd: int | None = None
        self._keeper: ServerKeeper | None = None

    async def start(self) -> str:
        """Start the server, making its database at the first start; return its DSN.

        Raises:
            ConflictError: another process uses the data folder.
            UnavailableError: the server does not come up; cites its log.
        """
        return await asyncio.to_thread(self._start)

    async def stop(self) -> None:
        """Shut the server down cleanly; does nothing when it is not started."""
        await asyncio.to_thread(self._stop)

    @property
    def pid(self) -> int | None:
        """Process id of the server while it runs."""
        return self._keeper.pid if self._keeper else None

    @property
    def place(self) -> Place:
        """Where the started server lives."""
        assert self._place is not None
        return self._place

    @property
    def dsn(self) -> str:
        """Address of the started server's database."""
        return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(self.place.sockets), safe='')}"

    def _start(self) -> str:
        if self._keeper is not None:
            return self.dsn
        self._place = settle(self._data_dir, self._relocation_root)
        self._lock_fd = _lock(self._place)
        try:
            _initialise(self._place)
            _admit_only_us(self._place)
            self._keeper = ServerKeeper(self._place, self._settings)
            self._keeper.start()
            self._wait_until_ready(self._keeper)
        except BaseException:
            self._stop()
            raise
        return self.dsn

    def _stop(self) -> None:
        if self._keeper is not None:
            self._keeper.stop()
            self._keeper = None
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def _wait_until_ready(self, keeper: ServerKeeper) -> None:
        give_up_at = self._clock.monotonic() + self._timeout_s
        while not keeper.is_ready():
            fault = last_log_line(self.place)
            lasting = not any(passing in fault for passing in _PASSING_FAULTS)
            late = self._clock.monotonic() > give_up_at
            if late or (lasting and keeper.exits >= _TRIES):
                raise UnavailableError(
                    f"the embedded database in {self.place.base} does not start; "
                    f"the last line of its log {self.place.log} is: {fault}"
                )
            keeper.wait_for_exit(_POLL_S)


def _lock(place: Place) -> int:
    descriptor = os.open(place.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ConflictError(
            f"another process uses the data folder {place.base}; "
            "stop it, or start this one with another folder"
        ) from None
    return descriptor


def _initialise(place: Place) -> None:
    if place.cluster.exists():
        return
    # Renamed when whole: a start that was killed half way begins again.
    fresh = place.base / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    hand_over(fresh, place.user)
    _run(place, "initdb", "-D", str(fresh), *_INITDB)
    _run(
        place,
        "postgres",
        "--single",
        "-D",
        str(fresh),
        "postgres",
        typed=f"CREATE DATABASE {DATABASE};\n",
    )
    fresh.rename(place.cluster)


def _run(place: Place, program: str, *arguments: str, typed: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - programs of the wheel, no shell
        child_command(place, program, *arguments),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=ENVIRONMENT,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise UnavailableError(
            f"the embedded database cannot be made in {place.base}; {program} says: {said}"
        )


def _admit_only_us(place: Place) -> None:
    ours = pwd.getpwuid(os.geteuid()).pw_name
    (place.cluster / "pg_hba.conf").write_text("local all all peer map=product\n")
    (place.cluster / "pg_ident.conf").write_text(f'product "{ours}" {DATABASE}\n')
