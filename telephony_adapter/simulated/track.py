"""One direction of a call's sound as pieces on a time line, rendered only where needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernel.media import Samples

_LOWEST, _HIGHEST = -32768, 32767


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    start: int
    samples: Samples
    source: object

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


class Track:
    """Sound of one direction; positions are samples since the call began."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []

    def add(self, at: int, samples: Samples, source: object = None) -> None:
        """Sound that starts at `at`, mixed with what is there."""
        if len(samples):
            self._pieces.append(_Piece(at, samples, source))

    def cut(self, at: int, source: object) -> None:
        """End the sound of one source at `at`."""
        self._pieces = [
            piece
            if piece.source is not source or piece.end <= at
            else _Piece(piece.start, piece.samples[: max(0, at - piece.start)], source)
            for piece in self._pieces
        ]

    def rest(self, at: int) -> Samples:
        """Everything from `at` on that is known already, shape (n,)."""
        end = max((piece.end for piece in self._pieces), default=at)
        return self.read(at, max(0, end - at))

    def forget(self, before: int) -> None:
        """Drop sound that was over at `before` and will not be asked for again."""
        self._pieces = [piece for piece in self._pieces if piece.end > before]

    def read(self, start: int, length: int) -> Samples:
        """The mix from `start` on, shape (length,); silence where there is no sound."""
        mixed = np.zeros(length, np.int32)
        for piece in self._pieces:
            first, last = max(start, piece.start), min(start + length, piece.end)
            if first < last:
                mixed[first - start : last - start] += piece.samples[
                    first - piece.start : last - piece.start
                ]
        return np.clip(mixed, _LOWEST, _HIGHEST).astype(np.int16)


def mix(one: Samples, two: Samples) -> Samples:
    """Both directions in one sound; equal shapes."""
    total: NDArray[np.int32] = one.astype(np.int32) + two
    return np.clip(total, _LOWEST, _HIGHEST).astype(np.int16)
