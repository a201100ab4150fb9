from __future__ import annotations

from campaigns.campaign import CampaignState, Mode
from dialer import claiming, serving
from dialer.numbers import numbers_of
from tests.dialer.scenario import Scenario


def test_the_live_page_counts_calls_by_who_has_them() -> None:
    story = Scenario(Mode.PROGRESSIVE, patience_s=2.0)
    agent = story.agent()
    story.agent(ready=False)
    talking, waiting, ringing, left, over = story.dial(names=5)
    story.answer(talking)
    serving.joined(story.floor, talking, agent, story.now)
    story.answer(left)
    story.wait(2.0)
    story.answer(waiting)
    story.end(over, sip=486)
    numbers = numbers_of(story.floor)
    assert numbers.state is CampaignState.RUNNING
    assert (numbers.in_flight, numbers.waiting, numbers.with_agents) == (1, 1, 1)
    assert (numbers.with_robot, numbers.with_message) == (0, 1)
    assert numbers.seats == {"talking": 1, "paused": 1}
    assert (numbers.dialed, numbers.answered, numbers.connected) == (5, 3, 1)
    assert (numbers.abandoned, numbers.ended) == (1, 1)
    assert story.call(ringing).in_flight
    assert numbers.pacing == ""
    claiming.pace(story.floor, story.now)
    assert numbers_of(story.floor).pacing


def test_a_robot_campaign_has_no_pacing_to_explain() -> None:
    story = Scenario(Mode.ROBOT)
    [attempt] = story.dial()
    story.answer(attempt)
    numbers = numbers_of(story.floor)
    assert (numbers.with_robot, numbers.pacing) == (1, "")
