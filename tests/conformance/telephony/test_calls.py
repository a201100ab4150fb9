"""Calls: how they begin, how they end, and what the switch says about them."""

from __future__ import annotations

import pytest

from kernel.call import AttemptState, EndedBy
from kernel.errors import PeerError
from kernel.ids import AttemptId
from kernel.telephony import (
    AgentLegCommand,
    CallAnswered,
    CallEarlyMedia,
    CallEnded,
    CallId,
    CallRinging,
    DigitPressed,
    Finished,
    Live,
    NeverSeen,
    Reply,
    Untold,
    call_id,
)
from lab.number_plan import Behaviour
from tests.conformance.telephony.stage import Scene, attempt_of, on_every_switch


@on_every_switch
async def test_an_answered_call_rings_first_and_ends_when_we_hang_up(scene: Scene) -> None:
    call = await scene.answered(Behaviour.SILENT, half_seconds=1)
    await scene.switch.hangup(call)
    ended = await scene.until(CallEnded, call)

    assert scene.of(call) == [CallRinging, CallAnswered, CallEnded]
    assert (ended.cause, ended.sip_status, ended.ended_by) == (16, None, EndedBy.US)
    assert not ended.ring_timeout


@on_every_switch
async def test_a_callee_who_hangs_up_is_told_as_such(scene: Scene) -> None:
    call = await scene.answered(Behaviour.HANGS_UP, half_seconds=1)
    ended = await scene.until(CallEnded, call)

    assert (ended.cause, ended.sip_status, ended.ended_by) == (16, None, EndedBy.CALLEE)


@pytest.mark.parametrize(
    ("behaviour", "cause", "status", "by"),
    [
        (Behaviour.BUSY, 17, 486, EndedBy.CALLEE),
        (Behaviour.REJECTS, 21, 603, EndedBy.CALLEE),
        (Behaviour.NOT_FOUND, 1, 404, EndedBy.NETWORK),
        (Behaviour.UNAVAILABLE, 19, 480, EndedBy.NETWORK),
        (Behaviour.OVERLOADED, 34, 503, EndedBy.NETWORK),
    ],
)
def test_a_refused_call_carries_cause_and_status(
    stage: object, behaviour: Behaviour, cause: int, status: int, by: EndedBy
) -> None:
    async def scene_test(scene: Scene) -> None:
        call = await scene.dial(behaviour)
        ended = await scene.until(CallEnded, call)
        assert (ended.cause, ended.sip_status, ended.ended_by) == (cause, status, by)
        assert not ended.ring_timeout
        assert CallAnswered not in scene.of(call)

    on_every_switch(scene_test)(stage)  # type: ignore[arg-type]  # a fixture has no type here


@on_every_switch
async def test_nobody_answers_until_the_ring_timeout(scene: Scene) -> None:
    began_s = scene.clock.monotonic()
    call = await scene.dial(Behaviour.RINGS_FOREVER, ring_timeout_s=1.0)
    ended = await scene.until(CallEnded, call)

    assert scene.of(call) == [CallRinging, CallEnded]
    assert (ended.cause, ended.sip_status, ended.ended_by) == (19, None, EndedBy.US)
    assert ended.ring_timeout
    assert 0.9 < scene.clock.monotonic() - began_s < 2.0


@on_every_switch
async def test_we_hang_up_while_it_rings(scene: Scene) -> None:
    call = await scene.dial(Behaviour.RINGS_FOREVER)
    await scene.until(CallRinging, call)
    await scene.switch.hangup(call)
    ended = await scene.until(CallEnded, call)

    assert (ended.sip_status, ended.ended_by, ended.ring_timeout) == (None, EndedBy.US, False)


@on_every_switch
async def test_an_announcement_is_early_media_and_then_the_refusal(scene: Scene) -> None:
    call = await scene.dial(Behaviour.VACANT)
    ended = await scene.until(CallEnded, call)

    assert scene.of(call) == [CallEarlyMedia, CallEnded]
    assert (ended.cause, ended.sip_status) == (1, 404)


@on_every_switch
async def test_a_ringback_song_is_early_media_before_the_answer(scene: Scene) -> None:
    call = await scene.answered(Behaviour.SONG, half_seconds=1)

    assert scene.of(call) == [CallEarlyMedia, CallAnswered]


@on_every_switch
async def test_an_id_is_dialed_once_only(scene: Scene) -> None:
    number = scene.number(Behaviour.SILENT)
    command = scene.command(number)
    call = call_id(command.attempt_id)

    assert await scene.switch.originate(command) is Reply.SENT
    await scene.until(CallAnswered, call)
    assert await scene.switch.originate(command) is Reply.DUPLICATE
    await scene.hang_up(call)
    assert await scene.switch.originate(command) is Reply.DUPLICATE
    assert scene.controls.rung(number) == 1


