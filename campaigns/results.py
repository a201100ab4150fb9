"""Results of a campaign, as they go back to the user: per name, per survey, as a summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.redial import LeadState
from kernel.call import Result
from kernel.ids import AgentId, AttemptId, BatchId


@dataclass(frozen=True, slots=True)
class NameResult:
    """What became of one row of the user's list.

    Attributes:
        row: one-based row number in the sheet.
        number: E.164; masked or shown by the caller's right, not here.
        state: where the name stands.
        attempts: dials made.
        result: of the last ended attempt, None when never dialed.
        called_at: when the last attempt was claimed (UTC).
        talk_s: seconds from answer to end, of the last answered attempt; 0 when none.
        tag: the agent's disposition code, or the script's outcome.
        answers: survey question to answer, of the last conversation.
    """

    batch: BatchId
    row: int
    number: str
    state: LeadState
    attempts: int
    result: Result | None
    called_at: datetime | None
    talk_s: float
    tag: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerSheetRow:
    """One survey answer with its evidence (答卷).

    Attributes:
        value: the coded answer.
        raw: what was heard or pressed.
        source: `voice` or `key`.
        confidence: 0 to 1.
    """

    row: int
    number: str
    question: str
    value: str
    raw: str
    source: str
    confidence: float
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """Counts from the database.

    Attributes:
        names: names allocated to the campaign.
        by_state: names per state.
        dialed: attempts that were given to a switch, or may have been.
        answered: attempts answered by somebody or something.
        connected: attempts that reached an agent or a robot.
        abandoned: live answers that met nobody in time.
        results: ended attempts per normal result.
        survey: per question, answers per value.
        agent_seconds: seconds per seat state, over all agents of the campaign.
        talk_s: sum of answered seconds.
        first_at, last_at: first claim and last end (UTC), None before any.
    """

    names: int
    by_state: Mapping[LeadState, int]
    dialed: int
    answered: int
    connected: int
    abandoned: int
    results: Mapping[Result, int]
    survey: Mapping[str, Mapping[str, int]]
    agent_seconds: Mapping[str, float]
    talk_s: float
    first_at: datetime | None
    last_at: datetime | None

    @property
    def abandon_ratio(self) -> float:
        """Abandoned share of live answers, 0 when nobody answered."""
        live = self.abandoned + self.results.get(Result.ANSWERED_HUMAN, 0)
        return self.abandoned / live if live else 0.0

    @property
    def occupancy(self) -> float:
        """Share of working time spent reserved, talking or wrapping up; 0 without agents.

        Working time is everything signed in but paused or still connecting (the field's usual
        definition: handle time over handle plus available time).
        """
        busy = sum(self.agent_seconds.get(s, 0.0) for s in ("reserved", "talking", "wrap-up"))
        idle = sum(self.agent_seconds.get(s, 0.0) for s in ("ready", "previewing"))
        return busy / (busy + idle) if busy + idle else 0.0


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One dial, with the times of its states (UTC; None for states it did not reach).

    Attributes:
        agent: who had the call, None for nobody or the robot.
        cause: Q.850 cause value.
    """

    attempt: AttemptId
    batch: BatchId
    row: int
    number: str
    claimed_at: datetime
    sent_at: datetime | None
    ringing_at: datetime | None
    early_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    result: Result | None
    cause: int | None
    sip_status: int | None
    agent: AgentId | None

    @property
    def answer_to_voice_s(self) -> float | None:
        """Seconds from the answer to an agent or the robot, None when there was none."""
        if self.answered_at is None or self.connected_at is None:
            return None
        return (self.connected_at - self.answered_at).total_seconds()
