"""Measure what was recorded."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]


def read(path: Path) -> Samples:
    """The samples, shape (n,), of an 8 kHz 16-bit mono file."""
    with wave.open(str(path)) as source:
        assert (source.getframerate(), source.getnchannels()) == (8000, 1)
        return np.frombuffer(source.readframes(source.getnframes()), "<i2").astype(np.float64)


def level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def pitch_hz(samples: Samples) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 8000 / len(samples))


def seconds_of(samples: Samples, frequency_hz: float, level_over: float = 500) -> float:
    """How long a pure tone of this frequency sounds, in steps of 0.1 s."""
    found = 0
    for start in range(0, len(samples) - 799, 800):
        part = samples[start : start + 800]
        found += abs(pitch_hz(part) - frequency_hz) <= 10 and level(part) > level_over
    return found / 10
