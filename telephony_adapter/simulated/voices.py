"""Sound for words without any speech engine: each word is a tone of its own."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np

from kernel.media import RATE_HZ, Samples

_PEAK = 8000


def tone(hz: float, seconds: float) -> Samples:
    """A sine tone, int16, 8 kHz."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (np.sin(2 * np.pi * hz * at) * _PEAK).astype(np.int16)


class ToneVoices:
    """Says every word as a tone between 300 and 3000 Hz, 0.3 to 1.0 s long.

    Pitch and length follow from the word alone, so a listener can tell the words apart.
    """

    def say(self, word: str) -> Samples:
        """See `Voices`."""
        return _tone_of(word)


@cache
def _tone_of(word: str) -> Samples:
    rng = Random(word)
    samples = tone(rng.randrange(300, 3000, 50), rng.uniform(0.3, 1.0))
    samples.flags.writeable = False  # one array serves every caller
    return samples
