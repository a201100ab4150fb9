"""Build a folder once, whoever asks and however often.

The cache is shared by every test worker and by the command line, so two processes may want the
same folder at the same moment, and either may be killed half way.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

from kernel.errors import UnavailableError


def build_once(target: Path, build: Callable[[Path], None]) -> Path:
    """Return `target`, building it first if it is not there.

    `build` fills a neighbouring folder which is renamed to `target` when it returns: a folder
    called `target` is therefore always complete. Others wait for the builder's lock.

    Args:
        target: the folder wanted.
        build: fills the empty folder it is given, or raises.

    Raises:
        UnavailableError: the cache folder cannot be written.
    """
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (target.parent / f".{target.name}.lock").open("w") as lock:
            # The lock goes with the process, so a killed builder blocks nobody.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.is_dir():
                _build(target, build)
    except OSError as error:
        raise UnavailableError(
            f"cannot build {target}: {error.strerror or error}; give a cache folder that can be "
            "written and has half a gigabyte free"
        ) from error
    return target


def _build(target: Path, build: Callable[[Path], None]) -> None:
    unfinished = target.parent / f".{target.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        build(unfinished)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
