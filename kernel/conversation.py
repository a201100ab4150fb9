"""What passes between the engine and whoever talks on an answered call, and what is kept of it.

The engine hands an answered call to an `AnsweredCallHandler`; the robot implements it; the
runtime joins the two, so the engine runs without any audio library.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from typing import Protocol

from kernel.ids import AttemptId, CampaignId, ScriptVersionId
from kernel.media import MediaStream
from kernel.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a robot's conversation.

    Attributes:
        seq: rises by one within the attempt.
        speaker: `robot` or `callee`.
        text: what was said or heard.
        source: `voice` or `key`; '' for the robot.
        confidence: 0 to 1 for the callee's voice, 1 otherwise.
    """

    attempt: AttemptId
    seq: int
    at: datetime
    speaker: str
    text: str
    source: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """An answer to a survey question; a later answer to the same question replaces it.

    Attributes:
        value: the coded answer.
        raw: what was heard or pressed.
        source: `voice` or `key`.
        confidence: 0 to 1.
    """

    attempt: AttemptId
    question: str
    value: str
    raw: str
    source: str
    confidence: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a robot's call leaves behind.

    Attributes:
        outcome: how the script ended; `open` while it still runs.
        results: named results that the script set.
    """

    attempt: AttemptId
    outcome: str
    turns: tuple[Turn, ...] = ()
    answers: tuple[SurveyAnswer, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call for a handler, and what is known of the person."""

    attempt: AttemptId
    campaign: CampaignId
    number: PhoneNumber
    script: ScriptVersionId
    fields: Mapping[str, str]


@unique
class TransferOutcome(StrEnum):
    """What became of a wish to talk to an agent."""

    JOINED = "joined"
    NONE = "none"  # nobody was free in time
    LEFT = "left"  # the person hung up while waiting


@dataclass(frozen=True, slots=True)
class HandlerReport:
    """How the conversation went, for the attempt's result.

    Attributes:
        outcome: the script's outcome.
        machine: an answering machine took the call.
    """

    outcome: str
    machine: bool = False


class CallControl(Protocol):
    """What a handler may do with its call besides talking."""

    def digits(self) -> AsyncIterator[str]:
        """Keys pressed by the person, in order, until the call ends."""
        ...

    async def transfer(self, queue: str, carry: Mapping[str, str]) -> TransferOutcome:
        """Ask for an agent; once joined, the call is no longer the handler's.

        Args:
            queue: name of the queue; the campaign's own agents when empty.
            carry: what was collected, shown to the agent.
        """
        ...


class AnsweredCallHandler(Protocol):
    """Talks on answered calls."""

    async def prepare(self, call: AnsweredCall) -> None:
        """The telephone rings: get ready what will be said first, so that nobody waits for it.

        A hint; it may come late or not at all.
        """
        ...

    async def handle(
        self, call: AnsweredCall, media: MediaStream, control: CallControl
    ) -> HandlerReport:
        """Talk until the conversation is over or the person is gone.

        The engine ends the call when this returns, unless it was transferred. A handler stores
        transcript, answers and opt-outs itself, as they come.
        """
        ...
