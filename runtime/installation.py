"""What every command needs of an installation: its folders and its identifiers."""

from __future__ import annotations

from random import SystemRandom

from kernel.clock import Clock
from kernel.errors import UnavailableError
from kernel.ids import Ids, TimeOrderedIds
from runtime.settings import Settings


def prepare_folders(settings: Settings) -> None:
    """Make the folders that product and switch share.

    Raises:
        UnavailableError: the data folder cannot be written.
    """
    try:
        for folder in (settings.data, settings.prompts, settings.recordings):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            f"the data folder {settings.data} cannot be written ({error.strerror}); "
            "set WAIHU_DATA to one that can"
        ) from error


def new_ids(clock: Clock) -> Ids:
    """Identifiers from the system's own randomness."""
    return TimeOrderedIds(clock, SystemRandom())
