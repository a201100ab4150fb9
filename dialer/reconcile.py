"""What to believe about attempts that have no result, given what the switch says. Pure.

Runs every few seconds and after every break. Events are only hints; this is the truth
(docs/decisions/0003-dial-protocol.md). Nothing here redials: doubt counts as an attempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.ports import Epoch, OpenAttempt
from kernel.call import AttemptState
from kernel.ids import AttemptId
from kernel.telephony import CallEnded, Finished, Live, NeverSeen, Sighting

#: Past its deadline by this much, an attempt that the switch never saw can no longer be sent.
GRACE = timedelta(seconds=5)
#: States in which the switch has certainly not been told yet, or may not have been.
_BEFORE_SWITCH = frozenset({AttemptState.INTENT})


@dataclass(frozen=True, slots=True)
class Adopt:
    """The call is up, and nobody here knows it: follow it from now on."""

    attempt: OpenAttempt
    state: AttemptState


@dataclass(frozen=True, slots=True)
class Conclude:
    """The switch knows how it ended."""

    attempt: OpenAttempt
    reached: AttemptState
    ended: CallEnded


@dataclass(frozen=True, slots=True)
class Void:
    """It never reached the switch and never will."""

    attempt: OpenAttempt


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nobody knows how it ended; it may have rung."""

    attempt: OpenAttempt


Finding = Adopt | Conclude | Void | GiveUp


def to_ask(
    attempts: Iterable[OpenAttempt], known: Iterable[AttemptId], epoch: Epoch, now: datetime
) -> list[OpenAttempt]:
    """Open attempts that nobody here follows.

    Those of a later engine are its own business. Those of an earlier one are asked about at
    once, because they may ring; our own when their time to be sent is over.
    """
    followed = set(known)
    return [
        a
        for a in attempts
        if a.attempt not in followed
        and (a.epoch < epoch or (a.epoch == epoch and _past_deadline(a, now)))
    ]


def findings(
    attempts: Iterable[OpenAttempt],
    sightings: Mapping[AttemptId, Sighting],
    now: datetime,
) -> list[Finding]:
    """Decide about each attempt.

    Args:
        attempts: open attempts that nobody follows, from `to_ask`.
        sightings: what the switch said of each; an attempt it did not mention is left alone.
        now: wall clock.
    """
    decided: list[Finding] = []
    for attempt in attempts:
        match sightings.get(attempt.attempt):
            case Live(state):
                decided.append(Adopt(attempt, max(state, attempt.state)))
            case Finished(reached, ended):
                decided.append(Conclude(attempt, max(reached, attempt.state), ended))
            case NeverSeen() if attempt.state in _BEFORE_SWITCH:
                if now > attempt.deadline_at + GRACE:
                    decided.append(Void(attempt))
            case None:
                continue
            case _:
                if _past_deadline(attempt, now):
                    decided.append(GiveUp(attempt))
    return decided


def _past_deadline(attempt: OpenAttempt, now: datetime) -> bool:
    # A younger attempt may still be on its way to the switch.
    return now > attempt.deadline_at
