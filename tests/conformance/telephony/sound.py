"""Listen to samples: how much of one tone is in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kernel.media import RATE_HZ, Samples
from telephony_adapter.sound import read_wav

#: Above what codecs and comfort noise leave at any single pitch.
AUDIBLE = 500.0


def level(samples: Samples, hz: float) -> float:
    """Amplitude of the sine of this pitch, 0 when there are no samples."""
    if not len(samples):
        return 0.0
    at = np.arange(len(samples)) / RATE_HZ
    projected = np.dot(samples.astype(np.float64), np.exp(-2j * np.pi * hz * at))
    return float(2 * abs(projected) / len(samples))


def seconds_of(samples: Samples, hz: float) -> float:
    """For how long the tone is audible, to 50 ms."""
    window = RATE_HZ // 20
    pieces = [samples[start : start + window] for start in range(0, len(samples), window)]
    return sum(level(piece, hz) > AUDIBLE for piece in pieces) / 20


def recorded(path: str) -> Samples:
    """The samples of a recording."""
    return read_wav(Path(path))
