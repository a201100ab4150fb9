"""The truth log: what really rang, for checks that must not believe the engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from kernel.call import EndedBy
from kernel.ids import AttemptId
from kernel.phone import PhoneNumber
from kernel.telephony import CallId
from telephony_adapter.simulated.people import Outcome


@dataclass(frozen=True, slots=True)
class InviteRecord:
    """One ring of one telephone, written by the switch and by nobody else.

    Attributes:
        number: who was rung.
        attempt_no: how often this number had been rung then, this time included.
        at: when the INVITE went out, by the switch's clock.
        ended_at: None while the call is up.
        ended_by: who ended it.
        digits_sent: keys the person pressed.
        digits_heard: keys pressed towards the person.
        agents: agents' legs the call was bridged with, in order.
        met_at: when the person first met somebody or something: an agent, a robot, a prompt.
    """

    attempt_id: AttemptId
    number: PhoneNumber
    attempt_no: int
    at: datetime
    outcome: Outcome
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy = EndedBy.UNKNOWN
    digits_sent: str = ""
    digits_heard: str = ""
    agents: tuple[CallId, ...] = ()
    met_at: datetime | None = None


class TruthLog:
    """Written by the switch alone, one record per INVITE; agents' legs leave none."""

    def __init__(self) -> None:
        self._records: dict[AttemptId, InviteRecord] = {}
        self._rung: Counter[PhoneNumber] = Counter()

    def records(self) -> tuple[InviteRecord, ...]:
        """Every record in the order of the INVITEs."""
        return tuple(self._records.values())

    def next_attempt_no(self, number: PhoneNumber) -> int:
        """How many INVITEs a number will have had with the next one."""
        return self._rung[number] + 1

    def invite(
        self, attempt: AttemptId, number: PhoneNumber, outcome: Outcome, at: datetime
    ) -> None:
        """An INVITE goes out."""
        self._rung[number] += 1
        self._records[attempt] = InviteRecord(attempt, number, self._rung[number], at, outcome)

    def answer(self, attempt: AttemptId | None, at: datetime) -> None:
        """The call was answered."""
        if attempt is not None:
            self._records[attempt] = replace(self._records[attempt], answered_at=at)

    def end(self, attempt: AttemptId | None, at: datetime, by: EndedBy) -> None:
        """The call is over."""
        if attempt is not None:
            self._records[attempt] = replace(self._records[attempt], ended_at=at, ended_by=by)

    def key(self, attempt: AttemptId | None, digit: str) -> None:
        """The person pressed a key."""
        if attempt is not None:
            record = self._records[attempt]
            self._records[attempt] = replace(record, digits_sent=record.digits_sent + digit)

    def key_heard(self, attempt: AttemptId | None, digits: str) -> None:
        """Keys were pressed towards the person."""
        if attempt is not None:
            record = self._records[attempt]
            self._records[attempt] = replace(record, digits_heard=record.digits_heard + digits)

    def bridge(self, attempt: AttemptId | None, leg: CallId, at: datetime) -> None:
        """The call was joined with an agent's leg."""
        if attempt is not None:
            record = self._records[attempt]
            self._records[attempt] = replace(record, agents=(*record.agents, leg))
            self.meet(attempt, at)

    def meet(self, attempt: AttemptId | None, at: datetime) -> None:
        """The person has somebody, or hears a prompt."""
        if attempt is not None and self._records[attempt].met_at is None:
            self._records[attempt] = replace(self._records[attempt], met_at=at)
