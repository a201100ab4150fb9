"""Hard limits that bind every policy: names, trunks, lines per agent, calls per second, shift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pacing.interface import Outcome

if TYPE_CHECKING:
    from pacing.floor import Floor
    from pacing.interface import Limits, Snapshot

# Until a call was seen to ring out, count on the longest ring that carriers usually allow.
UNSEEN_RING_S = 30.0
# A call is never cut short to suit the shift, so neither may a short first ring mislead us.
SHORTEST_RING_LIMIT_S = 15.0
# Launches per second are granted in portions of at most this many seconds.
BURST_S = 1.0


class Room(NamedTuple):
    """How many calls may be launched at all, and the limit that says so."""

    calls: int
    limit: str


class Gate:
    """Counts how much of each hard limit is left; remembers launches and the longest ring."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._longest_ring_s: float | None = None
        self._tokens = self._burst
        self._filled_at: float | None = None

    @property
    def ring_limit_s(self) -> float:
        """How long a call launched now may keep ringing."""
        if self._longest_ring_s is None:
            return UNSEEN_RING_S
        return max(self._longest_ring_s, SHORTEST_RING_LIMIT_S)

    @property
    def _burst(self) -> float:
        return max(1.0, (self._limits.max_cps or 0.0) * BURST_S)

    def room(self, s: Snapshot, floor: Floor) -> Room:
        """Return the tightest limit on launches at `s.now`, after reading the new events."""
        for event in s.events:
            if isinstance(event, Outcome):
                ring_s = event.ended - event.launched
                self._longest_ring_s = max(self._longest_ring_s or 0.0, ring_s)
        self._refill(s.now)
        if s.shift_ends_at is not None and s.now + self.ring_limit_s >= s.shift_ends_at:
            return Room(0, "the shift ends before a new call would stop ringing")
        lines = int(self._limits.max_lines_per_agent * floor.staffed)
        rooms = [
            Room(max(0, s.leads_left), "no more names to dial"),
            Room(max(0, s.lines_free), "no more free lines"),
            Room(max(0, lines - floor.ringing - floor.waiting), "lines per agent used up"),
        ]
        if self._limits.max_cps is not None:
            rooms.append(Room(int(self._tokens), "calls per second used up"))
        return min(rooms, key=lambda room: room.calls)

    def launched(self, calls: int) -> None:
        """Take note of calls that the caller will launch now."""
        if self._limits.max_cps is not None:
            self._tokens -= calls

    def _refill(self, now: float) -> None:
        if self._limits.max_cps is None:
            return
        if self._filled_at is not None:
            gained = self._limits.max_cps * max(0.0, now - self._filled_at)
            self._tokens = min(self._burst, self._tokens + gained)
        self._filled_at = now

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as JSON values."""
        return {
            "longest_ring_s": self._longest_ring_s,
            "tokens": self._tokens,
            "filled_at": self._filled_at,
        }

    @classmethod
    def from_state(cls, limits: Limits, d: dict[str, Any]) -> Gate:
        """Build a gate that remembers what `d` says."""
        gate = cls(limits)
        gate._longest_ring_s = optional_float(d["longest_ring_s"])
        gate._tokens = min(gate._burst, float(d["tokens"]))
        gate._filled_at = optional_float(d["filled_at"])
        return gate


def optional_float(value: Any) -> float | None:
    """Read a JSON number that may be null."""
    return None if value is None else float(value)
