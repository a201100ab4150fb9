from __future__ import annotations

import pytest

from pacing import Agent, Limits, create_pacer
from tests.pacing.floors import floor
from tests.pacing.world import BREAKS, STEP, Scenario, World


@pytest.mark.parametrize(
    ("idle", "ringing", "waiting", "launch"),
    [(3, 0, 0, 3), (3, 2, 0, 1), (3, 1, 2, 0), (0, 0, 1, 0)],
)
def test_one_call_per_free_agent(idle: int, ringing: int, waiting: int, launch: int) -> None:
    s = floor(idle=idle, talk=2, ringing=ringing, waiting=waiting)
    assert create_pacer("progressive", Limits()).decide(s).launch == launch


def test_an_agent_about_to_pause_gets_no_call() -> None:
    agents = (Agent("a", "idle", 0.0, pause_pending=True), Agent("b", "paused", 0.0))
    assert create_pacer("progressive", Limits()).decide(floor(agents=agents)).launch == 0


@pytest.mark.parametrize("scenario", [STEP, BREAKS], ids=lambda s: s.name)
def test_nobody_is_abandoned(scenario: Scenario) -> None:
    score = World(scenario, 5, seed=3, tick_s=1.0, on_events=True).run(
        create_pacer("progressive", Limits())
    )
    # A break may take the agent for whom a call already rings; nothing else may.
    assert score.abandoned <= len(scenario.breaks_at_s)
    assert score.utilisation > 0.55
