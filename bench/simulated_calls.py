"""The engine on the simulated switch: its processor time, its limit, and answer to agent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from bench.figures import CLOCK, Figure, percentile
from bench.live_campaign import Played, Work, play
from campaigns.campaign import CampaignPlan, Mode
from kernel.phone import PhoneNumber
from sim.agents import Manner
from sim.run import SimulationPlan, simulate
from telephony_adapter import causes
from telephony_adapter.simulated.people import Callee, Outcome
from telephony_adapter.simulated.population import QuietPerson
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch

#: Agents and manner that make about five answers a second with the people below.
AGENTS = 32
MANNER = Manner(talk_s=2.0, wrap_up_s=0.5)
ANSWERS, QUICK_ANSWERS = 150, 40
BUSY, QUICK_BUSY = 8_000, 1_500
BUSY_AGENTS = 300
_NUMBERS = 13_900_000_000


class Everybody:
    """`Population`: everybody answers after one to three seconds, or everybody is engaged."""

    def __init__(self, *, engaged: bool) -> None:
        self._engaged = engaged

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        """See `Population`."""
        del attempt_no
        if self._engaged:
            return Callee(
                Outcome.BUSY, 0.05, 0.0, rings=False, cause=causes.USER_BUSY, sip_status=486
            )
        ring_s = Random(number.e164).uniform(1.0, 3.0)
        return Callee(Outcome.ANSWER, 0.5, ring_s, person=QuietPerson())


def measure(quick: bool) -> Sequence[Figure]:  # noqa: FBT001 - the one switch of every measurement
    return (
        *virtual(0.1 if quick else 1.0),
        *answers(QUICK_ANSWERS if quick else ANSWERS),
        *engaged(QUICK_BUSY if quick else BUSY),
    )


def virtual(hours: float) -> Sequence[Figure]:
    """Processor time per call over hours of a predictive campaign in virtual time."""
    campaign = CampaignPlan("bench", Mode.PREDICTIVE, lines=200, record=False)
    plan = SimulationPlan(seed=1, hours=hours, agents=20, names=10_000, campaign=campaign)
    report = simulate(plan)
    assert not report.violations
    return (
        Figure(
            "processor per call, virtual time, in memory",
            1e3 * report.cpu_s / report.invites,
            "ms/call",
            f"{report.invites:,} calls, 20 agents, {hours:g} virtual h; engine, pacing, switch "
            "and people together, ten ticks a virtual second",
        ),
    )


def answers(count: int) -> Sequence[Figure]:
    """Answer to agent, in real time on PostgreSQL, at about five answers a second."""
    switch = SimulatedSwitch(CLOCK, SimulatedOptions(population=Everybody(engaged=False)))
    played = asyncio.run(play(switch, Work(_numbers(count), _phones(AGENTS), MANNER)))
    picked_up = {invite.attempt_id: invite.answered_at for invite in switch.truth}
    waits_ms = [
        1e3 * (row.connected_at - at).total_seconds()
        for row in played.history
        if row.connected_at is not None and (at := picked_up[row.attempt]) is not None
    ]
    rate = f"{len(waits_ms)} answers, {len(waits_ms) / played.seconds:.1f}/s, real time, PostgreSQL"
    assert len(waits_ms) == count
    return (
        Figure("answer to agent, median", percentile(waits_ms, 0.5), "ms", rate),
        Figure(
            "answer to agent, p99",
            percentile(waits_ms, 0.99),
            "ms",
            "from the switch's own log of the answer to the join confirmed",
        ),
        *processor(played, "answered calls, real time"),
    )


def engaged(count: int) -> Sequence[Figure]:
    """Calls per second when every agent is free again at once: nobody is ever reached."""
    switch = SimulatedSwitch(CLOCK, SimulatedOptions(population=Everybody(engaged=True)))
    played = asyncio.run(play(switch, Work(_numbers(count), _phones(BUSY_AGENTS), MANNER)))
    assert len(played.history) == count
    return (
        Figure(
            "calls reached, everybody engaged",
            count / played.seconds,
            "calls/s",
            f"{count:,} calls, {BUSY_AGENTS} agents, progressive, real time, PostgreSQL",
        ),
        *processor(played, "engaged calls, real time"),
    )


def processor(played: Played, what: str) -> Sequence[Figure]:
    """Processor time per call of our process and of the database."""
    calls = len(played.history)
    return (
        Figure(
            f"  processor, {what}",
            1e3 * played.cpu_s / calls,
            "ms/call",
            "engine, switch and people in one process; idle ticks included",
        ),
        Figure("  processor of PostgreSQL", 1e3 * played.database_cpu_s / calls, "ms/call"),
    )


def _numbers(count: int) -> Sequence[PhoneNumber]:
    return [PhoneNumber(f"+86{_NUMBERS + n}") for n in range(count)]


def _phones(count: int) -> Sequence[str]:
    return [f"sim:{n}" for n in range(count)]
