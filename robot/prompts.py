"""Recorded prompts: WAV files of any usual rate, one or two channels, as telephone sound."""

from __future__ import annotations

import tempfile
import wave
from pathlib import Path

import numpy as np

from kernel.errors import InputError, UnavailableError
from robot.audio import FRAME_MS, TELEPHONE_HZ, Audio, Samples, frames, resample, to_int16

__all__ = ["FRAME_MS", "frames", "load_prompt", "read_wav", "write_wav"]

RATES_HZ = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000)
# A prompt that goes on for ten minutes is a mistaken file, and would fill the memory.
LONGEST_S = 600
_BYTES_PER_SAMPLE = 2
_CHANNELS = (1, 2)


def load_prompt(path: Path) -> Audio:
    """A recorded prompt at 8 kHz, mono.

    Raises:
        InputError: the file is missing, or is no 16-bit PCM WAV of a usual rate; the message
            names the file and what is wrong.
    """
    return resample(read_wav(path), TELEPHONE_HZ)


def read_wav(path: Path) -> Audio:
    """A WAV file as it is, two channels mixed into one.

    Raises:
        InputError: as `load_prompt`.
    """
    try:
        with wave.open(str(path), "rb") as file:
            _check(path, file.getparams())
            data = file.readframes(file.getnframes())
            rate_hz, channels = file.getframerate(), file.getnchannels()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; record the prompt or correct its name") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except EOFError:
        raise InputError(f"{path}: not a 16-bit PCM WAV file (cut short)") from None
    except wave.Error as error:
        raise InputError(f"{path}: not a 16-bit PCM WAV file ({error})") from None
    whole = len(data) - len(data) % (_BYTES_PER_SAMPLE * channels)
    return Audio(rate_hz, _mono(np.frombuffer(data[:whole], "<i2"), channels))


def write_wav(path: Path, audio: Audio) -> None:
    """Write beside the target and rename: a reader sees the old file or the new one, whole.

    Raises:
        UnavailableError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            scratch = Path(file.name)
        try:
            _write(scratch, audio)
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as error:
        raise UnavailableError(f"{path}: cannot be written ({error.strerror})") from error


def _write(path: Path, audio: Audio) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(_BYTES_PER_SAMPLE)
        out.setframerate(audio.rate_hz)
        out.writeframes(audio.samples.astype("<i2").tobytes())


def _check(path: Path, found: wave._wave_params) -> None:
    if found.sampwidth != _BYTES_PER_SAMPLE:
        bits = 8 * found.sampwidth
        raise InputError(f"{path}: {bits}-bit samples; save it as 16-bit PCM")
    if found.nchannels not in _CHANNELS:
        raise InputError(f"{path}: {found.nchannels} channels; save it as mono or stereo")
    if found.framerate not in RATES_HZ:
        usual = ", ".join(map(str, RATES_HZ))
        raise InputError(f"{path}: {found.framerate} samples per second; use one of {usual}")
    if found.nframes == 0:
        raise InputError(f"{path}: holds no sound; record it again")
    if found.nframes > LONGEST_S * found.framerate:
        raise InputError(f"{path}: longer than {LONGEST_S} s; cut it into prompts")


def _mono(interleaved: Samples, channels: int) -> Samples:
    if channels == 1:
        return interleaved.astype(np.int16)
    return to_int16(interleaved.reshape(-1, channels).mean(axis=1))
