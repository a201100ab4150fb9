"""Detector and turns together on real speech: what the caller waits for."""

from __future__ import annotations

import numpy as np
import pytest

from robot.audio import FRAME_S, Audio, Samples, frames, to_int16
from robot.endpointing import SpeechEnded, SpeechStarted, TurnDetector, TurnEvent, TurnRules
from robot.vad import VoiceDetector

LINE_NOISE = 12


def on_the_line(*parts: Samples) -> Audio:
    sound = np.concatenate(parts)
    noise = np.random.default_rng(7).normal(0, LINE_NOISE, len(sound))
    return Audio(8000, to_int16(sound + noise))


def pause(seconds: float) -> Samples:
    return np.zeros(int(8000 * seconds), np.int16)


def trimmed(audio: Audio) -> Samples:
    audible = np.flatnonzero(np.abs(audio.samples) > 300)
    return audio.samples[audible[0] : audible[-1] + 1]


def listen(
    sound: Audio, turns: TurnDetector, played: Audio | None = None
) -> list[tuple[float, TurnEvent]]:
    voice = VoiceDetector()
    robot = list(frames(played)) if played else []
    events = []
    for n, heard in enumerate(frames(sound)):
        speech = voice.push(heard, robot[n] if n < len(robot) else None)
        found = turns.push(n * FRAME_S, speech=speech)
        events += [((n + 1) * FRAME_S, event) for event in found]
    return events


@pytest.mark.parametrize("name", ["no", "hello", "english hello"])
@pytest.mark.parametrize("silence_ms", [300, 500])
def test_the_end_of_an_answer_is_known_soon_after_it(
    spoken: dict[str, Audio], name: str, silence_ms: int
) -> None:
    answer = trimmed(spoken[name])
    sound = on_the_line(pause(0.5), answer, pause(1.5))
    (_, started), (known_at, ended) = listen(sound, TurnDetector(TurnRules(silence_ms)))
    assert isinstance(started, SpeechStarted)
    assert isinstance(ended, SpeechEnded)
    assert started.at_s == pytest.approx(0.5, abs=0.12)
    stopped_s = 0.5 + len(answer) / 8000
    assert known_at - stopped_s < silence_ms / 1000 + 0.15


def test_a_caller_who_interrupts_is_noticed_in_time(spoken: dict[str, Audio]) -> None:
    prompt = spoken["prompt"]
    caller = trimmed(spoken["greeting"])[:16000]
    echo = to_int16(prompt.samples[: 8 * 5000] * 0.05)
    sound = echo.copy()
    sound[20000 : 20000 + len(caller)] += caller
    turns = TurnDetector()
    turns.prompt_started(0.0)
    (known_at, started), *_ = listen(on_the_line(sound), turns, prompt)
    assert isinstance(started, SpeechStarted)
    assert 2.5 <= started.at_s < 2.8
    assert known_at - 2.5 < 0.4


def test_the_robots_own_echo_opens_no_turn(spoken: dict[str, Audio]) -> None:
    prompt = spoken["prompt"]
    echo = np.concatenate([pause(0.06), to_int16(prompt.samples * 0.12)])
    turns = TurnDetector()
    turns.prompt_started(0.0)
    assert listen(on_the_line(echo), turns, prompt) == []
