from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from kernel.clock import SystemClock
from kernel.errors import ConflictError, UnavailableError
from storage import embedded_place
from storage.embedded import EmbeddedPostgres
from storage.embedded_place import ServerUser, settle

pytestmark = pytest.mark.postgres
CLOCK = SystemClock()
_OWNER = """
import asyncio, sys
from pathlib import Path
from storage.embedded import EmbeddedPostgres
async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]))
    print(await server.start(), server.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that the server's user can enter."""
    path = Path(tempfile.mkdtemp(prefix="waihu-test-"))
    path.chmod(0o755)
    yield path / "db"
    shutil.rmtree(path)


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    started = EmbeddedPostgres(folder, settings={"fsync": "off"})
    await started.start()
    yield started
    await started.stop()


async def ask(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def ask_until_served(dsn: str, sql: str) -> object:
    async with asyncio.timeout(60):
        while True:
            try:
                return await ask(dsn, sql)
            except (OSError, asyncpg.PostgresError):
                await CLOCK.sleep(0.05)


def runs(pid: int) -> bool:
    """Whether the process is there and no corpse."""
    try:
        return bool(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return False


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(60):
        while runs(pid):
            await CLOCK.sleep(0.02)


async def test_it_starts_stops_and_keeps_its_data(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    dsn = await server.start()
    assert await server.start() == dsn
    assert str(await ask(dsn, "SHOW server_version")).startswith("18.")
    assert await ask(dsn, "SHOW timezone") == "UTC"
    assert await ask(dsn, "SHOW listen_addresses") == ""
    await ask(dsn, "CREATE TABLE kept AS SELECT 7 AS number")
    pid = server.pid
    assert pid is not None
    await server.stop()
    await server.stop()
    assert server.pid is None
    await until_gone(pid)
    dsn = await server.start()
    assert await ask(dsn, "SELECT number FROM kept") == 7
    await server.stop()


async def test_only_this_user_is_admitted(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await ask(server.dsn.replace("//waihu@", "//postgres@"), "SELECT 1")
    assert server.place.sockets.stat().st_mode & 0o077 == 0
    assert server.place.cluster.stat().st_mode & 0o077 == 0


async def test_it_comes_back_after_kill_9(server: EmbeddedPostgres) -> None:
    await ask(server.dsn, "CREATE TABLE kept AS SELECT 7 AS number")
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert await ask_until_served(server.dsn, "SELECT number FROM kept") == 7
    assert server.pid not in {None, pid}


async def test_a_second_user_of_the_folder_is_refused(
    server: EmbeddedPostgres, folder: Path
) -> None:
    with pytest.raises(ConflictError, match="another process uses the data folder"):
        await EmbeddedPostgres(folder).start()
    assert await ask(server.dsn, "SELECT 1") == 1


async def test_it_dies_with_its_owner_and_starts_again(folder: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OWNER, str(folder), stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    dsn, pid = (await owner.stdout.readline()).decode().split()
    await ask(dsn, "CREATE TABLE kept AS SELECT 7 AS number")
    owner.kill()
    await owner.wait()
    server = EmbeddedPostgres(folder)
    # At once: the old server may still be shutting down.
    assert await ask(await server.start(), "SELECT number FROM kept") == 7
    assert server.pid != int(pid)
    await until_gone(int(pid))
    await server.stop()


@pytest.mark.parametrize("content", ["", "rubbish\n", "{pid}\n/elsewhere\n"])
async def test_a_stale_pid_file_does_not_matter(folder: Path, content: str) -> None:
    """Empty, damaged, or with a number that another process of the user has by now."""
    server = EmbeddedPostgres(folder)
    await server.start()
    user = server.place.user
    await server.stop()
    other = await asyncio.create_subprocess_exec("sleep", "60", user=user.uid)
    try:
        file = server.place.cluster / "postmaster.pid"
        file.write_text(content.format(pid=other.pid))
        os.chown(file, user.uid, user.gid)
        assert await ask(await server.start(), "SELECT 1") == 1
        await server.stop()
        assert other.returncode is None
    finally:
        other.kill()
        await other.wait()


async def test_a_first_start_that_was_cut_short_begins_again(folder: Path) -> None:
    (folder / "cluster.new").mkdir(parents=True)
    (folder / "cluster.new" / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(folder)
    assert await ask(await server.start(), "SELECT 1") == 1
    await server.stop()


async def test_a_start_that_fails_cites_the_log(folder: Path) -> None:
    server = EmbeddedPostgres(folder, settings={"shared_buffers": "many"})
    with pytest.raises(UnavailableError, match=r"(?s)does not start.*shared_buffers"):
        await server.start()
    fixed = EmbeddedPostgres(folder)
    assert await ask(await fixed.start(), "SELECT 1") == 1
    await fixed.stop()


async def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("long" * 20) / "db", settings={"fsync": "off"})
    assert await ask(await server.start(), "SELECT 1") == 1
    assert len(str(server.place.sockets)) < 60
    await server.stop()
    server.place.sockets.rmdir()


@pytest.mark.parametrize(
    ("status", "reaches"),
    [(0o700, False), (0o701, True), (0o710, False), (0o755, True)],
)
def test_reach_is_judged_by_modes(tmp_path: Path, status: int, reaches: bool) -> None:
    stranger = ServerUser(uid=54321, gid=54321)
    tmp_path.chmod(status)
    parents = all(stranger._enters(parent.stat()) for parent in tmp_path.parents)
    assert stranger.reaches(tmp_path) is (reaches and parents)
    assert stranger._enters(tmp_path.stat()) is reaches


async def test_under_root_a_closed_folder_is_left_alone(folder: Path) -> None:
    """As root the data moves; as anybody else it stays: either way no mode changes."""
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    root = folder.parent / "var"
    server = EmbeddedPostgres(closed / "db", relocation_root=root)
    assert await ask(await server.start(), "SELECT 1") == 1
    await server.stop()
    assert closed.stat().st_mode & 0o777 == 0o700
    if os.geteuid() == 0:
        assert server.place.base.parent == root
        assert str(server.place.base) in (closed / "db" / "RELOCATED.txt").read_text()
        assert settle(closed / "db", root) == server.place
    else:
        assert server.place.base == closed / "db"


async def test_binaries_in_a_closed_folder_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    install = embedded_place.wheel_install()
    site = install.parent.parent
    for name in (install.parent.name, f"{install.parent.name}.libs"):
        (closed / name).symlink_to(site / name)
    monkeypatch.setattr(
        embedded_place, "wheel_install", lambda: closed / install.parent.name / install.name
    )
    root = folder.parent / "var"
    server = EmbeddedPostgres(folder, relocation_root=root)
    assert await ask(await server.start(), "SELECT 1") == 1
    await server.stop()
    copied = os.geteuid() == 0
    assert server.place.install.is_relative_to(root) is copied
