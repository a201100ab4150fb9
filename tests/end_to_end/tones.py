"""When a pure tone sounds in a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.lab import sound

RATE_HZ = 8000
#: Ten periods of 1 kHz.
WINDOW = 80
WINDOW_S = WINDOW / RATE_HZ
#: A shorter silence is a lost packet, not the end of a call.
APART_S = 0.3


def spans(sounding: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Begin and end, in seconds, of each run of windows in which something sounds."""
    found: list[tuple[float, float]] = []
    for place in np.flatnonzero(sounding).tolist():
        begin_s, end_s = place * WINDOW_S, (place + 1) * WINDOW_S
        if found and begin_s - found[-1][1] < APART_S:
            found[-1] = (found[-1][0], end_s)
        else:
            found.append((begin_s, end_s))
    return found


def windows(samples: sound.Samples) -> sound.Samples:
    """The samples cut into windows, shape (n, WINDOW)."""
    whole = len(samples) // WINDOW * WINDOW
    return samples[:whole].reshape(-1, WINDOW)


def tone_spans(path: Path, frequency_hz: float = 1000.0) -> list[tuple[float, float]]:
    """When the tone sounds, at 10 ms."""
    samples = sound.read(path)
    cut = windows(samples)
    wave = np.exp(-2j * np.pi * frequency_hz * np.arange(WINDOW) / RATE_HZ)
    amplitude = np.abs(cut @ wave) * 2 / WINDOW
    level = np.sqrt((cut**2).mean(axis=1))
    return spans((level > 500) & (amplitude > 1.2 * level))


def loud_spans(path: Path, over: float = 400.0) -> list[tuple[float, float]]:
    """When anything sounds."""
    samples = sound.read(path)
    return spans(np.sqrt((windows(samples) ** 2).mean(axis=1)) > over)


def seconds(path: Path) -> float:
    """Length of a recording."""
    return len(sound.read(path)) / RATE_HZ
