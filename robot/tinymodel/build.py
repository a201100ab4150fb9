"""Makes the model: `python -m robot.tinymodel.build FOLDER`; `ensure_model` keeps it in a cache.

The folder's name in the cache is a hash of the maker's sources: whoever changes the recipe gets
a new model, whoever does not never waits again.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from kernel.errors import ConflictError
from robot.tinymodel.exam import examine
from robot.tinymodel.export import write_model
from robot.tinymodel.speech_data import record
from robot.tinymodel.train import train
from robot.tinymodel.vocabulary import TEACHERS

SEED = 1
_TAKES = 4
_RECIPE = ("vocabulary", "voice_worker", "speech_data", "features", "train", "export", "build")


def build(folder: Path) -> None:
    """Make the model in a folder that does not exist yet; one to two minutes on two cores.

    Raises:
        ConflictError: the folder exists.
    """
    if folder.exists():
        raise ConflictError(f"{folder} exists already; name a new folder for the model")
    write_model(train(record(TEACHERS, _TAKES, SEED), SEED), folder)


def ensure_model(cache: Path) -> Path:
    """The model's folder inside `cache`, made on first use.

    Processes that ask at the same time wait for one of them to make it; a maker that dies
    leaves nothing that could be taken for a model.
    """
    wanted = cache.resolve() / f"tinymodel-{recipe_hash()}"
    if wanted.is_dir():
        return wanted
    wanted.parent.mkdir(parents=True, exist_ok=True)
    with (wanted.parent / "tinymodel.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():
            _build_aside(wanted)
    return wanted


def recipe_hash() -> str:
    """Sixteen hexadecimal digits that name the recipe's sources."""
    here = Path(__file__).parent
    sources = [(here / f"{name}.py").read_bytes() for name in _RECIPE]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:16]


def _build_aside(wanted: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix="tinymodel-making-", dir=wanted.parent))
    try:
        build(scratch / "model")
        (scratch / "model").rename(wanted)
    finally:
        shutil.rmtree(scratch)


def main(arguments: list[str]) -> int:
    """Build into the named folder and print how well it hears voices it was not taught by."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m robot.tinymodel.build FOLDER\n")
        return 2
    folder = Path(arguments[0])
    try:
        build(folder)
    except ConflictError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for score in examine(folder):
        sys.stdout.write(f"{score.name}: {score.right} of {score.of} ({score.share:.1%})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
