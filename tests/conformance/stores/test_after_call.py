from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.redial import LeadState
from dialer.ports import Disposition, NewRecording
from kernel.call import AttemptState, Result
from kernel.conversation import Conversation, SurveyAnswer, Turn
from kernel.errors import InputError
from kernel.ids import AgentId, AttemptId, RecordingId
from tests.conformance.stores.world import World, minutes


async def test_a_disposition_is_the_names_tag(world: World) -> None:
    agent = await world.agent()
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.end(name, Result.ANSWERED_HUMAN)
    note = Disposition(name.attempt, agent, "interested", world.clock.now())
    await world.store.dispose(note)
    await world.store.dispose(note)
    [row] = await world.store.name_results(floor.campaign.id)
    assert (row.tag, row.state, row.result) == (
        "interested",
        LeadState.DONE,
        Result.ANSWERED_HUMAN,
    )
    later = replace(note, code="callback", at=note.at + timedelta(seconds=1))
    await world.store.dispose(later)
    await world.store.dispose(note)
    [row] = await world.store.name_results(floor.campaign.id)
    assert row.tag == "callback"


@pytest.mark.parametrize("before_the_end", [True, False])
async def test_the_agents_result_moves_the_name(world: World, before_the_end: bool) -> None:
    agent = await world.agent()
    floor = await world.floor(1)
    [name] = await floor.claim()
    note = Disposition(
        name.attempt, agent, "machine", world.clock.now(), result=Result.ANSWERED_MACHINE
    )
    end = floor.ended(name, Result.ANSWERED_HUMAN)
    if before_the_end:
        await world.store.dispose(note)
        await world.store.record([end])
    else:
        await world.store.record([end])
        await world.store.dispose(note)
    await world.store.dispose(note)
    await world.store.record([end])
    [row] = await world.store.name_results(floor.campaign.id)
    assert (row.result, row.state) == (Result.ANSWERED_MACHINE, LeadState.READY)
    events = await world.store.state_events("attempt-result", str(name.attempt))
    assert [(e.before, e.after) for e in events] == [("answered-human", "answered-machine")]
    world.clock.advance(minutes(240) - 1)
    assert await floor.claim() == []
    world.clock.advance(1)
    assert len(await floor.claim()) == 1


async def test_a_correction_leaves_a_name_that_moved_on(world: World) -> None:
    agent = await world.agent()
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.end(name, Result.NO_ANSWER)
    world.clock.advance(minutes(60))
    [again] = await floor.claim()
    note = Disposition(name.attempt, agent, "x", world.clock.now(), result=Result.EMPTY_NUMBER)
    await world.store.dispose(note)
    assert await floor.states() == {LeadState.DIALING: 1}
    history = await world.store.attempt_history(floor.campaign.id)
    assert [row.result for row in history] == [Result.EMPTY_NUMBER, None]
    assert history[1].attempt == again.attempt


async def test_notes_and_recordings_need_their_attempt(world: World) -> None:
    agent = await world.agent()
    floor = await world.floor(1)
    [name] = await floor.claim()
    nobody, nothing = AgentId(world.ids.new()), AttemptId(world.ids.new())
    now = world.clock.now()
    with pytest.raises(InputError):
        await world.store.dispose(Disposition(nothing, agent, "x", now))
    with pytest.raises(InputError):
        await world.store.dispose(Disposition(name.attempt, nobody, "x", now))
    with pytest.raises(InputError):
        await world.store.save_conversation(Conversation(nothing, "done"))
    recording = NewRecording(RecordingId(world.ids.new()), nothing, "a.wav", 1.0, now)
    with pytest.raises(InputError):
        await world.store.save_recording(recording)
    await world.store.save_recording(replace(recording, attempt=name.attempt))
    await world.store.save_recording(replace(recording, attempt=name.attempt))


async def test_a_conversation_is_stored_as_it_grows(world: World) -> None:
    floor = await world.floor(1)
    [name] = await floor.claim()
    await floor.reach(name, AttemptState.CONNECTED)
    now = world.clock.now()
    first = SurveyAnswer(name.attempt, "q1", "yes", "好的", "voice", 0.9, now)
    second = replace(first, question="q2", value="3", raw="3", source="key", confidence=1.0)
    opening = Conversation(
        name.attempt,
        "open",
        turns=(Turn(name.attempt, 1, now, "robot", "您好"),),
        answers=(first,),
        results={"mood": "good"},
    )
    await world.store.save_conversation(opening)
    [row] = await world.store.name_results(floor.campaign.id)
    assert (row.tag, row.answers) == ("", {"q1": "yes"})
    corrected = replace(first, value="no", at=now + timedelta(seconds=3))
    whole = Conversation(
        name.attempt,
        "completed",
        turns=(*opening.turns, Turn(name.attempt, 2, now, "callee", "好的", "voice", 0.9)),
        answers=(first, second, corrected),
        results={"end": "polite"},
    )
    await world.store.save_conversation(whole)
    await world.store.save_conversation(opening)
    await world.store.save_conversation(whole)
    [row] = await world.store.name_results(floor.campaign.id)
    assert (row.tag, row.answers) == ("completed", {"q1": "no", "q2": "3"})
    sheet = await world.store.answer_sheet(floor.campaign.id)
    assert [(a.question, a.value, a.raw, a.source, a.answered_at) for a in sheet] == [
        ("q2", "3", "3", "key", now),
        ("q1", "no", "好的", "voice", corrected.at),
    ]
    assert (sheet[0].row, sheet[0].number, sheet[0].confidence) == (2, name.number.e164, 1.0)
    survey = (await world.store.summary(floor.campaign.id)).survey
    assert survey == {"q1": {"no": 1}, "q2": {"3": 1}}
