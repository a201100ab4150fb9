"""Call audio: 20 ms frames of 16-bit mono samples, and the port that carries them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: One frame lasts 20 ms on every leg.
FRAME_MS = 20
#: Telephone rate; the rate of every leg until a trunk offers wide band.
RATE_HZ = 8000
#: Samples per frame at `RATE_HZ`.
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class MarkReached:
    """Everything sent before `mark` has been played to the far end."""

    mark: str


@dataclass(frozen=True, slots=True, eq=False)
class AudioFrame:
    """Audio from the far end.

    Attributes:
        samples: shape (160,) at 8 kHz, int16.
        at_s: monotonic time of arrival, in seconds.
    """

    samples: Samples
    at_s: float


MediaEvent = AudioFrame | MarkReached


class MediaStream(Protocol):
    """Two-way audio of one call leg; the switch paces what is sent.

    Iteration ends when the leg is gone.
    """

    async def send(self, samples: Samples) -> None:
        """Queue audio (shape (n,), int16, 8 kHz) behind what is queued already.

        Raises:
            UnavailableError: the leg is gone.
        """
        ...

    async def mark(self, mark: str) -> None:
        """Ask for `MarkReached(mark)` once everything sent so far has been played."""
        ...

    async def flush(self) -> None:
        """Drop everything queued and not yet played: the far end hears silence at once."""
        ...

    def events(self) -> AsyncIterator[MediaEvent]:
        """Frames from the far end and reached marks, in order, until the leg is gone."""
        ...

    async def aclose(self) -> None:
        """Leave the call's audio; the call itself stays up."""
        ...
