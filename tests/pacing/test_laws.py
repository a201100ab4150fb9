"""Laws that every policy obeys on every floor, with the memory of a run behind it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from pacing import POLICIES, Agent, Limits, Ringing, create_pacer
from tests.pacing.floors import record, remembering, snapshots
from tests.pacing.world import SHORT

if TYPE_CHECKING:
    from pacing import Decision, Snapshot

NOW = 6_000.0
LIMITS = {
    "default": Limits(),
    "none": Limits(target=0.0),
    "generous": Limits(target=0.2, max_lines_per_agent=3),
    "daily": Limits(window="day"),
    "slow": Limits(max_cps=2.5),
}
SIZES = (1, 5, 60)

every_policy = pytest.mark.parametrize("policy", sorted(POLICIES))


@cache
def memory(policy: str, limits: Limits, agents: int) -> dict[str, Any]:
    shift_s = {1: 3_000.0, 5: 1_800.0, 60: 180.0}[agents]
    pacer, _ = record(policy, limits, scenario=SHORT, agents=agents, shift_s=shift_s)
    return pacer.state_dict()


def decide(policy: str, limits: Limits, agents: int, s: Snapshot) -> Decision:
    return remembering(policy, limits, memory(policy, limits, agents)).decide(s)


@every_policy
@given(s=snapshots(NOW), limits=st.sampled_from(sorted(LIMITS)), agents=st.sampled_from(SIZES))
@settings(max_examples=40, deadline=None)
def test_launches_are_never_more_than_lines_and_names(
    policy: str, s: Snapshot, limits: str, agents: int
) -> None:
    decision = decide(policy, LIMITS[limits], agents, s)
    assert 0 <= decision.launch <= min(s.lines_free, s.leads_left)
    assert decision.wake_at is None or decision.wake_at > s.now
    assert 0.0 <= decision.risk <= 1.0
    assert decision.reason


@every_policy
@given(s=snapshots(NOW), agents=st.sampled_from(SIZES))
@settings(max_examples=40, deadline=None)
def test_target_zero_covers_every_call_with_an_idle_agent(
    policy: str, s: Snapshot, agents: int
) -> None:
    launch = decide(policy, LIMITS["none"], agents, s).launch
    idle = sum(agent.state == "idle" for agent in s.agents)
    assert launch == 0 or len(s.ringing) + len(s.waiting) + launch <= idle


@every_policy
@given(s=snapshots(NOW), limits=st.sampled_from(sorted(LIMITS)), agents=st.sampled_from(SIZES))
@settings(max_examples=40, deadline=None)
def test_one_more_idle_agent_never_lowers_the_launch(
    policy: str, s: Snapshot, limits: str, agents: int
) -> None:
    richer = replace(s, agents=(*s.agents, Agent("new", "idle", NOW - 1.0)))
    before = decide(policy, LIMITS[limits], agents, s).launch
    assert decide(policy, LIMITS[limits], agents, richer).launch >= before


@every_policy
@given(
    s=snapshots(NOW),
    limits=st.sampled_from(sorted(LIMITS)),
    agents=st.sampled_from(SIZES),
    elapsed_s=st.floats(0.0, 90.0),
)
@settings(max_examples=40, deadline=None)
def test_one_more_ringing_call_never_raises_the_launch(
    policy: str, s: Snapshot, limits: str, agents: int, elapsed_s: float
) -> None:
    busier = replace(s, ringing=(*s.ringing, Ringing("new", NOW - elapsed_s)))
    before = decide(policy, LIMITS[limits], agents, s).launch
    assert decide(policy, LIMITS[limits], agents, busier).launch <= before


@every_policy
def test_the_same_story_gives_the_same_decisions(policy: str) -> None:
    _, seen = record(policy, Limits(), scenario=SHORT)
    other = create_pacer(policy, Limits(), seed=99)
    assert [other.decide(s) for s, _ in seen] == [decision for _, decision in seen]


@every_policy
@pytest.mark.parametrize("limits", [Limits(), Limits(max_cps=0.4, window="30d")], ids=str)
def test_a_memory_through_json_goes_on_as_if_nothing_had_happened(
    policy: str, limits: Limits
) -> None:
    _, seen = record(policy, limits, scenario=SHORT)
    half = len(seen) // 2
    first = create_pacer(policy, limits)
    for s, _ in seen[:half]:
        first.decide(s)
    second = remembering(policy, limits, first.state_dict())
    assert second.state_dict() == first.state_dict()
    assert [second.decide(s) for s, _ in seen[half:]] == [d for _, d in seen[half:]]


def test_the_laws_are_tried_on_pacers_that_dial_ahead() -> None:
    for agents in SIZES:
        assert memory("predictive", Limits(), agents)["warm"]
