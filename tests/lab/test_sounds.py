from __future__ import annotations

from pathlib import Path

import pytest

from lab.sounds import make_sounds
from tests.lab import sound
from tests.rig import CACHE_DIR


@pytest.fixture(scope="module")
def sounds() -> Path:
    return make_sounds(CACHE_DIR)


def test_tones(sounds: Path) -> None:
    assert abs(sound.pitch_hz(sound.read(sounds / "tone1000.wav")) - 1000) < 1
    assert abs(sound.pitch_hz(sound.read(sounds / "beep.wav")) - 950) < 3


@pytest.mark.parametrize("phrase", ["hello", "goodbye", "yes", "no", "vacant", "voicemail"])
def test_speech_is_heard_and_not_clipped(sounds: Path, phrase: str) -> None:
    spoken = sound.read(sounds / f"{phrase}.wav")
    assert 0.2 < len(spoken) / 8000 < 10
    assert sound.level(spoken) > 500
    assert abs(spoken).max() < 20_000


def test_comfort_noise_is_below_speech(sounds: Path) -> None:
    assert 20 < sound.level(sound.read(sounds / "comfort/noise.wav")) < 50


def test_made_once(sounds: Path) -> None:
    made_at = (sounds / "hello.wav").stat().st_mtime_ns
    assert make_sounds(CACHE_DIR) == sounds
    assert (sounds / "hello.wav").stat().st_mtime_ns == made_at
