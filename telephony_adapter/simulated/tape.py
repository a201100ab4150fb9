"""A running recording: where it will be, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel.media import RATE_HZ
from telephony_adapter.simulated.track import Track, mix
from telephony_adapter.sound import write_wav


@dataclass(frozen=True, slots=True)
class Tape:
    """Both directions of one call, mixed.

    Attributes:
        path: the file, written at the end.
        start: position (samples) where the recording began.
    """

    path: Path
    start: int

    def finish(self, said: Track, heard: Track, end: int) -> float:
        """Write what flowed up to position `end`; returns the length in seconds."""
        length = max(0, end - self.start)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(self.path, mix(said.read(self.start, length), heard.read(self.start, length)))
        return length / RATE_HZ
