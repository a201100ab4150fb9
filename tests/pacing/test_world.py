from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pacing import Limits, Outcome, Served, create_pacer
from tests.pacing.world import STATIONARY, World, draw_people

if TYPE_CHECKING:
    from pacing import Decision, Snapshot


def test_people_are_those_of_the_definition() -> None:
    people = list(islice(draw_people(STATIONARY, 4), 40_000))
    handle_s = np.mean([person.talk_s + person.wrap_s for person in people])
    assert handle_s == pytest.approx(156.0, rel=0.03)
    assert max(person.answers_after_s for person in people) <= 26.5
    machines = np.mean([person.otherwise == "machine" for person in people])
    assert machines == pytest.approx(0.3, abs=0.01)


def test_every_event_is_told_once_and_in_order() -> None:
    told: list[Outcome | Served] = []
    launched = 0

    def watch(s: Snapshot, decision: Decision) -> None:
        nonlocal launched
        told.extend(s.events)
        launched += decision.launch
        assert len(s.ringing) + len(s.waiting) <= launched

    world = World(STATIONARY, 5, 1, 7_200.0, 1.0, on_events=True, watch=watch)
    score = world.run(create_pacer("power", Limits(target=0.5)))
    outcomes = [event for event in told if isinstance(event, Outcome)]
    served = [event for event in told if isinstance(event, Served)]
    assert all(a.ended <= b.ended for a, b in pairwise(outcomes))
    assert len({event.call_id for event in outcomes}) == len(outcomes) <= launched
    answered = {event.call_id for event in outcomes if event.kind == "answered"}
    assert {event.call_id for event in served} <= answered
    assert sum(event.abandoned for event in served) == score.abandoned > 0


def test_the_same_seed_is_the_same_day() -> None:
    scores = [
        World(STATIONARY, 3, 8, 3_600.0, 1.0).run(create_pacer("progressive", Limits()))
        for _ in range(2)
    ]
    assert scores[0] == scores[1]
