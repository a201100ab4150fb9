from __future__ import annotations

import pytest

from pacing import Limits, create_pacer
from tests.pacing.floors import abandonments, answers, floor
from tests.pacing.world import STATIONARY, STEP, Scenario, World


def test_without_credit_it_is_one_to_one() -> None:
    decision = create_pacer("power", Limits()).decide(floor(idle=4))
    assert (decision.launch, "abandonment limit" in decision.reason) == (4, True)


def test_with_credit_it_is_two_lines_per_free_agent() -> None:
    decision = create_pacer("power", Limits()).decide(floor(idle=4, events=answers(200)))
    assert decision.launch == 8
    assert "2 lines per free agent" in decision.reason


def test_never_more_calls_beyond_the_agents_than_people_who_may_be_abandoned() -> None:
    pacer = create_pacer("power", Limits())
    news = (*answers(200), *abandonments(4))
    assert pacer.decide(floor(idle=10, ringing=3, events=news)).launch == 9


def test_a_new_day_starts_without_credit() -> None:
    pacer = create_pacer("power", Limits(window="day"))
    assert pacer.decide(floor(idle=4, events=answers(200))).launch == 8
    assert pacer.decide(floor(now=87_000.0, idle=4)).launch == 4


@pytest.mark.parametrize("scenario", [STATIONARY, STEP], ids=lambda s: s.name)
@pytest.mark.parametrize("agents", [2, 10])
def test_it_gains_on_progressive_and_keeps_the_limit(scenario: Scenario, agents: int) -> None:
    world = World(scenario, agents, seed=1, tick_s=1.0, on_events=True)
    power = world.run(create_pacer("power", Limits()))
    assert power.abandonment <= 0.03
    assert power.utilisation > world.run(create_pacer("progressive", Limits())).utilisation
