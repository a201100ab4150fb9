"""Agents at their telephones: who hears whom, how soon, and what is written down about it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from campaigns.allocation import ToAgents, ToQueue
from campaigns.campaign import Mode
from campaigns.ports import AgentRecord
from campaigns.redial import LeadState
from campaigns.results import AttemptRow
from dialer.ports import Disposition
from dialer.seat import TRANSITIONS, SeatState
from dialer.seating import Seat
from kernel.call import Result
from kernel.ids import AgentId, AttemptId, CampaignId
from lab.number_plan import Behaviour, agent_extension, mobile
from lab.rig import Rig
from lab.world import WorldCall
from sim.agents import Manner, SimulatedAgent
from tests.end_to_end import tones
from tests.end_to_end.stage import Stage, calls_to, e164, plan, settings_on, stage

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.switch, pytest.mark.slow]

#: Of the first campaign; the next extensions are those of the other tests' agents.
AGENTS = 5
#: From somebody's answer until the agent's telephone hears them.
ANSWER_TO_AGENT_S = 0.3
#: Of the campaign, and how much later than that the message may be heard.
PATIENCE_S, TOLERANCE_S = 2.0, 0.7
MANNER = Manner(talk_s=2.0, wrap_up_s=0.5, dispositions=("interested",))


def people(count: int, behaviour: Behaviour = Behaviour.TONE, ring: int = 1) -> list[str]:
    return [mobile(behaviour, half_seconds=ring, suffix=5000 + place) for place in range(count)]


def rows(numbers: list[str]) -> list[list[object]]:
    people: list[list[object]] = [[f"person {number[-4:]}", number] for number in numbers]
    return [["name", "phone"], *people]


async def agent(running: Stage, place: int) -> AgentRecord:
    """An agent whose telephone stands in the world."""
    extension = agent_extension(suffix=place)
    record = AgentRecord(AgentId(running.product.ids.new()), f"agent {place}", f"PJSIP/{extension}")
    await running.product.store.save_agent(record)
    return record


def seat(running: Stage, campaign: CampaignId, who: AgentId) -> Seat | None:
    return running.runner(campaign).floor.seating.get(who)


async def reaches(
    running: Stage, campaign: CampaignId, who: AgentId, state: SeatState, within_s: float = 10.0
) -> Seat:
    """Wait until the agent is in this state."""

    def there() -> bool:
        found = seat(running, campaign, who)
        return found is not None and found.state is state

    await running.until(there, within_s)
    found = seat(running, campaign, who)
    assert found is not None
    return found


def latest_call(rig: Rig, number: str) -> WorldCall:
    return calls_to(rig, {e164(number)})[-1]


async def recorded(running: Stage, number: str) -> tuple[WorldCall, Path]:
    """The world's latest call to a number, and what its telephone heard, once it has ended."""
    rig = running.rig
    await running.until(lambda: latest_call(rig, number).ended_at is not None, 5.0)
    call = latest_call(rig, number)
    assert call.answered_at is not None
    assert call.ended_at is not None
    # It begins up to half a second after the answer, and is whole a moment after the end.
    least_s = (call.ended_at - call.answered_at).total_seconds() - 1.0
    recording = rig.world.recording(number)
    await running.until(lambda: tones.seconds(recording) > least_s, 5.0)
    return call, recording


async def recordings(running: Stage, campaign: CampaignId) -> dict[AttemptId, tuple[Path, float]]:
    """Stored recordings of a campaign: file and stored length."""
    rows = await running.product.opened.database.fetch(
        "SELECT r.attempt_id, r.path, r.seconds FROM recording r"
        " JOIN attempt a ON a.id = r.attempt_id WHERE a.campaign_id = $1",
        campaign,
    )
    folder = running.rig.switch.recordings_dir
    return {AttemptId(r["attempt_id"]): (folder / r["path"], r["seconds"]) for r in rows}


async def test_agents_hear_people_at_once(rig: Rig, database_dsn: str, tmp_path: Path) -> None:
    async with stage(rig, settings_on(rig, tmp_path / "data", database_dsn)) as running:
        store, numbers = running.product.store, people(12)
        report = await running.import_rows("tones", rows(numbers))
        assert report.batch is not None
        campaign = await running.start(plan("tones", Mode.PREDICTIVE), report.batch, ToQueue())
        staff = [await agent(running, place) for place in range(AGENTS)]
        acting = [_act(running, who, campaign.id, place) for place, who in enumerate(staff)]
        await running.finished(campaign.id, within_s=90)
        # The end of the campaign signs everybody out.
        await running.until(lambda: not running.runs(campaign.id), 10.0)
        for simulated in acting:
            await simulated.aclose()

        calls = await store.attempt_history(campaign.id)
        assert sorted(call.number for call in calls) == sorted(numbers)
        assert {call.result for call in calls} == {Result.ANSWERED_HUMAN}
        assert running.invites(numbers) == dict.fromkeys(numbers, 1)
        waits_ms: list[int] = []
        for place, who in enumerate(staff):
            own = sorted((c for c in calls if c.agent == who.id), key=_connected)
            waits_ms.append(await _heard(running, agent_extension(suffix=place), own[0]))
            await _check_seat(running, who.id, own)
        log.info("answer to agent: %s ms", sorted(waits_ms))
        assert max(waits_ms) < ANSWER_TO_AGENT_S * 1000, waits_ms
        await _check_talk(running, campaign.id, calls)
        await _check_recordings(running, campaign.id, calls)


