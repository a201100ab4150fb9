"""A floor without a shell: the test says what happens and reads the commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from campaigns.campaign import Campaign, CampaignPlan, CampaignState, Mode
from dialer import claiming, desk, dialing, serving
from dialer.commands import ClaimNames, Command, Dial, Moment, Record
from dialer.floor import Floor
from dialer.live_call import LiveCall
from dialer.ports import AttemptUpdate, ClaimedName
from dialer.seating import Seat
from kernel.call import EndedBy
from kernel.clock import VirtualClock
from kernel.ids import (
    AgentId,
    AttemptId,
    CampaignId,
    LeadId,
    ScriptVersionId,
    TimeOrderedIds,
)
from kernel.phone import PhoneNumber
from kernel.telephony import (
    CallAnswered,
    CallEnded,
    CallId,
    CallRinging,
    Reply,
)

C = TypeVar("C")

# 10:00 in Shanghai.
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Scenario:
    """One campaign, told step by step."""

    def __init__(self, mode: Mode = Mode.PROGRESSIVE, **settings: object) -> None:
        self.clock = VirtualClock(START)
        self.ids = TimeOrderedIds(self.clock, Random(1))
        script = ScriptVersionId(self.ids.new()) if mode is Mode.ROBOT else None
        plan = replace(CampaignPlan("spring", mode, script=script), **settings)  # type: ignore[arg-type]
        campaign = Campaign(CampaignId(self.ids.new()), plan, CampaignState.RUNNING, START)
        self.floor = Floor.open(campaign)
        self.floor.switch_up = True
        self.floor.leads_left = 1_000
        self.log: list[Command] = []
        self._numbers = iter(range(10_000_000, 99_999_999))

    @property
    def now(self) -> Moment:
        return Moment(self.clock.monotonic(), self.clock.now())

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        serving.patience_over(self.floor, self.now)
        dialing.reports_overdue(self.floor, self.now)
        desk.time_passes(self.floor, self.now)

    def commands(self) -> list[Command]:
        taken = self.floor.take_commands()
        self.log += taken
        return taken

    def take(self, kind: type[C]) -> list[C]:
        return [command for command in self.commands() if isinstance(command, kind)]

    def records(self) -> list[AttemptUpdate]:
        self.commands()
        return [command.update for command in self.log if isinstance(command, Record)]

    # --- people ------------------------------------------------------------------------------

    def agent(self, *, ready: bool = True) -> AgentId:
        agent = AgentId(self.ids.new())
        leg = CallId(self.ids.new())
        desk.sign_in(self.floor, agent, "sim:1", leg, self.now)
        desk.leg_up(self.floor, leg, self.now)
        if ready:
            desk.ready(self.floor, agent, self.now)
        return agent

    def seat(self, agent: AgentId) -> Seat:
        return self.floor.seating.seat(agent)

    # --- calls -------------------------------------------------------------------------------

    def name(self, attempt_no: int = 1) -> ClaimedName:
        wall = self.clock.now()
        return ClaimedName(
            AttemptId(self.ids.new()),
            LeadId(UUID(int=self._next_number())),
            PhoneNumber(f"+86138{self._next_number()}"),
            attempt_no,
            {"name": "王芳"},
            wall,
            wall + timedelta(seconds=3),
        )

    def _next_number(self) -> int:
        return next(self._numbers)

    def dial(self, asked: ClaimNames | None = None, *, names: int = 1) -> list[AttemptId]:
        """Claim names and send them: they ring."""
        claim = asked or ClaimNames(names)
        if asked is None:
            self.floor.claiming += names
        claimed = [self.name() for _ in range(claim.count)]
        claiming.names_claimed(self.floor, claim, claimed, self.now.mono_s + 3.0, self.now)
        sent = [command.name.attempt for command in self.take(Dial)]
        for attempt in sent:
            dialing.dial_replied(self.floor, attempt, Reply.SENT, self.now)
            dialing.switch_event(self.floor, CallRinging(CallId(attempt)), self.now)
        return sent

    def call(self, attempt: AttemptId) -> LiveCall:
        return self.floor.calls[attempt]

    def answer(self, attempt: AttemptId) -> None:
        dialing.switch_event(self.floor, CallAnswered(CallId(attempt)), self.now)

    def end(
        self,
        attempt: AttemptId,
        *,
        cause: int = 16,
        sip: int | None = None,
        by: EndedBy = EndedBy.CALLEE,
        ring_timeout: bool = False,
    ) -> None:
        event = CallEnded(CallId(attempt), cause, sip, by, ring_timeout)
        dialing.switch_event(self.floor, event, self.now)
