"""The rows of the twin: what the tables of the database hold, as mutable values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from campaigns.campaign import Campaign, CampaignState
from campaigns.redial import LeadState
from dialer.ports import Epoch
from dialer.seat import SeatState
from kernel.call import OPEN_STATES, AttemptState, Result
from kernel.ids import AgentId, AllocationId, AttemptId, BatchId, CampaignId, LeadId
from kernel.phone import PhoneNumber
from lists.batch import Batch, NewBatch, NewMember


@dataclass(slots=True)
class CampaignRecord:
    """A campaign and its owner."""

    value: Campaign
    owner: Epoch | None = None

    @property
    def state(self) -> CampaignState:
        """Where it stands."""
        return self.value.state


@dataclass(slots=True)
class BatchRecord:
    """A batch with everything that was imported."""

    value: Batch
    content: NewBatch


@dataclass(slots=True, eq=False)
class LeadRecord:
    """A name in a campaign.

    Attributes:
        turn: how often it was put into the order of dialing; only the last entry counts.
    """

    id: LeadId
    campaign: CampaignId
    batch: BatchId
    member: NewMember
    allocation: AllocationId
    seq: int
    agent: AgentId | None
    state: LeadState = LeadState.TAKEN_BACK
    attempts: int = 0
    due_at: datetime | None = None
    last_attempt: AttemptId | None = None
    turn: int = 0
    history: list[AttemptRecord] = field(default_factory=list)

    @property
    def number(self) -> PhoneNumber:
        """Whom to call."""
        return self.member.number


@dataclass(slots=True, eq=False)
class AttemptRecord:
    """One dial."""

    id: AttemptId
    campaign: CampaignId
    lead: LeadRecord
    number: PhoneNumber
    attempt_no: int
    epoch: Epoch
    boot_id: str
    claimed_at: datetime
    deadline_at: datetime
    state: AttemptState = AttemptState.INTENT
    instants: dict[AttemptState, datetime] = field(default_factory=dict)
    ended_at: datetime | None = None
    agent: AgentId | None = None
    cause: int | None = None
    sip_status: int | None = None
    result: Result | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds its name and number."""
        return self.state in OPEN_STATES

    @property
    def answered_at(self) -> datetime | None:
        """When somebody or something answered."""
        return self.instants.get(AttemptState.ANSWERED)

    @property
    def talk_s(self) -> float | None:
        """Seconds from answer to end; None before both."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.answered_at).total_seconds()


@dataclass(slots=True)
class SeatInterval:
    """One state of an agent's seat, from when to when."""

    campaign: CampaignId
    state: SeatState
    attempt: AttemptId | None
    reason: str
    started_at: datetime
    ended_at: datetime | None = None
