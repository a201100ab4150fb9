"""Every behaviour of the number plan, as the switch sees it and as the world logs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from kernel.errors import InputError
from lab.number_plan import Behaviour, agent_extension, mobile
from lab.rig import Rig
from lab.world import WorldCall
from tests.lab import sound
from tests.lab.ari import Ari

pytestmark = pytest.mark.switch


@pytest.fixture
async def ari(rig: Rig) -> AsyncIterator[Ari]:
    async with Ari(rig.switch.url) as connected:
        yield connected
    await settled(rig)


async def settled(rig: Rig) -> None:
    """Both sides are without a channel: nothing a test started is left."""

    def empty() -> bool:
        return rig.switch.channel_count() == rig.world.channel_count() == 0

    await asyncio.to_thread(rig.world.wait_until, empty, 5.0)


async def logged(rig: Rig, number: str) -> WorldCall:
    """The world's own record of the latest call to a number, once it has ended."""

    def ended() -> bool:
        found = [call for call in rig.world.calls() if call.number == number]
        return bool(found) and found[-1].ended_at is not None

    await asyncio.to_thread(rig.world.wait_until, ended, 5.0)
    return [call for call in rig.world.calls() if call.number == number][-1]


# Dial events, Q.850 cause and SIP status on the switch.
REFUSALS = {
    Behaviour.BUSY: (["", "BUSY"], 17, 486),
    Behaviour.REJECTS: (["", "RINGING", "NOANSWER"], 21, 603),
    Behaviour.NOT_FOUND: (["", "NOANSWER"], 1, 404),
    Behaviour.UNAVAILABLE: (["", "NOANSWER"], 19, 480),
    Behaviour.OVERLOADED: (["", "CONGESTION"], 34, 503),
    Behaviour.BROKEN: (["", "NOANSWER"], 38, 500),
    Behaviour.VACANT: (["", "PROGRESS", "NOANSWER"], 1, 404),
    Behaviour.SWITCHED_OFF: (["", "PROGRESS", "NOANSWER"], 19, 480),
    Behaviour.UNREACHABLE: (["", "PROGRESS", "NOANSWER"], 19, 480),
    Behaviour.BUSY_TONE: (["", "PROGRESS", "BUSY"], 17, 486),
}


async def test_refusals(rig: Rig, ari: Ari) -> None:
    numbers = {behaviour: mobile(behaviour, half_seconds=1) for behaviour in REFUSALS}
    channels = {behaviour: await ari.call(numbers[behaviour]) for behaviour in REFUSALS}
    seen = {}
    for behaviour, channel in channels.items():
        end = await ari.wait("ChannelDestroyed", channel)
        seen[behaviour] = (ari.dial_progress(channel), end["cause"], end["tech_cause"])
    assert seen == REFUSALS
    for behaviour, number in numbers.items():
        call = await logged(rig, number)
        assert (call.behaviour, call.caller_id, call.answered_at) == (behaviour, "4001", None)


@pytest.mark.parametrize(
    ("behaviour", "progress"),
    [(Behaviour.RINGS_FOREVER, ["", "RINGING"]), (Behaviour.ONLY_TRYING, [""])],
)
async def test_nobody_answers(
    rig: Rig, ari: Ari, behaviour: Behaviour, progress: list[str]
) -> None:
    channel = await ari.call(mobile(behaviour), timeout_s=1)
    end = await ari.wait("ChannelDestroyed", channel)
    assert (end["cause"], end["tech_cause"]) == (19, 480)
    assert ari.dial_progress(channel) == progress
    assert (await logged(rig, mobile(behaviour))).answered_at is None


async def test_a_number_nobody_has(rig: Rig, ari: Ari) -> None:
    for number in ("+8613800000000", "13999000000", "4001"):
        channel = await ari.call(number)
        assert (await ari.wait("ChannelDestroyed", channel))["tech_cause"] == 404
        assert (await logged(rig, number)).behaviour is None


