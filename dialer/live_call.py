"""One attempt as the engine sees it while it lives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from dialer.ports import ClaimedName, OpenAttempt
from kernel.call import AttemptState
from kernel.ids import AgentId, AttemptId, LeadId
from kernel.phone import PhoneNumber
from kernel.telephony import CallEnded


class Holder(Enum):
    """Who has an answered call: exactly one at every moment."""

    NOBODY = auto()  # not answered yet
    QUEUE = auto()  # waits for an agent
    AGENT = auto()
    ROBOT = auto()
    MESSAGE = auto()  # hears the abandonment message


@dataclass(slots=True)
class LiveCall:
    """A call from its claim to its end.

    Attributes:
        launched_s: monotonic time of the claim.
        until_s: monotonic time after which the switch would refuse it.
        in_doubt: the switch did not answer the dial: it may ring or not.
        missing_s: since when the switch has not listed it, or None.
        answered_s: monotonic time of the answer, None before.
        connected_s: when agent and person met, None before.
        agent: reserved or talking agent.
        refused_by: agents whom the switch could not join with this call.
        chosen_by: the agent who chose this name in preview.
        waits_until_s: end of patience while in the queue.
        handed_over: the robot asked for an agent; its conversation waits for the answer.
        robot_busy: the robot has not reported yet.
        machine: an answering machine took the call.
        dismissed_s: when we told the switch to end it, or None.
        ended: the switch's last word, while the robot's report is awaited.
        ended_s: when that came.
    """

    attempt: AttemptId
    lead: LeadId
    number: PhoneNumber
    attempt_no: int
    fields: Mapping[str, str]
    launched_s: float
    state: AttemptState = AttemptState.INTENT
    until_s: float = math.inf
    in_doubt: bool = False
    missing_s: float | None = None
    holder: Holder = Holder.NOBODY
    answered_s: float | None = None
    answered_at: datetime | None = None
    connected_s: float | None = None
    agent: AgentId | None = None
    refused_by: set[AgentId] = field(default_factory=set)
    chosen_by: AgentId | None = None
    waits_until_s: float | None = None
    handed_over: bool = False
    robot_busy: bool = False
    machine: bool = False
    dismissed_s: float | None = None
    ended: CallEnded | None = None
    ended_s: float = 0.0

    @classmethod
    def of_claim(
        cls, name: ClaimedName, now_s: float, until_s: float, chosen_by: AgentId | None
    ) -> LiveCall:
        """A call that begins."""
        return cls(
            name.attempt, name.lead, name.number, name.attempt_no, name.fields, now_s,
            until_s=until_s, chosen_by=chosen_by,
        )  # fmt: skip

    @classmethod
    def of_open_attempt(cls, found: OpenAttempt, now_s: float, age_s: float) -> LiveCall:
        """A call that nobody here follows; it was to be sent at least `age_s` ago."""
        return cls(
            found.attempt, found.lead, found.number, found.attempt_no, found.fields,
            now_s - age_s, state=found.state, until_s=now_s - age_s,
        )  # fmt: skip

    @property
    def orphaned_talk(self) -> bool:
        """Adopted while an agent was talking: the switch alone holds the two together."""
        return self.holder is Holder.AGENT and self.agent is None

    @property
    def in_flight(self) -> bool:
        """Launched and not answered yet."""
        return self.state < AttemptState.ANSWERED
