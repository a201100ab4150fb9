"""Call records of the simulated switch: used ids and ended calls, for reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kernel.call import AttemptState
from kernel.ids import AttemptId
from kernel.telephony import Finished, Live, NeverSeen, Sighting, Untold

#: The UUID version that carries its time of birth (RFC 9562, section 5.7).
_TIME_ORDERED = 7


class Records:
    """Used ids and ended calls.

    Args:
        durable: whether they survive a crash, as call records on disk do.
        since: when the records begin; the switch vouches for nothing older.
    """

    def __init__(self, *, durable: bool, since: datetime) -> None:
        self._durable = durable
        self._since = since
        self._used: set[AttemptId] = set()
        self._vouched: set[AttemptId] = set()
        self._finished: dict[AttemptId, Finished] = {}

    def used(self, attempt: AttemptId) -> bool:
        """Whether this id has been dialed."""
        return attempt in self._used

    def vouched(self, attempt: AttemptId) -> bool:
        """Whether somebody was told that this id never will be dialed."""
        return attempt in self._vouched

    def use(self, attempt: AttemptId) -> None:
        """Note an id before it is dialed."""
        self._used.add(attempt)

    def finish(self, attempt: AttemptId, finished: Finished) -> None:
        """Note how a call went."""
        self._finished[attempt] = finished

    def crash(self, live: Mapping[AttemptId, Finished]) -> None:
        """Note that the switch died with these calls up, or lose everything."""
        if self._durable:
            self._finished.update(live)
            return
        self._used.clear()
        self._vouched.clear()
        self._finished.clear()

    def boot(self, at: datetime) -> None:
        """The switch is up again; without durable records everything older is unknown."""
        if not self._durable:
            self._since = at

    def sight(self, attempt: AttemptId, live: AttemptState | None) -> Sighting:
        """What is known of an attempt; `NeverSeen` binds the switch to refuse it later."""
        if live is not None:
            return Live(live)
        if attempt in self._finished:
            return self._finished[attempt]
        if _made_before(attempt, self._since):
            return Untold()
        self._vouched.add(attempt)
        return NeverSeen()


def _made_before(attempt: AttemptId, moment: datetime) -> bool:
    """Whether an id is older than `moment`; a version 7 UUID carries its millisecond."""
    return attempt.version == _TIME_ORDERED and attempt.int >> 80 < int(moment.timestamp() * 1000)
