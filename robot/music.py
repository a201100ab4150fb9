"""Music while a caller waits for an agent: made here, so nobody's rights are touched."""

from __future__ import annotations

from functools import cache

import numpy as np

from kernel.media import RATE_HZ, Samples

#: A pentatonic line in C, one note a beat; frequencies in Hz.
_MELODY_HZ = (523.3, 659.3, 784.0, 880.0, 784.0, 659.3, 587.3, 523.3)
_BEAT_S = 0.5
_PEAK = 3000  # about -21 dBFS: soft


@cache
def hold_music() -> Samples:
    """Four seconds of soft plucked notes that can be repeated: int16 at 8 kHz, shape (32000,)."""
    at = np.arange(round(_BEAT_S * RATE_HZ)) / RATE_HZ
    fade = np.exp(-4.0 * at)
    line = np.concatenate([np.sin(2 * np.pi * hz * at) * fade for hz in _MELODY_HZ])
    music: Samples = (line * _PEAK).astype(np.int16)
    music.flags.writeable = False  # one array serves every call
    return music
