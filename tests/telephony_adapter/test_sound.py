from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from kernel.errors import PeerError
from telephony_adapter.sound import (
    prompt_path,
    read_wav,
    recording_path,
    wav_seconds,
    write_wav,
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    samples = np.arange(-400, 400, dtype=np.int16)
    path = tmp_path / "a.wav"
    write_wav(path, samples)

    assert np.array_equal(read_wav(path), samples)
    assert wav_seconds(path) == 0.1
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_only_telephone_sound_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "wide.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(64))
    (tmp_path / "text.wav").write_text("not sound")

    with pytest.raises(PeerError, match="8000 Hz, mono, 16-bit"):
        wav_seconds(path)
    with pytest.raises(PeerError, match="cannot be read"):
        read_wav(tmp_path / "text.wav")


@pytest.mark.parametrize("prompt", ["", "../secret", "A", "a.b", "a/b", "/etc/passwd"])
def test_a_prompt_never_leaves_its_folder(tmp_path: Path, prompt: str) -> None:
    with pytest.raises(PeerError, match="name"):
        prompt_path(tmp_path, prompt)


def test_a_prompt_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="not in the prompt folder"):
        prompt_path(tmp_path, "welcome")
    with pytest.raises(PeerError, match="prompts=FOLDER"):
        prompt_path(None, "welcome")


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../up", "a b", "x" * 200])
def test_a_recording_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(PeerError, match="name"):
        recording_path(tmp_path, name)


def test_a_recording_needs_a_folder() -> None:
    with pytest.raises(PeerError, match="recordings=FOLDER"):
        recording_path(None, "a")
