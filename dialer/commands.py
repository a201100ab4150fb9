"""What the engine's core asks its shell to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialer.ports import AttemptUpdate, ClaimedName, SeatChange
from kernel.ids import AgentId, AttemptId, LeadId
from kernel.telephony import CallId


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, twice: monotonic seconds for durations, UTC for records."""

    mono_s: float
    wall: datetime


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Claim up to `count` names; for preview, one `lead` of one `agent`."""

    count: int
    agent: AgentId | None = None
    lead: LeadId | None = None


@dataclass(frozen=True, slots=True)
class Dial:
    """Hand a claimed name to the switch, not later than `until_s` (monotonic)."""

    name: ClaimedName
    until_s: float


@dataclass(frozen=True, slots=True)
class Record:
    """Store what an attempt has reached."""

    update: AttemptUpdate


@dataclass(frozen=True, slots=True)
class WriteSeat:
    """Store an agent's new state."""

    change: SeatChange


@dataclass(frozen=True, slots=True)
class RingAgent:
    """Ring an agent's phone."""

    agent: AgentId
    leg: CallId
    address: str


@dataclass(frozen=True, slots=True)
class DropLeg:
    """Hang up an agent's phone."""

    leg: CallId


@dataclass(frozen=True, slots=True)
class Join:
    """Let an answered call and an agent hear each other."""

    attempt: AttemptId
    agent: AgentId
    leg: CallId


@dataclass(frozen=True, slots=True)
class StartHandler:
    """Give an answered call to the robot."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class Apologise:
    """Play the abandonment message, then hang up."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a call."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record a connected call."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class FetchPreview:
    """Look for the next name an agent may dial."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class AnswerTransfer:
    """Tell the robot what became of its wish for an agent."""

    attempt: AttemptId
    joined: bool


@dataclass(frozen=True, slots=True)
class Forget:
    """The call is over: whoever still serves it may stop."""

    attempt: AttemptId


Command = (
    ClaimNames
    | Dial
    | Record
    | WriteSeat
    | RingAgent
    | DropLeg
    | Join
    | StartHandler
    | Apologise
    | HangUp
    | StartRecording
    | FetchPreview
    | AnswerTransfer
    | Forget
)
