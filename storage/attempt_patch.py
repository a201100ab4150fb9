"""What a group of updates comes to, per attempt; the same for every store.

Switch events are repeated, late and unordered, so folding is order-free: the highest rank wins,
each instant is the earliest told, and the end belongs to the rank that won.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.redial import NextStep
from dialer.ports import AttemptUpdate
from kernel.call import AttemptState, Result
from kernel.errors import DefectError
from kernel.ids import AgentId, AttemptId

_S = AttemptState
#: States whose instant is kept, and those that they imply: who is connected has answered.
_IMPLIES: dict[AttemptState, tuple[AttemptState, ...]] = {
    _S.SENT: (_S.SENT,),
    _S.RINGING: (_S.RINGING,),
    _S.EARLY: (_S.EARLY,),
    _S.ANSWERED: (_S.ANSWERED,),
    _S.CONNECTED: (_S.ANSWERED, _S.CONNECTED),
    _S.ABANDONED: (_S.ANSWERED, _S.ABANDONED),
}
#: States that come with a result.
WITH_RESULT = frozenset({_S.ENDED, _S.UNKNOWN})


def rises(before: AttemptState, after: AttemptState) -> bool:
    """Whether an attempt in state `before` takes on `after`; anything else is stale."""
    if after is _S.VOID:
        return before is _S.INTENT
    return before < after and before is not _S.ENDED


@dataclass(slots=True)
class AttemptPatch:
    """Everything told about one attempt.

    Attributes:
        state: highest state told.
        at: when it was reached.
        instants: earliest instant of each state passed through.
    """

    attempt: AttemptId
    state: AttemptState
    at: datetime
    instants: dict[AttemptState, datetime] = field(default_factory=dict)
    agent: AgentId | None = None
    cause: int | None = None
    sip_status: int | None = None
    result: Result | None = None
    next_step: NextStep | None = None

    def absorb(self, update: AttemptUpdate) -> None:
        """Take one more update in."""
        if self.state is _S.VOID:
            return
        for state in _IMPLIES.get(update.state, ()):
            self.instants[state] = min(update.at, self.instants.get(state, update.at))
        self.agent = self.agent or update.agent
        if not rises(self.state, update.state):
            return
        self.state, self.at = update.state, update.at
        if update.result is not None:
            self.cause, self.sip_status = update.cause, update.sip_status
            self.result, self.next_step = update.result, update.next_step


def fold(updates: Iterable[AttemptUpdate]) -> list[AttemptPatch]:
    """Fold updates into one patch per attempt.

    Raises:
        DefectError: a result without an end, or an end without a result or next step.
    """
    patches: dict[AttemptId, AttemptPatch] = {}
    for update in updates:
        _check(update)
        patch = patches.setdefault(
            update.attempt, AttemptPatch(update.attempt, _S.INTENT, update.at)
        )
        patch.absorb(update)
    return list(patches.values())


def _check(update: AttemptUpdate) -> None:
    ends = update.state in WITH_RESULT
    if (update.result is not None) != ends or (ends and update.next_step is None):
        raise DefectError(
            f"attempt {update.attempt}: {update.state.name} "
            + ("needs a result and a next step" if ends else "cannot have a result")
        )
