"""What agents may ask of an engine: the seat belongs to it, a screen is a view."""

from __future__ import annotations

from collections.abc import Mapping

from dialer import desk
from dialer.agent_legs import AgentLegs
from dialer.campaign_runner import CampaignRunner
from dialer.journal import WriteJournal
from dialer.ports import Disposition
from kernel.errors import ConflictError
from kernel.ids import AgentId, CampaignId, Ids
from kernel.telephony import CallId


class AgentDesk:
    """Agents' actions over every campaign of one engine.

    Args:
        runners: the campaigns, kept up to date by the engine.
        legs: agents' phones.
        journal: where dispositions go.
        ids: names phones.
    """

    def __init__(
        self,
        runners: Mapping[CampaignId, CampaignRunner],
        legs: AgentLegs,
        journal: WriteJournal,
        ids: Ids,
    ) -> None:
        self._runners = runners
        self._legs = legs
        self._journal = journal
        self._ids = ids

    def runner(self, campaign: CampaignId) -> CampaignRunner:
        """A running campaign.

        Raises:
            ConflictError: it does not run in this engine.
        """
        runner = self._runners.get(campaign)
        if runner is None or not runner.floor.owned:
            raise ConflictError("the campaign is not running; start it first")
        return runner

    def seat_runner(self, agent: AgentId) -> CampaignRunner:
        """The campaign an agent works for.

        Raises:
            ConflictError: the agent is not signed in.
        """
        runner = self._seat_of(agent)
        if runner is None:
            raise ConflictError("the agent is not signed in")
        return runner

    def sign_in(self, agent: AgentId, address: str, campaign: CampaignId) -> None:
        """Seat an agent at a campaign and ring their phone.

        Raises:
            ConflictError: the campaign does not run here, or the agent has a seat already.
        """
        if self._seat_of(agent) is not None:
            raise ConflictError("the agent is signed in already")
        runner = self.runner(campaign)
        leg = CallId(self._ids.new())
        self._legs.rung(leg)
        desk.sign_in(runner.floor, agent, address, leg, runner.moment())
        runner.carry_out()

    def sign_out(self, agent: AgentId) -> None:
        """The agent leaves, at once or after the present call."""
        runner = self.seat_runner(agent)
        desk.sign_out(runner.floor, agent, runner.moment())
        runner.carry_out()

    def ready(self, agent: AgentId) -> None:
        """The agent wants calls."""
        runner = self.seat_runner(agent)
        desk.ready(runner.floor, agent, runner.moment())
        runner.tick()

    def pause(self, agent: AgentId, reason: str = "") -> None:
        """The agent wants no calls for a while."""
        runner = self.seat_runner(agent)
        desk.pause(runner.floor, agent, reason, runner.moment())
        runner.carry_out()

    def hang_up(self, agent: AgentId) -> None:
        """The agent ends the call."""
        runner = self.seat_runner(agent)
        desk.hang_up(runner.floor, agent, runner.moment())
        runner.carry_out()

    def preview_dial(self, agent: AgentId) -> None:
        """The agent dials the name on the screen."""
        runner = self.seat_runner(agent)
        desk.preview_dial(runner.floor, agent, runner.moment())
        runner.carry_out()

    def wrap_up(self, disposition: Disposition) -> None:
        """Store the agent's disposition and end wrap-up.

        Raises:
            ConflictError: the agent is not in wrap-up, or not of this call.
        """
        runner = self.seat_runner(disposition.agent)
        seat = runner.floor.seating.seat(disposition.agent)
        if seat.attempt != disposition.attempt:
            raise ConflictError("the disposition is for another call than the agent's last one")
        desk.wrapped_up(runner.floor, disposition.agent, runner.moment())
        self._journal.put(disposition)
        runner.tick()

    def _seat_of(self, agent: AgentId) -> CampaignRunner | None:
        return next(
            (r for r in self._runners.values() if r.floor.seating.get(agent) is not None), None
        )
