"""The live state of one campaign: calls, seats, pacing, and the commands not yet carried out.

The rules that change it are plain functions of (floor, event, now) in four rooms beside this
one: `claiming` (claim and send), `dialing` (ring and end), `serving` (answered calls meet agents,
the robot or the abandonment message) and `desk` (what agents ask for). They never wait and never
touch anything outside; they append commands, and the shell (`campaign_runner`) carries those out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from campaigns.campaign import Campaign, CampaignPlan, CampaignState, Mode
from dialer.commands import Command, HangUp, Moment, Record
from dialer.line_budget import CallRate
from dialer.live_call import LiveCall
from dialer.pace import PacingDesk
from dialer.ports import AttemptUpdate
from dialer.seating import Seat, Seating
from kernel.call import AttemptState, may_follow
from kernel.ids import AttemptId
from pacing import Limits, create_pacer

#: Policy of each mode; robot lanes and previewing agents need none.
_POLICIES = {
    Mode.PROGRESSIVE: "progressive",
    Mode.POWER: "power",
    Mode.PREDICTIVE: "predictive",
}


@dataclass(slots=True)
class Counts:
    """What happened since this engine took the campaign, for the live page."""

    dialed: int = 0
    answered: int = 0
    connected: int = 0
    abandoned: int = 0
    ended: int = 0


@dataclass(slots=True)
class Floor:
    """One campaign while it runs.

    Attributes:
        calls: live calls by attempt.
        claiming: names asked for and not yet answered by the database.
        leads_left: names that were due when last counted.
        owned: this engine owns the campaign; without that, calls only end here.
        switch_up: the switch answers and has been reconciled; nothing is dialed otherwise.
        lost: attempts given up here that the switch may still turn out to have.
        commands: what the shell has to do next, in order.
        wrapping: talk begun and ended (monotonic), per attempt whose wrap-up goes on.
    """

    campaign: Campaign
    seating: Seating
    pacing: PacingDesk | None
    rate: CallRate
    calls: dict[AttemptId, LiveCall] = field(default_factory=dict)
    claiming: int = 0
    leads_left: int = 0
    owned: bool = True
    switch_up: bool = False
    lost: set[AttemptId] = field(default_factory=set)
    commands: list[Command] = field(default_factory=list)
    wrapping: dict[AttemptId, tuple[float, float]] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    @classmethod
    def open(cls, campaign: Campaign, seed: int = 0) -> Floor:
        """An empty floor for a campaign."""
        plan = campaign.plan
        policy = _POLICIES.get(plan.mode)
        limits = Limits(target=plan.abandon_target, patience_s=plan.patience_s)
        return cls(
            campaign,
            Seating(campaign.id),
            PacingDesk(create_pacer(policy, limits, seed)) if policy else None,
            CallRate(plan.max_cps),
        )

    @property
    def plan(self) -> CampaignPlan:
        """The campaign's settings."""
        return self.campaign.plan

    @property
    def dialing_allowed(self) -> bool:
        """Whether new calls may start, as far as this process can tell."""
        running = self.campaign.state is CampaignState.RUNNING
        return self.switch_up and self.owned and running

    @property
    def lines_free(self) -> int:
        """Lines of the campaign's budget that carry no call and are not about to."""
        return max(0, self.plan.lines - len(self.calls) - self.claiming)

    def take_commands(self) -> list[Command]:
        """Hand the pending commands to the shell."""
        taken, self.commands = self.commands, []
        return taken

    def seat_of(self, call: LiveCall) -> Seat | None:
        """The seat of the agent who has, or is getting, this call."""
        return None if call.agent is None else self.seating.get(call.agent)

    def dismiss(self, call: LiveCall, now: Moment) -> None:
        """End a call; reconciliation repeats the wish while the switch still has it."""
        call.dismissed_s = now.mono_s
        self.commands.append(HangUp(call.attempt))

    def reach(self, call: LiveCall, state: AttemptState, now: Moment) -> bool:
        """Raise a call's rank and record it; False when it is there already or beyond."""
        if not may_follow(call.state, state):
            return False
        call.state = state
        update = AttemptUpdate(call.attempt, state, now.wall, agent=call.agent)
        self.commands.append(Record(update))
        return True
