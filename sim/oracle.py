"""Judges a run by what the switch alone wrote down: the engine's own tables are not believed.

Names of the invariants follow docs/decisions/0003-dial-protocol.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import pairwise

from campaigns.campaign import CampaignPlan
from kernel.call import Result
from kernel.ids import AttemptId
from telephony_adapter.simulated.truth import InviteRecord

#: Results of calls that somebody, or something, answered.
_ANSWERED = frozenset({Result.ANSWERED_HUMAN, Result.ANSWERED_MACHINE, Result.ABANDONED})


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise.

    Attributes:
        invariant: `I1`, `I2`, ...
        what: one line, with ids and masked numbers only.
    """

    invariant: str
    what: str


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the engine's store says, to be held against the truth.

    Attributes:
        results: result of every ended attempt.
        numbers: number of the list row behind every attempt.
        legs_left: calls and phones still up on the switch after the engine was closed.
    """

    results: Mapping[AttemptId, Result]
    numbers: Mapping[AttemptId, str]
    legs_left: int = 0


def judge(
    truth: Sequence[InviteRecord],
    plan: CampaignPlan,
    outcomes: Outcomes,
    voice_within_s: float,
) -> list[Violation]:
    """Every violation in a finished run of one campaign.

    Args:
        truth: the switch's log.
        plan: the campaign's settings.
        outcomes: what the store says.
        voice_within_s: longest silence after an answer.
    """
    by_number: dict[str, list[InviteRecord]] = defaultdict(list)
    for invite in truth:
        by_number[invite.number.e164].append(invite)
    found: list[Violation] = []
    for invites in by_number.values():
        found += _redialed_too_soon(invites, plan.redial.min_gap)
        if len(invites) > plan.redial.max_attempts:
            found.append(Violation("I2", f"{invites[0].number} rang {len(invites)} times"))
    found += _outside_hours(truth, plan)
    found += _wrong_number(truth, outcomes)
    found += _silence(truth, voice_within_s)
    found += _too_many_lines(truth, plan.lines)
    found += _without_result(truth, outcomes)
    found += _wrong_result(truth, outcomes)
    still_up = sum(invite.ended_at is None for invite in truth)
    if still_up or outcomes.legs_left:
        left = max(still_up, outcomes.legs_left)
        found.append(Violation("I14", f"{left} legs are still up on the switch"))
    return found


def _redialed_too_soon(invites: Sequence[InviteRecord], gap: timedelta) -> Iterator[Violation]:
    for before, after in pairwise(invites):
        if after.at - before.at < gap:
            waited = (after.at - before.at).total_seconds()
            yield Violation("I1", f"{after.number} rang again after {waited:.1f} s")


def _outside_hours(truth: Iterable[InviteRecord], plan: CampaignPlan) -> Iterator[Violation]:
    for invite in truth:
        if not plan.window.is_open(invite.at):
            yield Violation("I4", f"{invite.number} rang at {invite.at.isoformat()}")


def _wrong_number(truth: Iterable[InviteRecord], outcomes: Outcomes) -> Iterator[Violation]:
    for invite in truth:
        if outcomes.numbers.get(invite.attempt_id) != invite.number.e164:
            yield Violation("I6", f"attempt {invite.attempt_id} rang a number not its row's")


def _silence(truth: Iterable[InviteRecord], within_s: float) -> Iterator[Violation]:
    for invite in truth:
        until = invite.met_at or invite.ended_at
        if invite.answered_at is None or until is None:
            continue
        silence_s = (until - invite.answered_at).total_seconds()
        if silence_s > within_s:
            yield Violation("I7", f"{invite.number} heard nothing for {silence_s:.1f} s")


def _wrong_result(truth: Iterable[InviteRecord], outcomes: Outcomes) -> Iterator[Violation]:
    for invite in truth:
        result = outcomes.results.get(invite.attempt_id)
        if result is None or result is Result.UNKNOWN:
            continue
        if (result in _ANSWERED) != (invite.answered_at is not None):
            yield Violation("I20", f"attempt {invite.attempt_id} is {result}; the switch differs")


def _without_result(truth: Iterable[InviteRecord], outcomes: Outcomes) -> Iterator[Violation]:
    for invite in truth:
        if invite.attempt_id not in outcomes.results:
            yield Violation("I13", f"attempt {invite.attempt_id} rang and has no result")


def _too_many_lines(truth: Iterable[InviteRecord], lines: int) -> Iterator[Violation]:
    changes: list[tuple[datetime, int]] = []
    for invite in truth:
        changes.append((invite.at, 1))
        if invite.ended_at is not None:
            changes.append((invite.ended_at, -1))
    up = most = 0
    for _, change in sorted(changes):
        up += change
        most = max(most, up)
    if most > lines:
        yield Violation("I9", f"{most} calls at once on {lines} lines")


def digest(truth: Iterable[InviteRecord], outcomes: Outcomes) -> str:
    """A fingerprint of a run: equal runs, and only those, have equal digests."""
    hasher = blake2b(digest_size=16)
    for invite in truth:
        result = outcomes.results.get(invite.attempt_id)
        ended = invite.ended_at.isoformat() if invite.ended_at else "-"
        answered = invite.answered_at.isoformat() if invite.answered_at else "-"
        met = invite.met_at.isoformat() if invite.met_at else "-"
        line = (
            f"{invite.attempt_id} {invite.number.e164} {invite.at.isoformat()} {answered} {met} "
            f"{ended} {invite.digits_sent} {result}\n"
        )
        hasher.update(line.encode())
    return hasher.hexdigest()
