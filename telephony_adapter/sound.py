"""Telephone sound on disk: 8 kHz mono 16-bit wav files, and the names they may have."""

from __future__ import annotations

import re
import wave
from pathlib import Path

import numpy as np

from kernel.errors import PeerError
from kernel.media import RATE_HZ, Samples

_PROMPT = re.compile(r"[a-z0-9-]+", re.ASCII)
# One path component: no separators, nothing hidden.
_RECORDING = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}", re.ASCII)


def prompt_path(folder: Path | None, prompt: str) -> Path:
    """Where a stored prompt is.

    Raises:
        PeerError: no folder is configured, the name is not `[a-z0-9-]+`, or it is not there.
    """
    if folder is None:
        raise PeerError("the switch has no prompt folder: add prompts=FOLDER to its address")
    if not _PROMPT.fullmatch(prompt):
        raise PeerError("a prompt's name is lower-case letters, digits and '-'")
    path = folder / f"{prompt}.wav"
    if not path.is_file():
        raise PeerError(f"prompt {prompt!r} is not in the prompt folder", prompt=prompt)
    return path


def recording_path(folder: Path | None, name: str) -> Path:
    """Where a recording will be.

    Raises:
        PeerError: no folder is configured, or the name is not one plain file name.
    """
    if folder is None:
        raise PeerError("the switch has no recordings folder: add recordings=FOLDER to its address")
    if not _RECORDING.fullmatch(name):
        raise PeerError("a recording's name is letters, digits, '-', '_' and '.'")
    return folder / f"{name}.wav"


def wav_seconds(path: Path) -> float:
    """Length of a wav file.

    Raises:
        PeerError: it is not an 8 kHz mono 16-bit wav file.
    """
    return _frames(path) / RATE_HZ


def read_wav(path: Path) -> Samples:
    """All samples of a wav file, shape (n,).

    Raises:
        PeerError: it is not an 8 kHz mono 16-bit wav file.
    """
    _frames(path)
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def write_wav(path: Path, samples: Samples) -> None:
    """Write samples as a wav file that appears complete or not at all."""
    unfinished = path.with_suffix(".part")
    with wave.open(str(unfinished), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    unfinished.replace(path)


def _frames(path: Path) -> int:
    try:
        with wave.open(str(path), "rb") as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            count = file.getnframes()
    except (OSError, EOFError, wave.Error) as error:
        raise PeerError(f"{path.name} cannot be read as a wav file: {error}") from error
    if shape != (1, 2, RATE_HZ):
        raise PeerError(f"{path.name} must be 8000 Hz, mono, 16-bit")
    return count
