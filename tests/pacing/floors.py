"""Snapshots for tests: by hand, and drawn by hypothesis."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pacing import Agent, Limits, Outcome, Ringing, Served, Snapshot, Waiting, create_pacer
from tests.pacing.world import STATIONARY, Scenario, World

if TYPE_CHECKING:
    from pacing import Decision, Pacer
    from pacing.interface import AgentState


def floor(
    now: float = 1_000.0,
    *,
    idle: int = 0,
    talk: int = 0,
    ringing: int = 0,
    waiting: int = 0,
    **changes: Any,
) -> Snapshot:
    """A snapshot of so many agents and calls; talk and ringing began ten seconds ago."""
    states: list[AgentState] = ["idle" if i < idle else "talk" for i in range(idle + talk)]
    plain = Snapshot(
        now=now,
        agents=tuple(Agent(f"a{i}", state, now - 10.0) for i, state in enumerate(states)),
        ringing=tuple(Ringing(f"r{i}", now - 10.0) for i in range(ringing)),
        waiting=tuple(Waiting(f"w{i}", now - 0.5) for i in range(waiting)),
        events=(),
        leads_left=1_000_000,
        lines_free=1_000_000,
        shift_ends_at=None,
    )
    return replace(plain, **changes)


def answers(count: int, at_s: float = 990.0) -> tuple[Outcome, ...]:
    """Live answers after ten seconds of ringing."""
    return tuple(Outcome(f"x{i}", at_s - 10.0, at_s, "answered") for i in range(count))


def abandonments(count: int, at_s: float = 995.0) -> tuple[Served, ...]:
    """People who met nobody."""
    return tuple(Served(f"x{i}", "", at_s, None, None, abandoned=True) for i in range(count))


def record(
    policy: str,
    limits: Limits,
    *,
    scenario: Scenario = STATIONARY,
    agents: int = 5,
    seed: int = 1,
    shift_s: float = 3_600.0,
) -> tuple[Pacer, list[tuple[Snapshot, Decision]]]:
    """Let a policy run a floor; return it with everything it saw and decided."""
    seen: list[tuple[Snapshot, Decision]] = []
    pacer = create_pacer(policy, limits)
    world = World(scenario, agents, seed, shift_s, tick_s=2.0, on_events=True)
    world.watch = lambda snapshot, decision: seen.append((snapshot, decision))
    world.run(pacer)
    return pacer, seen


def remembering(policy: str, limits: Limits, memory: dict[str, Any]) -> Pacer:
    """A new pacer with an old one's memory, which went through JSON."""
    pacer = create_pacer(policy, limits)
    pacer.load_state(json.loads(json.dumps(copy.deepcopy(memory))))
    return pacer


times = st.floats(0.0, 400.0)


@st.composite
def snapshots(draw: st.DrawFn, at_s: float) -> Snapshot:
    """Any floor of up to 60 agents and 60 calls at a given time."""
    states: st.SearchStrategy[AgentState] = st.sampled_from((
        "idle",
        "idle",
        "talk",
        "wrap",
        "reserved",
        "paused",
    ))
    people = draw(st.lists(st.tuples(states, times, st.booleans()), max_size=60))
    rings = draw(
        st.lists(st.tuples(st.floats(0.0, 40.0), st.none() | st.floats(0, 1)), max_size=60)
    )
    waits = draw(st.lists(st.floats(0.0, 2.0), max_size=4))
    return Snapshot(
        now=at_s,
        agents=tuple(
            Agent(f"a{i}", state, at_s - since, pending and since < 20.0)
            for i, (state, since, pending) in enumerate(people)
        ),
        ringing=tuple(
            Ringing(f"r{i}", at_s - since, hint) for i, (since, hint) in enumerate(rings)
        ),
        waiting=tuple(Waiting(f"w{i}", at_s - since) for i, since in enumerate(waits)),
        events=(),
        leads_left=draw(st.integers(0, 200) | st.just(100_000)),
        lines_free=draw(st.integers(0, 200)),
        shift_ends_at=draw(st.none() | st.floats(at_s - 10.0, at_s + 200.0)),
    )
