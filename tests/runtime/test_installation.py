from __future__ import annotations

from pathlib import Path

import pytest

from kernel.clock import VirtualClock
from kernel.errors import UnavailableError
from runtime.installation import new_ids, prepare_folders
from runtime.settings import Settings
from tests.runtime.installation import settings_of


def test_folders_are_made_once_and_what_is_in_them_stays(settings: Settings) -> None:
    prepare_folders(settings)
    kept = settings.recordings / "a.wav"
    kept.touch()
    prepare_folders(settings)
    assert settings.prompts.is_dir()
    assert kept.exists()


def test_a_folder_that_cannot_be_made_says_which_setting(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(UnavailableError, match=r"file/data .* WAIHU_DATA"):
        prepare_folders(settings_of(folder, data=folder / "file" / "data"))


def test_identifiers_differ_even_at_the_same_moment() -> None:
    clock = VirtualClock()
    one, other = new_ids(clock), new_ids(clock)
    made = [ids.new() for ids in (one, other) for _ in range(1000)]
    assert len(set(made)) == 2000
