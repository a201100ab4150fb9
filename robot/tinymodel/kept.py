"""The model in a cache: made on first use, by a process of its own, and never again.

The folder's name is a hash of the maker's sources: whoever changes the recipe gets a new model,
whoever does not never waits again. Making needs scikit-learn; using does not, so nothing of the
maker is imported here.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kernel.errors import UnavailableError

_MAKER = (sys.executable, "-m", "robot.tinymodel.build")
_RECIPE = ("vocabulary", "voice_worker", "speech_data", "features", "train", "export", "build")


def ensure_model(cache: Path) -> Path:
    """The model's folder inside `cache`; making it takes one to two minutes on two cores.

    Processes that ask at the same time wait for one of them to make it; a maker that dies
    leaves nothing that could be taken for a model.

    Raises:
        UnavailableError: the maker failed.
    """
    wanted = cache.resolve() / f"tinymodel-{recipe_hash()}"
    if wanted.is_dir():
        return wanted
    wanted.parent.mkdir(parents=True, exist_ok=True)
    with (wanted.parent / "tinymodel.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():
            _make_aside(wanted)
    return wanted


def recipe_hash() -> str:
    """Sixteen hexadecimal digits that name the recipe's sources."""
    here = Path(__file__).parent
    sources = [(here / f"{name}.py").read_bytes() for name in _RECIPE]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:16]


def _make_aside(wanted: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix="tinymodel-making-", dir=wanted.parent))
    maker = [*_MAKER, str(scratch / "model")]
    try:
        made = subprocess.run(maker, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
        if made.returncode != 0:
            last = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise UnavailableError(f"the hearing model could not be made: {last}")
        (scratch / "model").rename(wanted)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.stdout.write(f"{ensure_model(Path(sys.argv[1]))}\n")
