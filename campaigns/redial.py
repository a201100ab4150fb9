"""What happens to a name after an attempt: done, given up, or tried again, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum, unique
from types import MappingProxyType

from kernel.call import Result
from kernel.errors import InputError


@unique
class LeadState(StrEnum):
    """Where a name stands in its campaign."""

    READY = "ready"  # callable once `due_at` has come
    DIALING = "dialing"  # one attempt is open
    DONE = "done"  # reached
    GAVE_UP = "gave-up"  # not reached within the rules, or not reachable at all
    SUPPRESSED = "suppressed"  # on a do-not-call list
    TAKEN_BACK = "taken-back"  # recalled by the campaign manager before it was dialed


#: A result that settles the name, whatever the number of attempts left.
SETTLED: Mapping[Result, LeadState] = MappingProxyType({
    Result.ANSWERED_HUMAN: LeadState.DONE,
    Result.EMPTY_NUMBER: LeadState.GAVE_UP,
    Result.SUSPENDED: LeadState.GAVE_UP,
    Result.INVALID: LeadState.GAVE_UP,
    Result.BLOCKED: LeadState.GAVE_UP,
})

#: Defaults of dialers in the field: soon after busy, later after no answer, a day after an
#: abandoned call (the person was disturbed for nothing once today).
DEFAULT_DELAYS: Mapping[Result, timedelta] = MappingProxyType({
    Result.ANSWERED_MACHINE: timedelta(hours=4),
    Result.BUSY: timedelta(minutes=10),
    Result.NO_ANSWER: timedelta(hours=1),
    Result.REJECTED: timedelta(hours=4),
    Result.UNREACHABLE: timedelta(hours=2),
    Result.NETWORK_FAILURE: timedelta(minutes=5),
    Result.ABANDONED: timedelta(hours=24),
    Result.CANCELLED: timedelta(minutes=5),
    Result.UNKNOWN: timedelta(hours=1),
})


@dataclass(frozen=True, slots=True)
class NextStep:
    """A name's state after an attempt; `due_at` is set exactly when it is READY again."""

    state: LeadState
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class RedialRules:
    """How often and how soon a name is tried again.

    Attributes:
        max_attempts: attempts per name in this campaign, at least 1.
        min_gap: shortest time between two attempts on one number, over all campaigns.
        delays: wait after each result; results without an entry use `min_gap`.

    Raises:
        InputError: a limit is not positive.
    """

    max_attempts: int = 3
    min_gap: timedelta = timedelta(minutes=30)
    delays: Mapping[Result, timedelta] = field(default_factory=lambda: DEFAULT_DELAYS)

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise InputError("max_attempts must be at least 1")
        if self.min_gap <= timedelta(0) or any(d < timedelta(0) for d in self.delays.values()):
            raise InputError("redial delays must not be negative, and the minimum gap positive")

    def after(self, result: Result, attempts: int, ended_at: datetime) -> NextStep:
        """Decide a name's next step after its attempt number `attempts` ended.

        Args:
            result: normal result of the attempt.
            attempts: attempts made so far, this one included.
            ended_at: when it ended.
        """
        settled = SETTLED.get(result)
        if settled is not None:
            return NextStep(settled, None)
        if attempts >= self.max_attempts:
            return NextStep(LeadState.GAVE_UP, None)
        delay = max(self.min_gap, self.delays.get(result, self.min_gap))
        return NextStep(LeadState.READY, ended_at + delay)
