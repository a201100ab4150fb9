"""A durable PostgreSQL of the measurement's own, and the processor time that it takes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from storage.embedded import EmbeddedPostgres


@asynccontextmanager
async def own_postgres() -> AsyncIterator[str]:
    """The address of a fresh server with the product's own settings; gone at the end."""
    with _open_folder() as folder:
        server = EmbeddedPostgres(folder / "database")
        dsn = await server.start()
        try:
            yield dsn
        finally:
            await server.stop()


@contextmanager
def _open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="waihu-bench-") as folder:
        Path(folder).chmod(0o755)  # the server's user must be able to enter
        yield Path(folder)


def descendants_cpu_s() -> float:
    """Processor seconds of this process's living descendants, and of those they have reaped.

    With `own_postgres` as the only child these are the database's.
    """
    stats = [_stat(entry) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    parents = {stat[0]: stat for stat in stats if stat is not None}
    return sum(cpu_s for pid, (_, _, cpu_s) in parents.items() if _descends(pid, parents))


def _descends(pid: int, processes: dict[int, tuple[int, int, float]]) -> bool:
    while pid in processes:
        pid = processes[pid][1]
        if pid == os.getpid():
            return True
    return False


def _stat(entry: Path) -> tuple[int, int, float] | None:
    """Process id, parent's id and processor seconds, from proc_pid_stat(5)."""
    try:
        text = (entry / "stat").read_text()
    except OSError:
        return None  # it ended meanwhile
    fields = text.rpartition(")")[2].split()
    ticks = sum(int(field) for field in fields[11:15])
    return int(entry.name), int(fields[1]), ticks / os.sysconf("SC_CLK_TCK")
