"""What the engine needs from storage, in its own words.

`storage.postgres` implements it on the primary database, `storage.memory` is the twin for tests
and simulation; one conformance suite runs on both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol
from uuid import UUID

from campaigns.campaign import Campaign
from campaigns.redial import NextStep
from dialer.seat import SeatState
from kernel.call import AttemptState, Result
from kernel.conversation import Conversation
from kernel.ids import AgentId, AttemptId, CampaignId, LeadId, RecordingId
from kernel.phone import PhoneNumber

#: Rises with every engine start; a lower epoch can no longer claim.
Epoch = NewType("Epoch", int)


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """Ask for names to dial.

    Attributes:
        campaign: which campaign; it must be running, in its hours, and owned by `epoch`.
        epoch: the asking engine's.
        boot_id: boot id of the switch that will dial.
        attempt_ids: one fresh id per name wanted; at most as many names come back.
        deadline_s: seconds the engine has to hand each attempt to the switch.
        agent: only names allocated to this agent; None for names of the queue or the robot.
        lead: only this name (preview), still under every rule.
    """

    campaign: CampaignId
    epoch: Epoch
    boot_id: str
    attempt_ids: tuple[AttemptId, ...]
    deadline_s: float = 3.0
    agent: AgentId | None = None
    lead: LeadId | None = None


@dataclass(frozen=True, slots=True)
class ClaimedName:
    """One attempt, written as INTENT before anything is sent.

    Attributes:
        number: copied into the attempt: later edits of the list do not change it.
        attempt_no: attempts on this name, this one included.
        fields: the list row.
        deadline_at: the switch must have it by then (database clock).
        claimed_at: when it was claimed (database clock).
    """

    attempt: AttemptId
    lead: LeadId
    number: PhoneNumber
    attempt_no: int
    fields: Mapping[str, str]
    claimed_at: datetime
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class PreviewName:
    """A callable name shown to its agent before dialing; nothing is claimed yet."""

    lead: LeadId
    number: PhoneNumber
    attempts: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AttemptUpdate:
    """An attempt has reached `state`; applying it twice, or late, changes nothing.

    Attributes:
        at: when (UTC).
        agent: who has the call (CONNECTED by an agent).
        cause: Q.850 cause value.
        sip_status: final SIP status.
        result: set exactly when `state` is ENDED or UNKNOWN.
        next_step: what becomes of the name; set with `result`.
    """

    attempt: AttemptId
    state: AttemptState
    at: datetime
    agent: AgentId | None = None
    cause: int | None = None
    sip_status: int | None = None
    result: Result | None = None
    next_step: NextStep | None = None


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt without a result, as reconciliation finds it.

    Attributes:
        agent: who has the call, None when nobody or the robot has.
    """

    attempt: AttemptId
    campaign: CampaignId
    lead: LeadId
    number: PhoneNumber
    attempt_no: int
    fields: Mapping[str, str]
    state: AttemptState
    epoch: Epoch
    boot_id: str
    deadline_at: datetime
    answered_at: datetime | None
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True)
class SeatChange:
    """An agent enters a state; the state before ends at the same instant.

    Attributes:
        campaign: the campaign the agent works for.
        reason: pause reason, or ''.
    """

    agent: AgentId
    campaign: CampaignId
    state: SeatState
    at: datetime
    attempt: AttemptId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Disposition:
    """What the agent noted after a call (业务状态).

    Attributes:
        code: business disposition by dictionary.
        result: overrides the technical result when the agent knows better (a machine).
        note: free text.
    """

    attempt: AttemptId
    agent: AgentId
    code: str
    at: datetime
    result: Result | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewRecording:
    """A recording on disk.

    Attributes:
        path: relative to the recordings folder.
        seconds: length.
    """

    id: RecordingId
    attempt: AttemptId
    path: str
    seconds: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Suppression:
    """A number that must not be called.

    Attributes:
        campaign: only in this campaign, or None for every one.
        expires_at: until when, or None for ever.
        source: id of the attempt or user it came from.
    """

    number: PhoneNumber
    reason: str
    at: datetime
    campaign: CampaignId | None = None
    expires_at: datetime | None = None
    source: UUID | None = None


class EngineStore(Protocol):
    """The engine's memory: it keeps no truth of its own."""

    async def start_engine(self, host: str) -> Epoch:
        """Register an engine start and return its epoch, higher than every one before."""
        ...

    async def take_campaigns(self, epoch: Epoch) -> Sequence[Campaign]:
        """Own every running, paused or draining campaign; earlier epochs lose theirs.

        A finished campaign is taken as long as attempts of it have no result. The seats of an
        earlier engine's agents end. An engine of a later epoch is never robbed: its campaigns
        are left out.
        """
        ...

    async def claim(self, request: ClaimRequest) -> Sequence[ClaimedName]:
        """Choose names, check every rule and write the attempts, in one statement.

        Rules: campaign running, owned, in its hours; name READY, due, attempts left, allocated
        as asked; number not suppressed, no open attempt on it, none inside the minimum gap.

        Raises:
            CommitUnknownError: nobody knows whether the attempts are written. Do not dial.
            UnavailableError: the database does not answer; nothing was written.
        """
        ...

    async def preview(self, campaign: CampaignId, agent: AgentId) -> PreviewName | None:
        """The next name this agent may dial, or None."""
        ...

    async def record(self, updates: Sequence[AttemptUpdate]) -> None:
        """Apply updates; ranks only rise; ENDED, UNKNOWN and VOID also move the name."""
        ...

    async def open_attempts(self, campaign: CampaignId) -> Sequence[OpenAttempt]:
        """Attempts without a result."""
        ...

    async def ready_count(self, campaign: CampaignId) -> int:
        """Names that are READY and due now, for queue or robot."""
        ...

    async def unsettled_count(self, campaign: CampaignId) -> int:
        """Names that are READY (due now or later) or DIALING: zero means the list is done."""
        ...

    async def change_seat(self, change: SeatChange) -> None:
        """Write an agent's new state and close the interval before it."""
        ...

    async def dispose(self, disposition: Disposition) -> None:
        """Store an agent's disposition; repeating it changes nothing.

        A `result` of its own also moves the name as the campaign's redial rules say.
        """
        ...

    async def save_recording(self, recording: NewRecording) -> None:
        """Store a recording's record."""
        ...

    async def save_conversation(self, conversation: Conversation) -> None:
        """Store a robot's transcript, answers and results; repeating it changes nothing."""
        ...

    async def suppress(self, suppression: Suppression) -> None:
        """Put a number on the do-not-call list; repeating it changes nothing."""
        ...

    async def finish_campaign(self, campaign: CampaignId, epoch: Epoch) -> bool:
        """Mark a running or draining campaign FINISHED if this engine owns it."""
        ...
