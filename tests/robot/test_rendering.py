from __future__ import annotations

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

from kernel.errors import InputError, UnavailableError
from kernel.media import Samples
from robot.audio import Audio
from robot.prompts import write_wav
from robot.rendering import Renderer
from scripts_dsl import Say, Text, Wav
from tests.robot.toy_senses import ToyVoice, voiced

RECORDED = voiced(150.0, 0.3)


def rendered(renderer: Renderer, *parts: Text | Wav) -> Samples:
    return asyncio.run(renderer.sound(Say("a#1", parts, "zh", True, 600), 0.2))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_wav(tmp_path / "prompts" / "hello.wav", Audio(8000, RECORDED))
    write_wav(tmp_path / "secret.wav", Audio(8000, RECORDED))
    return tmp_path / "prompts"


def test_recordings_and_spoken_words_make_one_sound(folder: Path) -> None:
    sound = rendered(Renderer(ToyVoice(), folder), Wav("hello.wav", "您好"), Text("再见"))
    assert np.array_equal(sound, np.concatenate([RECORDED, voiced(100.0, 0.2)]))
    assert len(rendered(Renderer(ToyVoice(), folder))) == 0


def test_a_missing_recording_is_read_out(folder: Path) -> None:
    sound = rendered(Renderer(ToyVoice(), folder), Wav("gone.wav", "您好"))
    assert np.array_equal(sound, voiced(100.0, 0.2))


@pytest.mark.parametrize("name", ["gone.wav", "../secret.wav", "/etc/hostname"])
def test_a_recording_without_words_must_be_there_and_in_the_folder(folder: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"no such file|lie in the prompt folder"):
        rendered(Renderer(ToyVoice(), folder), Wav(name, ""))


def test_a_recording_is_read_again_when_it_changes(folder: Path) -> None:
    renderer = Renderer(ToyVoice(), folder)
    before = rendered(renderer, Wav("hello.wav", ""))
    assert np.array_equal(before, rendered(renderer, Wav("hello.wav", "")))
    write_wav(folder / "hello.wav", Audio(8000, voiced(200.0, 0.5)))
    os.utime(folder / "hello.wav", ns=(1, 1))
    assert np.array_equal(rendered(renderer, Wav("hello.wav", "")), voiced(200.0, 0.5))


def test_speech_that_takes_too_long_is_given_up(folder: Path) -> None:
    with pytest.raises(UnavailableError, match=r"no sound after 0\.2 s"):
        rendered(Renderer(ToyVoice(delay_s=5.0), folder), Text("您好"))