@pytest.mark.parametrize(
    ("behaviour", "progress"),
    [
        (Behaviour.SILENT, ["", "RINGING", "ANSWER"]),
        (Behaviour.TONE, ["", "RINGING", "ANSWER"]),
        (Behaviour.SONG, ["", "PROGRESS", "ANSWER"]),
        (Behaviour.CLICKS, ["", "RINGING", "ANSWER"]),
    ],
)
async def test_answers_and_what_is_heard(
    rig: Rig, ari: Ari, behaviour: Behaviour, progress: list[str]
) -> None:
    number = mobile(behaviour, half_seconds=1)
    channel = await ari.call(number)
    await ari.wait("StasisStart", channel)
    assert ari.dial_progress(channel) == progress
    # Recording takes received packets only, so it also proves that the callee sends them.
    await ari.record(channel, f"heard-{behaviour.value}", seconds=1)
    await ari.hang_up(channel)
    call = await logged(rig, number)
    assert call.answered_at is not None
    assert 0.45 < (call.answered_at - call.invited_at).total_seconds() < 2

    heard = sound.read(rig.switch.recordings_dir / f"heard-{behaviour.value}.wav")
    assert len(heard) > 3500  # the first packet comes up to half a second after the answer
    if behaviour is Behaviour.TONE:
        assert abs(sound.pitch_hz(heard) - 1000) < 5
    elif behaviour is Behaviour.CLICKS:
        assert 50 < sound.level(heard) < 1200
    else:
        assert 10 < sound.level(heard) < 100


async def test_callee_hangs_up(rig: Rig, ari: Ari) -> None:
    number = mobile(Behaviour.HANGS_UP, half_seconds=2)
    channel = await ari.call(number)
    end = await ari.wait("ChannelDestroyed", channel)
    assert end["cause"] == 16
    assert "tech_cause" not in end
    call = await logged(rig, number)
    assert call.answered_at is not None
    assert call.ended_at is not None
    # Asterisk's Answer() waits up to half a second for the caller's first packet.
    assert 0.95 < (call.ended_at - call.answered_at).total_seconds() < 4


async def test_callee_hangs_up_at_once(ari: Ari) -> None:
    channel = await ari.call(mobile(Behaviour.HANGS_UP_AT_ONCE))
    assert (await ari.wait("ChannelDestroyed", channel))["cause"] == 16
    assert "ANSWER" in ari.dial_progress(channel)


async def test_voicemail_ends_its_greeting_with_a_beep(rig: Rig, ari: Ari) -> None:
    number = mobile(Behaviour.VOICEMAIL)
    channel = await ari.call(number)
    await ari.wait("StasisStart", channel)
    await ari.record(channel, "voicemail", seconds=8)
    await ari.hang_up(channel)
    heard = sound.read(rig.switch.recordings_dir / "voicemail.wav")
    assert 0.2 <= sound.seconds_of(heard, 950) <= 0.5
    assert sound.level(heard[:16000]) > 500


async def test_keys_in_both_directions(rig: Rig, ari: Ari) -> None:
    presses = await ari.call(mobile(Behaviour.PRESSES_KEYS, suffix=1590))
    number = mobile(Behaviour.READS_KEYS)
    reads = await ari.call(number)
    await ari.wait("StasisStart", reads)
    await ari.post(f"/channels/{reads}/dtmf", dtmf="2468")

    await ari.wait("ChannelDtmfReceived", presses, count=4)
    keys = [e["digit"] for e in ari.of(presses) if e["type"] == "ChannelDtmfReceived"]
    assert keys == ["1", "5", "9", "0"]
    assert (await ari.wait("ChannelDestroyed", reads))["cause"] == 16
    assert (await logged(rig, number)).digits == "2468"


async def test_people_listen_and_reply(rig: Rig, ari: Ari) -> None:
    keys = {Behaviour.PRESSES_1: "1", Behaviour.PRESSES_2: "2", Behaviour.PRESSES_9: "9"}
    voices = (Behaviour.SAYS_YES, Behaviour.SAYS_NO, Behaviour.TALKS)
    channels = {person: await ari.call(mobile(person)) for person in (*keys, *voices)}
    for channel in channels.values():
        await ari.wait("StasisStart", channel)
        await ari.post(
            f"/channels/{channel}/variable", variable="TALK_DETECT(set)", value="400,300"
        )
    for channel in channels.values():
        await ari.wait("ChannelTalkingFinished", channel)  # "hello"
        await ari.post(f"/channels/{channel}/play", media=f"sound:{rig.sounds_dir}/goodbye")
    for person, key in keys.items():
        assert (await ari.wait("ChannelDtmfReceived", channels[person]))["digit"] == key
    for person in voices:
        await ari.wait("ChannelTalkingStarted", channels[person], count=2)
    assert (await ari.wait("ChannelDestroyed", channels[Behaviour.TALKS]))["cause"] == 16