def _act(running: Stage, who: AgentRecord, campaign: CampaignId, seed: int) -> SimulatedAgent:
    product = running.product
    acting = SimulatedAgent(
        product.engine, who, campaign, product.clock, rng=Random(seed), manner=MANNER
    )
    acting.sign_in()
    return acting


def _connected(call: AttemptRow) -> datetime:
    assert call.connected_at is not None
    return call.connected_at


async def _heard(running: Stage, phone: str, first: AttemptRow) -> int:
    """Milliseconds from the first person's answer until the agent's telephone heard the tone.

    Only the first: a new stream of packets (another SSRC) that begins at a lower sequence number
    passes Asterisk's recorder by, and joining a call may begin one. The telephone hears it.
    """
    leg, recording = await recorded(running, phone)
    person = calls_to(running.rig, {first.number})[-1]
    assert leg.ended_at is not None
    assert person.answered_at is not None
    # The recording ends with the agent's call; where it began is not written anywhere.
    until_end_s = tones.seconds(recording) - tones.tone_spans(recording)[0][0]
    waited = leg.ended_at - timedelta(seconds=until_end_s) - person.answered_at
    return round(waited.total_seconds() * 1000)


async def _check_seat(running: Stage, who: AgentId, own: list[AttemptRow]) -> None:
    """The seat's history is one unbroken walk along the table, a round for each call."""
    events = await running.product.store.state_events("agent", str(who))
    walk = [SeatState.SIGNED_OUT, *(SeatState(event.after) for event in events)]
    assert all(b in TRANSITIONS[a].values() for a, b in pairwise(walk)), walk
    assert [e.before for e in events[1:]] == [e.after for e in events[:-1]]
    first = [SeatState.CONNECTING, SeatState.PAUSED, SeatState.READY]
    a_round = [SeatState.RESERVED, SeatState.TALKING, SeatState.WRAP_UP, SeatState.READY]
    assert walk[1:] == [*first, *(a_round * len(own)), SeatState.SIGNED_OUT]
    talks = [event.at for event in events if event.after == SeatState.TALKING]
    ends = [event.at for event in events if event.after == SeatState.WRAP_UP]
    for call, begun_at, ended_at in zip(own, talks, ends, strict=True):
        assert call.ended_at is not None
        assert begun_at == call.connected_at
        assert abs((ended_at - call.ended_at).total_seconds()) < 0.2


async def _check_talk(running: Stage, campaign: CampaignId, calls: Sequence[AttemptRow]) -> None:
    """Stored talk seconds are what the world outside saw."""
    store = running.product.store
    for name in await store.name_results(campaign):
        (person,) = calls_to(running.rig, {name.number})
        assert person.ended_at is not None
        assert person.answered_at is not None
        talked_s = (person.ended_at - person.answered_at).total_seconds()
        assert name.talk_s == pytest.approx(talked_s, abs=0.3)
        assert (name.state, name.tag) == (LeadState.DONE, "interested")
    summary = await store.summary(campaign)
    talked = [call.ended_at - _connected(call) for call in calls if call.ended_at is not None]
    stored_s = sum(length.total_seconds() for length in talked)
    assert summary.agent_seconds["talking"] == pytest.approx(stored_s, abs=0.5)
    assert summary.agent_seconds["wrap-up"] > 0
    assert (summary.answered, summary.connected, summary.abandoned) == (12, 12, 0)


async def _check_recordings(
    running: Stage, campaign: CampaignId, calls: Sequence[AttemptRow]
) -> None:
    stored = await recordings(running, campaign)
    assert set(stored) == {call.attempt for call in calls}
    for call in calls:
        path, seconds = stored[call.attempt]
        assert call.ended_at is not None
        assert tones.seconds(path) == pytest.approx(seconds, abs=0.01)
        talked_s = (call.ended_at - _connected(call)).total_seconds()
        assert seconds == pytest.approx(talked_s, abs=0.5)
        heard_s = sum(end_s - begin_s for begin_s, end_s in tones.tone_spans(path))
        assert heard_s == pytest.approx(seconds, abs=0.5)


