from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from kernel.errors import InputError, UnavailableError
from robot.audio import Audio
from robot.prompts import load_prompt, read_wav, write_wav


def make_wav(path: Path, rate_hz: int = 8000, channels: int = 1, width: int = 2) -> Path:
    t = np.arange(rate_hz // 2) / rate_hz
    sine = (9000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate_hz)
        out.writeframes(np.repeat(sine, channels).tobytes() if width == 2 else bytes(rate_hz))
    return path


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_prompts_of_usual_rates_become_telephone_sound(
    tmp_path: Path, rate_hz: int, channels: int
) -> None:
    audio = load_prompt(make_wav(tmp_path / "a.wav", rate_hz, channels))
    assert audio.rate_hz == 8000
    assert len(audio.samples) == 4000
    assert np.abs(audio.samples[200:-200]).max() == pytest.approx(9000, rel=0.02)


def test_two_channels_are_mixed_evenly(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(np.array([[100, 300], [-50, 50]], "<i2").tobytes())
    assert read_wav(path).samples.tolist() == [200, 0]


def test_written_and_read_back_is_the_same(tmp_path: Path) -> None:
    audio = Audio(8000, np.array([0, 1, -32768, 32767], np.int16))
    write_wav(tmp_path / "deep" / "a.wav", audio)
    assert np.array_equal(read_wav(tmp_path / "deep" / "a.wav").samples, audio.samples)
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["a.wav"]


@pytest.mark.parametrize(
    ("rate_hz", "channels", "width", "complaint"),
    [
        (8000, 1, 1, "8-bit samples"),
        (8000, 1, 4, "32-bit samples"),
        (8000, 4, 2, "4 channels"),
        (12345, 1, 2, "12345 samples per second"),
    ],
)
def test_an_unusual_file_is_named_with_its_fault(
    tmp_path: Path, rate_hz: int, channels: int, width: int, complaint: str
) -> None:
    path = make_wav(tmp_path / "odd.wav", rate_hz, channels, width)
    with pytest.raises(InputError, match=complaint) as caught:
        load_prompt(path)
    assert str(path) in str(caught.value)


def test_missing_broken_and_empty_files_are_refused(tmp_path: Path) -> None:
    broken, cut, empty = (tmp_path / name for name in ("broken.wav", "cut.wav", "empty.wav"))
    broken.write_bytes(b"ID3 this is an mp3")
    cut.write_bytes(make_wav(tmp_path / "whole.wav").read_bytes()[:20])
    write_wav(empty, Audio(8000, np.zeros(0, np.int16)))
    for path, complaint in [
        (tmp_path / "none.wav", "no such file"),
        (tmp_path, "cannot be read"),
        (broken, "not a 16-bit PCM WAV"),
        (cut, "not a 16-bit PCM WAV"),
        (empty, "holds no sound"),
    ]:
        with pytest.raises(InputError, match=complaint):
            load_prompt(path)


def test_a_file_cut_short_in_its_data_still_plays(tmp_path: Path) -> None:
    whole = make_wav(tmp_path / "whole.wav")
    (tmp_path / "cut.wav").write_bytes(whole.read_bytes()[:1045])
    assert len(load_prompt(tmp_path / "cut.wav").samples) == 500


def test_a_file_of_hours_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hours.wav"
    write_wav(path, Audio(8000, np.zeros(601 * 8000, np.int16)))
    with pytest.raises(InputError, match="longer than 600 s"):
        load_prompt(path)


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be written"):
        write_wav(tmp_path / "file" / "a.wav", Audio(8000, np.zeros(1, np.int16)))
