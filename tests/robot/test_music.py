from __future__ import annotations

import numpy as np
import pytest

from robot.audio import level_dbfs
from robot.music import hold_music


def test_music_is_soft_and_never_silent() -> None:
    music = hold_music()
    assert music.dtype == np.int16
    assert len(music) == 32000
    assert level_dbfs(music) < -25
    beats = music.reshape(8, 4000)
    assert min(level_dbfs(beat) for beat in beats) > -40


def test_music_can_be_repeated_without_a_click() -> None:
    music = hold_music().astype(int)
    assert abs(music[0] - music[-1]) < 500


def test_nobody_can_spoil_the_music_of_others() -> None:
    with pytest.raises(ValueError, match="read-only"):
        hold_music()[0] = 1
