"""Identifiers: UUID version 7 (RFC 9562, section 5.7), one NewType per kind of thing.

Version 7 sorts by creation time, which keeps index pages warm and logs readable. An attempt's
id is also its channel id on the switch, so it is the only name a call ever has.
"""

from __future__ import annotations

from random import Random
from typing import NewType, Protocol
from uuid import UUID

from kernel.clock import Clock

AgentId = NewType("AgentId", UUID)
AllocationId = NewType("AllocationId", UUID)
AttemptId = NewType("AttemptId", UUID)
BatchId = NewType("BatchId", UUID)
CampaignId = NewType("CampaignId", UUID)
FilterFormId = NewType("FilterFormId", UUID)
LeadId = NewType("LeadId", UUID)
MemberId = NewType("MemberId", UUID)
RecordingId = NewType("RecordingId", UUID)
ScriptVersionId = NewType("ScriptVersionId", UUID)
UserId = NewType("UserId", UUID)


def uuid7(unix_ms: int, random_bits: int) -> UUID:
    """Build a version 7 UUID from a Unix time in milliseconds and 74 random bits."""
    value = (unix_ms & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= ((random_bits >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random_bits & ((1 << 62) - 1)
    return UUID(int=value)


class Ids(Protocol):
    """Source of new identifiers."""

    def new(self) -> UUID:
        """A fresh UUID; later ones sort after earlier ones."""
        ...


class TimeOrderedIds:
    """Version 7 ids from a clock and a random source, strictly increasing in one process.

    Args:
        clock: gives the millisecond.
        rng: `random.SystemRandom()` in production, a seeded `Random` in simulation.
    """

    def __init__(self, clock: Clock, rng: Random) -> None:
        self._clock = clock
        self._rng = rng
        self._last = UUID(int=0)

    def new(self) -> UUID:
        """A fresh id, greater than every id this source gave before."""
        unix_ms = int(self._clock.now().timestamp() * 1000)
        fresh = uuid7(unix_ms, self._rng.getrandbits(74))
        while fresh <= self._last:
            # Same millisecond (or a clock stepped back): RFC 9562 6.2 lets us run ahead.
            last_ms = (self._last.int >> 80) + 1
            fresh = uuid7(max(unix_ms, last_ms), self._rng.getrandbits(74))
        self._last = fresh
        return fresh
