"""Sound as a value: 16-bit mono samples with their rate, and the telephone's frame size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin, lfilter, resample_poly

from kernel import media

Samples = media.Samples

TELEPHONE_HZ = media.RATE_HZ
FRAME_MS = media.FRAME_MS
FRAME_SAMPLES = media.FRAME_SAMPLES
FRAME_S = FRAME_MS / 1000
PCM_PEAK = 32767

# Half of the doubled rate's band; 47 taps delay by 1.4 ms at 16 kHz.
_DOUBLING_FILTER = 2 * firwin(47, 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Mono sound.

    Attributes:
        rate_hz: samples per second.
        samples: int16 array of shape (n,).
    """

    rate_hz: int
    samples: Samples

    def __post_init__(self) -> None:
        if self.rate_hz <= 0:
            raise ValueError("a sample rate is positive")
        if self.samples.dtype != np.int16 or self.samples.ndim != 1:
            raise ValueError("audio is an int16 array of shape (n,)")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate_hz


def to_int16(samples: npt.NDArray[np.floating]) -> Samples:
    """Round to 16 bits and clip what is too loud; wrapping around would click."""
    clipped: Samples = np.clip(np.rint(samples), -PCM_PEAK - 1, PCM_PEAK).astype(np.int16)
    return clipped


def resample(audio: Audio, rate_hz: int = TELEPHONE_HZ) -> Audio:
    """The same sound at another rate: ceil(n * rate_hz / audio.rate_hz) samples."""
    if audio.rate_hz == rate_hz or not len(audio.samples):
        return Audio(rate_hz, audio.samples)
    common = gcd(rate_hz, audio.rate_hz)
    filtered = resample_poly(
        audio.samples.astype(np.float64), rate_hz // common, audio.rate_hz // common
    )
    return Audio(rate_hz, to_int16(filtered))


def frames(audio: Audio, frame_ms: int = FRAME_MS) -> Iterator[Samples]:
    """Cut into frames of equal length, the last one filled up with silence.

    Yields:
        int16 arrays of shape (rate_hz * frame_ms / 1000,).
    """
    size = audio.rate_hz * frame_ms // 1000
    if size <= 0:
        raise ValueError("a frame has at least one sample")
    for start in range(0, len(audio.samples), size):
        piece = audio.samples[start : start + size]
        if len(piece) < size:
            piece = np.pad(piece, (0, size - len(piece)))
        yield piece


def level_dbfs(samples: Samples) -> float:
    """Power against a full-scale square wave, in dB; -96 for digital silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return max(-96.0, 10 * float(np.log10(max(power, 1e-9) / PCM_PEAK**2)))


class Doubler:
    """Streaming 8 kHz to 16 kHz: frame by frame gives the same as all at once."""

    def __init__(self) -> None:
        self._state = np.zeros(len(_DOUBLING_FILTER) - 1)

    def push(self, samples: Samples) -> Samples:
        """Twice as many samples of the same sound, int16 of shape (2n,)."""
        stuffed = np.zeros(2 * len(samples))
        stuffed[::2] = samples
        if not len(stuffed):
            return to_int16(stuffed)
        filtered, self._state = lfilter(_DOUBLING_FILTER, 1.0, stuffed, zi=self._state)
        return to_int16(filtered)
