"""Makes the model: `python -m robot.tinymodel.build FOLDER`; `kept` keeps it in a cache."""

from __future__ import annotations

import sys
from pathlib import Path

from kernel.errors import ConflictError
from robot.tinymodel.exam import examine
from robot.tinymodel.export import write_model
from robot.tinymodel.speech_data import record
from robot.tinymodel.train import train
from robot.tinymodel.vocabulary import TEACHERS

SEED = 1
_TAKES = 4


def build(folder: Path) -> None:
    """Make the model in a folder that does not exist yet; one to two minutes on two cores.

    Raises:
        ConflictError: the folder exists.
    """
    if folder.exists():
        raise ConflictError(f"{folder} exists already; name a new folder for the model")
    write_model(train(record(TEACHERS, _TAKES, SEED), SEED), folder)


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
