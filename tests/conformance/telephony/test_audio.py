"""Sound: agents and calls hear each other, robots hear and speak, recordings hold both sides."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from kernel.errors import UnavailableError
from kernel.media import FRAME_SAMPLES, RATE_HZ, AudioFrame, MarkReached, MediaEvent, MediaStream
from kernel.telephony import CallEarlyMedia, CallEnded, CallId, RecordingReady
from lab.number_plan import Behaviour
from telephony_adapter.simulated.voices import tone
from tests.conformance.telephony.conftest import PROMPT_HZ, PROMPT_S
from tests.conformance.telephony.sound import AUDIBLE, level, recorded, seconds_of
from tests.conformance.telephony.stage import Scene, on_every_switch

#: What the callee's and the agent's tone sounds like, and what our robot sends.
THEIR_HZ, OUR_HZ = 1000.0, 440.0
#: An Asterisk that answers waits so long for a first packet before it speaks.
_FIRST_PACKET_S = 0.6


async def hear(media: MediaStream, seconds: float) -> list[MediaEvent]:
    """Everything that comes within this time."""
    heard: list[MediaEvent] = []
    try:
        async with asyncio.timeout(seconds):
            async for event in media.events():
                heard.append(event)  # noqa: PERF401  # a timeout must not lose what came before
    except TimeoutError:
        pass
    return heard


def samples_of(events: list[MediaEvent]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    frames = [event.samples for event in events if isinstance(event, AudioFrame)]
    return np.concatenate([np.zeros(0, np.int16), *frames])


async def recording_of(scene: Scene, call: CallId, *others: CallId) -> RecordingReady:
    """Hang up and take the finished recording."""
    await scene.hang_up(call, *others)
    return await scene.until(RecordingReady, call)


@on_every_switch
async def test_a_robot_hears_the_callee_in_frames_of_20_ms(scene: Scene) -> None:
    call = await scene.answered(Behaviour.TONE)
    media = await scene.switch.media(call)
    heard = await hear(media, 1.0)
    await media.aclose()

    frames = [event for event in heard if isinstance(event, AudioFrame)]
    assert 40 <= len(frames) <= 55
    assert all(frame.samples.shape == (FRAME_SAMPLES,) for frame in frames)
    assert all(frame.samples.dtype == np.int16 for frame in frames)
    assert [frame.at_s for frame in frames] == sorted(frame.at_s for frame in frames)
    assert level(samples_of(heard), THEIR_HZ) > AUDIBLE
    assert call in await scene.switch.live_calls()


@on_every_switch
async def test_marks_are_reached_in_order_when_the_sound_before_them_was_played(
    scene: Scene,
) -> None:
    call = await scene.answered(Behaviour.SILENT)
    media = await scene.switch.media(call)
    began_s = scene.clock.monotonic()
    # An odd number of samples: the last ones must not be lost, nor hold up the mark.
    await media.send(tone(OUR_HZ, 0.3)[:-37])
    await media.mark("one")
    await media.send(tone(OUR_HZ, 0.2))
    await media.mark("two")
    at_s: dict[str, float] = {}
    async with asyncio.timeout(3):
        async for event in media.events():
            if isinstance(event, MarkReached):
                at_s[event.mark] = scene.clock.monotonic() - began_s
            if len(at_s) == 2:
                break

    assert list(at_s) == ["one", "two"]
    assert 0.2 < at_s["one"] < 0.45
    assert 0.4 < at_s["two"] < 0.7
    await media.aclose()


@on_every_switch
async def test_flush_silences_the_robot_at_once_and_drops_its_marks(scene: Scene) -> None:
    call = await scene.answered(Behaviour.SILENT)
    await scene.switch.record(call, f"flush-{call}")
    media = await scene.switch.media(call)
    await media.send(tone(OUR_HZ, 3.0))
    await media.mark("never")
    await scene.clock.sleep(0.5)
    await media.flush()
    heard = await hear(media, 1.0)
    await media.send(tone(OUR_HZ, 0.1))
    await media.mark("after")
    after = await hear(media, 0.4)
    ready = await recording_of(scene, call)

    assert MarkReached("never") not in heard
    assert MarkReached("after") in after
    assert 0.4 <= seconds_of(recorded(ready.path), OUR_HZ) <= 0.9


@on_every_switch
async def test_a_long_utterance_is_sent_in_one_go(scene: Scene) -> None:
    call = await scene.answered(Behaviour.SILENT)
    media = await scene.switch.media(call)
    # More than one WebSocket message of Asterisk can carry.
    await media.send(tone(OUR_HZ, 5.0))
    await media.flush()
    await media.mark("alive")
    assert MarkReached("alive") in await hear(media, 0.5)
    await media.aclose()


@on_every_switch
async def test_a_recording_holds_both_directions_and_has_the_true_length(scene: Scene) -> None:
    call = await scene.answered(Behaviour.TONE)
    began_s = scene.clock.monotonic()
    await scene.switch.record(call, f"both-{call}")
    media = await scene.switch.media(call)
    await media.send(tone(OUR_HZ, 0.5))
    await scene.clock.sleep(1.0)
    took_s = scene.clock.monotonic() - began_s
    ready = await recording_of(scene, call)

    samples = recorded(ready.path)
    assert Path(ready.path).name == f"both-{call}.wav"
    assert ready.seconds == pytest.approx(len(samples) / RATE_HZ)
    assert ready.seconds == pytest.approx(took_s, abs=0.25)
    assert seconds_of(samples, OUR_HZ) == pytest.approx(0.5, abs=0.15)
    assert seconds_of(samples, THEIR_HZ) > 0.7


@on_every_switch
async def test_the_callee_hears_the_agent(scene: Scene) -> None:
    leg = await scene.agent(Behaviour.AGENT_TONE)
    call = await scene.answered(Behaviour.SILENT)
    await scene.switch.record(call, f"call-{call}")
    await scene.clock.sleep(0.3)
    await scene.switch.bridge(call, leg)
    await scene.clock.sleep(0.5)
    await scene.switch.unbridge(call, leg)
    await scene.clock.sleep(0.3)
    assert set(await scene.switch.live_calls()) == {call, leg}
    ready = await recording_of(scene, call, leg)

    samples = recorded(ready.path)
    assert level(samples[: RATE_HZ // 4], THEIR_HZ) < AUDIBLE
    assert seconds_of(samples, THEIR_HZ) == pytest.approx(0.5, abs=0.2)
    assert level(samples[-RATE_HZ // 5 :], THEIR_HZ) < AUDIBLE


@on_every_switch
async def test_the_agent_hears_one_callee_after_the_other(scene: Scene) -> None:
    leg = await scene.agent()
    await scene.switch.record(leg, f"leg-{leg}")
    first = await scene.answered(Behaviour.TONE)
    await scene.clock.sleep(_FIRST_PACKET_S)
    await scene.switch.bridge(first, leg)
    await scene.clock.sleep(0.5)
    await scene.hang_up(first)
    await scene.clock.sleep(0.3)
    second = await scene.answered(Behaviour.TONE)
    await scene.clock.sleep(_FIRST_PACKET_S)
    await scene.switch.bridge(second, leg)
    await scene.clock.sleep(0.5)
    ready = await recording_of(scene, leg, second)
    await scene.clock.sleep(0.2)

    heard = recorded(scene.controls.heard_by_agent(scene.extensions[leg], ready.path))
    assert seconds_of(heard, THEIR_HZ) == pytest.approx(1.0, abs=0.3)


@on_every_switch
async def test_a_prompt_is_heard_and_its_length_is_told(scene: Scene) -> None:
    call = await scene.answered(Behaviour.SILENT)
    await scene.switch.record(call, f"prompt-{call}")
    seconds = await scene.switch.play(call, "welcome")
    await scene.clock.sleep(seconds + 0.3)
    ready = await recording_of(scene, call)

    assert seconds == pytest.approx(PROMPT_S)
    assert seconds_of(recorded(ready.path), PROMPT_HZ) == pytest.approx(PROMPT_S, abs=0.15)


@on_every_switch
async def test_a_prompt_is_heard_while_a_robot_has_the_call(scene: Scene) -> None:
    call = await scene.answered(Behaviour.SILENT)
    media = await scene.switch.media(call)
    await scene.switch.record(call, f"mixed-{call}")
    await scene.switch.play(call, "welcome")
    await scene.clock.sleep(1.2)
    ready = await recording_of(scene, call)
    await media.aclose()

    assert seconds_of(recorded(ready.path), PROMPT_HZ) == pytest.approx(PROMPT_S, abs=0.15)


@on_every_switch
async def test_early_media_can_be_heard_before_the_answer(scene: Scene) -> None:
    call = await scene.dial(Behaviour.SONG, half_seconds=3)
    await scene.until(CallEarlyMedia, call)
    media = await scene.switch.media(call)
    heard = samples_of(await hear(media, 0.6))
    await media.aclose()

    assert len(heard) > 0.4 * RATE_HZ
    assert float(np.abs(heard.astype(np.int32)).mean()) > 100


@on_every_switch
async def test_the_audio_ends_with_the_call(scene: Scene) -> None:
    call = await scene.answered(Behaviour.HANGS_UP, half_seconds=1)
    media = await scene.switch.media(call)
    async with asyncio.timeout(3):
        async for _ in media.events():
            pass
    await scene.until(CallEnded, call)

    with pytest.raises(UnavailableError):
        await media.send(tone(OUR_HZ, 0.1))
    await media.mark("late")
    await media.flush()
    await media.aclose()
