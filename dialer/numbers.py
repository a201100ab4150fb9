"""What the live page shows of a campaign: a value computed from its floor. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.campaign import CampaignState
from dialer.floor import Floor
from dialer.live_call import Holder
from kernel.ids import CampaignId


@dataclass(frozen=True, slots=True)
class FloorNumbers:
    """A campaign at this moment.

    Attributes:
        in_flight: calls launched and not answered.
        waiting: answered people who wait for an agent.
        with_agents, with_robot, with_message: answered calls by who has them.
        seats: agents per seat state.
        leads_left: names due when last counted.
        dialed, answered, connected, abandoned, ended: since this engine took the campaign.
        pacing: why the pacer launched as many calls as it did, or ''.
    """

    campaign: CampaignId
    state: CampaignState
    in_flight: int
    waiting: int
    with_agents: int
    with_robot: int
    with_message: int
    seats: Mapping[str, int]
    leads_left: int
    dialed: int
    answered: int
    connected: int
    abandoned: int
    ended: int
    pacing: str


def numbers_of(floor: Floor) -> FloorNumbers:
    """Count a floor."""
    holders = Counter(call.holder for call in floor.calls.values())
    decision = floor.pacing.last if floor.pacing is not None else None
    return FloorNumbers(
        campaign=floor.campaign.id,
        state=floor.campaign.state,
        in_flight=sum(call.in_flight for call in floor.calls.values()),
        waiting=holders[Holder.QUEUE],
        with_agents=holders[Holder.AGENT],
        with_robot=holders[Holder.ROBOT],
        with_message=holders[Holder.MESSAGE],
        seats=dict(Counter(seat.state.value for seat in floor.seating)),
        leads_left=floor.leads_left,
        dialed=floor.counts.dialed,
        answered=floor.counts.answered,
        connected=floor.counts.connected,
        abandoned=floor.counts.abandoned,
        ended=floor.counts.ended,
        pacing=decision.reason if decision is not None else "",
    )
