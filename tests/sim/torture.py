"""The worst days that the tests know, as plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from campaigns.campaign import CampaignPlan, Mode
from campaigns.redial import RedialRules
from kernel.call import Result
from sim.disasters import Disasters
from sim.run import SimulationPlan
from sim.store_faults import StoreFaults
from telephony_adapter.simulated.faults import Faults

LINE = Faults(event_lost=0.03, event_duplicated=0.1, event_delayed=0.1, command_lost=0.02)
DATABASE = StoreFaults(unavailable=0.02, commit_unknown=0.02, outages_per_hour=8)
DEATHS = Disasters(kills=20, freezes=10, crashes=6, stalls=10, cuts=10)
#: Everybody is tried again as soon as the gap allows, so that a broken gap shows.
EAGER = RedialRules(3, timedelta(minutes=5), {result: timedelta(0) for result in Result})


def calm(seed: int, mode: Mode = Mode.PROGRESSIVE, *, hours: float = 0.5) -> SimulationPlan:
    """A small house in which nothing goes wrong."""
    campaign = CampaignPlan("torture", mode, lines=20, record=False, redial=EAGER)
    return SimulationPlan(seed=seed, hours=hours, agents=8, names=80, campaign=campaign)


def tortured(seed: int, mode: Mode = Mode.PROGRESSIVE, *, hours: float = 0.5) -> SimulationPlan:
    """The same house on a day when everything dies now and then."""
    plan = calm(seed, mode, hours=hours)
    return replace(plan, faults=LINE, store_faults=DATABASE, disasters=DEATHS)