async def test_agent_and_callee_hear_each_other(rig: Rig, ari: Ari) -> None:
    extension = agent_extension(Behaviour.AGENT_TONE, suffix=3)
    person = mobile(Behaviour.TALKS, suffix=77)
    agent, callee = await ari.dial(f"PJSIP/{extension}"), await ari.call(person)
    for channel in (agent, callee):
        await ari.wait("StasisStart", channel)
    await ari.bridge(agent, callee)
    await _recorded(rig, extension, seconds=3)
    await ari.hang_up(agent)
    await ari.hang_up(callee)
    await logged(rig, person)
    assert sound.seconds_of(sound.read(rig.world.recording(person)), 1000) > 1
    # The agent hears "hello" and no tone of its own.
    heard = sound.read(rig.world.recording(extension))
    assert sound.level(heard) > 300
    assert sound.seconds_of(heard, 1000) == 0
    assert sound.seconds_of(sound.read(rig.world.recording(extension, said=True)), 1000) > 1


async def test_agent_hears_the_tone_of_a_callee(rig: Rig, ari: Ari) -> None:
    extension = agent_extension(suffix=55)  # one without an endpoint of its own
    agent = await ari.call(extension)
    callee = await ari.call(mobile(Behaviour.TONE))
    for channel in (agent, callee):
        await ari.wait("StasisStart", channel)
    await ari.bridge(agent, callee)
    await _recorded(rig, extension, seconds=2)
    await ari.hang_up(agent)
    call = await logged(rig, extension)
    assert call.behaviour is Behaviour.AGENT
    assert sound.seconds_of(sound.read(rig.world.recording(extension)), 1000) > 0.5


async def test_echo_returns_the_agents_tone(rig: Rig, ari: Ari) -> None:
    extension = agent_extension(Behaviour.AGENT_TONE, suffix=4)
    agent, callee = await ari.dial(f"PJSIP/{extension}"), await ari.call(mobile(Behaviour.ECHO))
    for channel in (agent, callee):
        await ari.wait("StasisStart", channel)
    await ari.bridge(agent, callee)
    await _recorded(rig, extension, seconds=2)
    await ari.hang_up(agent)
    await logged(rig, extension)
    assert sound.seconds_of(sound.read(rig.world.recording(extension)), 1000) > 0.5


async def test_callee_hears_an_echoing_agent_after_the_ringback_tone(rig: Rig, ari: Ari) -> None:
    extension = agent_extension(Behaviour.AGENT_ECHO, suffix=1)
    callee = await ari.call(mobile(Behaviour.RINGBACK_TONE, half_seconds=1))
    agent = await ari.dial(f"PJSIP/{extension}")
    for channel in (agent, callee):
        await ari.wait("StasisStart", channel)
    assert ari.dial_progress(callee) == ["", "PROGRESS", "ANSWER"]
    await ari.hang_up(agent)
    await logged(rig, extension)


@pytest.mark.parametrize(
    ("behaviour", "tech_cause"), [(Behaviour.AGENT_ABSENT, 480), (Behaviour.AGENT_BUSY, 486)]
)
async def test_agents_who_do_not_answer(ari: Ari, behaviour: Behaviour, tech_cause: int) -> None:
    agent = await ari.dial(f"PJSIP/{agent_extension(behaviour)}", timeout_s=1)
    assert (await ari.wait("ChannelDestroyed", agent))["tech_cause"] == tech_cause


async def test_the_world_calls_in(rig: Rig, ari: Ari) -> None:
    before = len(rig.world.calls())
    rig.world.dial_in("40012345", mobile(Behaviour.ECHO).removeprefix("+86"))
    while not (found := [e for e in ari.events if e.get("args") == ["inbound", "40012345"]]):
        await ari.next()
    channel = found[0]["channel"]["id"]
    await ari.post(f"/channels/{channel}/answer")
    await ari.hang_up(channel, last="StasisEnd")
    assert len(rig.world.calls()) == before


async def _recorded(rig: Rig, number: str, seconds: float) -> None:
    """Wait until the telephone's recording holds so much."""

    def enough() -> bool:
        try:
            return rig.world.recording(number).stat().st_size > seconds * 16_000
        except InputError:
            return False

    await asyncio.to_thread(rig.world.wait_until, enough, 15.0)
