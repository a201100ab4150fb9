"""Answer to agent on a real Asterisk: SIP both ways, one world outside that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bench.figures import CLOCK, Figure, percentile
from bench.live_campaign import Played, Work, play
from kernel.phone import PhoneNumber
from lab.number_plan import Behaviour, agent_extension, mobile
from lab.rig import Rig
from lab.world import World
from sim.agents import Manner
from telephony_adapter.registry import create_switch

CACHE = Path(__file__).parents[1] / ".cache" / "asterisk"
CALLS, QUICK_CALLS = 30, 10
AGENTS = 5
MANNER = Manner(talk_s=1.5, wrap_up_s=0.5)


def measure(quick: bool) -> Sequence[Figure]:  # noqa: FBT001 - the one switch of every measurement
    calls = QUICK_CALLS if quick else CALLS
    numbers = [PhoneNumber(mobile(Behaviour.ECHO, half_seconds=1, suffix=n)) for n in range(calls)]
    phones = ["PJSIP/" + agent_extension(Behaviour.AGENT, suffix=n) for n in range(AGENTS)]
    with Rig.start(CACHE) as rig:
        switch = create_switch(rig.switch.url, CLOCK)
        played = asyncio.run(play(switch, Work(numbers, phones, MANNER)))
        waits_ms = waits(played, rig.world)
    assert len(waits_ms) == calls
    return (
        Figure(
            "answer to agent, median",
            percentile(waits_ms, 0.5),
            "ms",
            f"{calls} calls, {AGENTS} agents on SIP telephones, progressive, PostgreSQL",
        ),
        Figure(
            "answer to agent, longest",
            max(waits_ms),
            "ms",
            "from the callee's own log of the answer to the join confirmed by the switch",
        ),
    )


def waits(played: Played, world: World) -> list[float]:
    """Milliseconds from each answer, as the world saw it, to the join."""
    answered = {call.number.removeprefix("+"): call.answered_at for call in world.calls()}
    return [
        1e3 * (row.connected_at - at).total_seconds()
        for row in played.history
        if row.connected_at is not None
        and (at := answered[row.number.removeprefix("+")]) is not None
    ]