@on_every_switch
async def test_a_command_after_its_deadline_rings_nobody(scene: Scene) -> None:
    number = scene.number(Behaviour.SILENT)
    late = scene.command(number, deadline_s=-0.5)

    assert await scene.switch.originate(late) is Reply.EXPIRED
    assert await scene.switch.live_calls() == {}
    assert scene.controls.rung(number) == 0


@on_every_switch
async def test_keys_that_the_callee_presses_are_told_one_by_one(scene: Scene) -> None:
    call = await scene.answered(Behaviour.PRESSES_KEYS, keys=1590)
    while sum(isinstance(event, DigitPressed) for event in scene.log) < 4:
        await scene.clock.sleep(0.05)

    digits = [event.digit for event in scene.log if isinstance(event, DigitPressed)]
    assert digits == ["1", "5", "9", "0"]
    assert call in await scene.switch.live_calls()


@on_every_switch
async def test_keys_that_we_press_reach_the_callee(scene: Scene) -> None:
    number = scene.number(Behaviour.READS_KEYS)
    command = scene.command(number)
    await scene.switch.originate(command)
    await scene.until(CallAnswered, call_id(command.attempt_id))
    await scene.clock.sleep(0.3)
    await scene.switch.send_digits(call_id(command.attempt_id), "2468")
    await scene.clock.sleep(2.0)

    assert scene.controls.keys_heard(number) == "2468"


@on_every_switch
async def test_live_calls_and_inquiries_follow_a_call(scene: Scene) -> None:
    call = await scene.dial(Behaviour.SILENT, half_seconds=1)
    attempt = attempt_of(call)
    await scene.until(CallRinging, call)
    assert await scene.switch.live_calls() == {call: AttemptState.RINGING}
    await scene.until(CallAnswered, call)
    leg = await scene.agent()
    live = await scene.switch.live_calls()
    assert live == {call: AttemptState.ANSWERED, leg: AttemptState.ANSWERED}
    assert await scene.switch.inquire([attempt]) == {attempt: Live(AttemptState.ANSWERED)}

    await scene.hang_up(call, leg)
    assert await scene.switch.live_calls() == {}
    stranger = AttemptId(scene.ids.new())
    sightings = await scene.switch.inquire([attempt, stranger])
    finished = sightings[attempt]
    assert isinstance(finished, Finished)
    assert finished.reached is AttemptState.ANSWERED
    assert finished.ended == await scene.until(CallEnded, call)
    assert finished.answered_at is not None
    assert finished.answered_at <= finished.ended_at
    assert isinstance(sightings[stranger], NeverSeen | Untold)


@on_every_switch
async def test_an_id_vouched_for_is_never_dialed_later(scene: Scene) -> None:
    command = scene.command(scene.number(Behaviour.SILENT))
    sighting = (await scene.switch.inquire([command.attempt_id]))[command.attempt_id]
    reply = await scene.switch.originate(command)

    # A switch without records may not vouch; one that vouched must keep its word.
    if isinstance(sighting, NeverSeen):
        assert reply is Reply.EXPIRED
    else:
        assert sighting == Untold()
        assert reply is Reply.SENT


@on_every_switch
async def test_commands_on_a_call_that_is_gone(scene: Scene) -> None:
    gone = CallId(scene.ids.new())
    leg = await scene.agent()
    call = await scene.answered(Behaviour.SILENT)

    await scene.switch.hangup(gone)
    await scene.switch.unbridge(gone, leg)
    for command in (
        scene.switch.bridge(gone, leg),
        scene.switch.bridge(call, gone),
        scene.switch.play(gone, "welcome"),
        scene.switch.media(gone),
        scene.switch.send_digits(gone, "1"),
        scene.switch.record(gone, "nobody"),
    ):
        with pytest.raises(PeerError):
            await command


@on_every_switch
async def test_an_address_nobody_has_is_refused(scene: Scene) -> None:
    with pytest.raises(PeerError):
        await scene.switch.connect_agent(AgentLegCommand(CallId(scene.ids.new()), "Nobody/1"))
    assert await scene.switch.live_calls() == {}


@on_every_switch
async def test_the_heartbeat_tells_boot_clock_and_load(scene: Scene) -> None:
    before = await scene.switch.heartbeat()
    call = await scene.answered(Behaviour.SILENT)
    after = await scene.switch.heartbeat()

    assert (before.live_calls, after.live_calls) == (0, 1)
    assert before.boot_id == after.boot_id
    assert before.version
    assert abs((after.clock_at - scene.clock.now()).total_seconds()) < 0.2
    await scene.hang_up(call)
