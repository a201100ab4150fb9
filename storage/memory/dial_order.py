"""Names of one campaign and owner in the order of dialing; never walks names not due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush

from campaigns.redial import LeadState
from kernel.ids import LeadId
from storage.memory.records import LeadRecord

#: Due time, sequence, the name's turn when it was put here, the name.
_Entry = tuple[datetime, int, int, LeadRecord]


class DialOrder:
    """READY names by (due time, sequence).

    Names that leave are found stale when they surface, so leaving costs nothing.
    """

    def __init__(self) -> None:
        self._later: list[_Entry] = []
        self._due: list[_Entry] = []
        self._due_ids: set[LeadId] = set()

    def add(self, lead: LeadRecord) -> None:
        """A name has become READY, or its due time has changed."""
        assert lead.due_at is not None
        self._due_ids.discard(lead.id)
        lead.turn += 1
        heappush(self._later, (lead.due_at, lead.seq, lead.turn, lead))

    def leave(self, lead: LeadRecord) -> None:
        """A name is READY no longer."""
        self._due_ids.discard(lead.id)

    def count_due(self, now: datetime) -> int:
        """How many names are READY and due."""
        self._advance(now)
        return len(self._due_ids)

    def choose(
        self, now: datetime, most: int, admits: Callable[[LeadRecord], bool]
    ) -> list[LeadRecord]:
        """The first names that are due and admitted; they stay until their state changes."""
        self._advance(now)
        seen: list[_Entry] = []
        chosen: list[LeadRecord] = []
        while self._due and len(chosen) < most:
            entry = heappop(self._due)
            if not _is_current(entry):
                continue
            seen.append(entry)
            if admits(entry[-1]):
                chosen.append(entry[-1])
        for entry in seen:
            heappush(self._due, entry)
        return chosen

    def _advance(self, now: datetime) -> None:
        while self._later and self._later[0][0] <= now:
            entry = heappop(self._later)
            if _is_current(entry) and entry[-1].id not in self._due_ids:
                self._due_ids.add(entry[-1].id)
                heappush(self._due, entry)


def _is_current(entry: _Entry) -> bool:
    *_, turn, lead = entry
    return lead.state is LeadState.READY and lead.turn == turn
