"""An hour of calls in virtual time: nobody is lost, everything adds up, one seed one history."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from kernel.clock import VirtualClock
from kernel.ids import AttemptId, TimeOrderedIds
from kernel.phone import PhoneNumber
from kernel.service import TaskOwner
from kernel.telephony import CallAnswered, CallEnded, DialCommand, Reply, SwitchEvent
from kernel.virtual_time import run_virtual
from telephony_adapter.simulated.faults import Faults
from telephony_adapter.simulated.people import Outcome
from telephony_adapter.simulated.population import Mix
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch
from telephony_adapter.simulated.truth import InviteRecord

PER_MINUTE = 200


@dataclass
class History:
    events: list[tuple[float, SwitchEvent]] = field(default_factory=list)
    truth: tuple[InviteRecord, ...] = ()


async def _dial_for(minutes: int, seed: int, faults: Faults | None = None) -> History:
    clock = VirtualClock(loop=asyncio.get_running_loop())
    options = SimulatedOptions(seed=seed, faults=faults or Faults())
    switch = SimulatedSwitch(clock, options)
    await switch.start()
    ids = TimeOrderedIds(clock, Random(seed))
    history = History()

    async def listen() -> None:
        async for event in switch.events():
            history.events.append((clock.monotonic(), event))

    owner = TaskOwner("test")
    owner.start("listen", listen())
    for place in range(minutes * PER_MINUTE):
        command = DialCommand(
            AttemptId(ids.new()),
            PhoneNumber(f"+86138{place:08d}"),
            None,
            30.0,
            clock.now() + timedelta(seconds=3),
        )
        assert await switch.originate(command) is Reply.SENT
        await clock.sleep(60 / PER_MINUTE)
    await clock.sleep(300)
    assert await switch.live_calls() == {}
    await switch.aclose()
    await owner.settle()
    history.truth = tuple(switch.truth)
    return history


def test_an_hour_of_calls_adds_up() -> None:
    history = run_virtual(_dial_for(60, seed=1))

    calls = 60 * PER_MINUTE
    assert len(history.truth) == calls
    assert all(record.ended_at is not None for record in history.truth)
    ended = [event.call_id for _, event in history.events if isinstance(event, CallEnded)]
    assert len(ended) == len(set(ended)) == calls
    answered = {event.call_id for _, event in history.events if isinstance(event, CallAnswered)}
    told = {record.attempt_id for record in history.truth if record.answered_at is not None}
    assert answered == told


def test_the_outcomes_follow_the_mix() -> None:
    history = run_virtual(_dial_for(60, seed=2))

    mix = Mix()
    for outcome in Outcome:
        share = sum(record.outcome is outcome for record in history.truth) / len(history.truth)
        # Five standard errors of a share near one half, at 12,000 draws.
        assert abs(share - mix.share(outcome)) < 0.023


def test_one_seed_gives_one_history_even_with_faults() -> None:
    faults = Faults(event_lost=0.05, event_duplicated=0.05, event_delayed=0.2)

    first = run_virtual(_dial_for(5, seed=3, faults=faults))
    second = run_virtual(_dial_for(5, seed=3, faults=faults))
    other = run_virtual(_dial_for(5, seed=4, faults=faults))

    assert first.events == second.events
    assert first.truth == second.truth
    assert first.truth != other.truth