async def test_nobody_is_free(rig: Rig, database_dsn: str, tmp_path: Path) -> None:
    """Somebody answers for whom no agent is left: the message comes when patience is over."""
    async with stage(rig, settings_on(rig, tmp_path / "data", database_dsn)) as running:
        number = mobile(Behaviour.TALKS, half_seconds=4, suffix=6000)
        report = await running.import_rows("one", rows([number]))
        assert report.batch is not None
        campaign = await running.start(plan("one", Mode.PROGRESSIVE), report.batch, ToQueue())
        who = await agent(running, AGENTS)
        engine = running.product.engine
        engine.sign_in(who.id, who.address, campaign.id)
        await reaches(running, campaign.id, who.id, SeatState.PAUSED)
        engine.ready(who.id)
        # The telephone rings for two seconds; meanwhile the only agent goes away.
        await running.until(lambda: bool(running.invites([number])), 10.0)
        engine.pause(who.id, "coffee")
        await running.finished(campaign.id, within_s=40)
        await running.until(lambda: not running.runs(campaign.id), 10.0)

        (call,) = await running.product.store.attempt_history(campaign.id)
        assert (call.result, call.connected_at, call.agent) == (Result.ABANDONED, None, None)
        events = await running.product.store.state_events("attempt", str(call.attempt))
        at = {event.after: event.at for event in events}
        waited_s = (at["abandoned"] - at["answered"]).total_seconds()
        assert PATIENCE_S <= waited_s < PATIENCE_S + TOLERANCE_S
        begun_s = await _message_heard(running, number)
        log.info("answer to message: %.2f s", begun_s)
        assert PATIENCE_S <= begun_s < PATIENCE_S + TOLERANCE_S
        seat_events = await running.product.store.state_events("agent", str(who.id))
        assert SeatState.TALKING not in {event.after for event in seat_events}


async def _message_heard(running: Stage, number: str) -> float:
    """Seconds from the answer until the person heard the message, which came whole."""
    prompt = running.product.settings.prompts / "abandonment.wav"
    person, recording = await recorded(running, number)
    heard, said = tones.loud_spans(recording), tones.loud_spans(prompt)
    heard_s, said_s = heard[-1][1] - heard[0][0], said[-1][1] - said[0][0]
    assert heard_s == pytest.approx(said_s, abs=0.3)
    assert person.answered_at is not None
    assert person.ended_at is not None
    until_end_s = tones.seconds(recording) - heard[0][0]
    waited = person.ended_at - timedelta(seconds=until_end_s) - person.answered_at
    return waited.total_seconds()


async def test_preview(rig: Rig, database_dsn: str, tmp_path: Path) -> None:
    """The agent sees a name, dials it, talks, notes what came of it; nothing rings before."""
    async with stage(rig, settings_on(rig, tmp_path / "data", database_dsn)) as running:
        number, engine = mobile(Behaviour.TONE, suffix=7000), running.product.engine
        report = await running.import_rows("preview", rows([number]))
        assert report.batch is not None
        who = await agent(running, AGENTS + 1)
        allotted = ToAgents((who.id,))
        campaign = await running.start(plan("preview", Mode.PREVIEW), report.batch, allotted)
        engine.sign_in(who.id, who.address, campaign.id)
        await reaches(running, campaign.id, who.id, SeatState.PAUSED)
        engine.ready(who.id)
        shown = (await reaches(running, campaign.id, who.id, SeatState.PREVIEWING)).preview
        assert shown is not None
        assert (shown.number.e164, shown.fields["name"]) == (number, "person 7000")
        assert not running.invites([number])

        engine.preview_dial(who.id)
        await reaches(running, campaign.id, who.id, SeatState.TALKING)
        await running.product.clock.sleep(1.0)
        engine.hang_up(who.id)
        wrapping = await reaches(running, campaign.id, who.id, SeatState.WRAP_UP)
        assert wrapping.attempt is not None
        noted = running.product.clock.now()
        engine.wrap_up(Disposition(wrapping.attempt, who.id, "call-later", noted, note="Monday"))
        await running.finished(campaign.id, within_s=20)
        await running.until(lambda: not running.runs(campaign.id), 10.0)

        assert running.invites([number]) == {number: 1}
        (name,) = await running.product.store.name_results(campaign.id)
        assert (name.result, name.tag) == (Result.ANSWERED_HUMAN, "call-later")
        _, recording = await recorded(running, agent_extension(suffix=AGENTS + 1))
        assert tones.tone_spans(recording)
