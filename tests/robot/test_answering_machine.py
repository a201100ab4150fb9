from __future__ import annotations

import numpy as np
import pytest

from robot.answering_machine import Answerer, AnswererDetector, BeepDetector
from robot.audio import Audio, Samples, frames, to_int16
from tests.robot.test_audio import tone


def silence(seconds: float) -> Samples:
    hiss = np.random.default_rng(3).normal(0, 8, int(8000 * seconds))
    return to_int16(hiss)


def judge(*parts: Samples, answered_at_s: float = 0.0) -> tuple[Answerer | None, float]:
    """The verdict and the seconds after the answer it took."""
    detector = AnswererDetector(answered_at_s)
    at_s = answered_at_s
    for frame in frames(Audio(8000, np.concatenate(parts))):
        verdict = detector.push(frame, at_s)
        at_s += 0.02
        if verdict is not None:
            return verdict, at_s - answered_at_s
    return None, at_s - answered_at_s


@pytest.mark.parametrize("name", ["hello", "english hello"])
@pytest.mark.parametrize("answered_at_s", [0.0, 12345.67])
def test_a_short_hello_and_a_pause_is_a_person(
    spoken: dict[str, Audio], name: str, answered_at_s: float
) -> None:
    hello = spoken[name]
    verdict, after_s = judge(silence(0.4), hello.samples, silence(2), answered_at_s=answered_at_s)
    assert verdict is Answerer.HUMAN
    assert after_s < 0.4 + hello.duration_s + 0.7


def test_a_long_greeting_is_a_machine(spoken: dict[str, Audio]) -> None:
    assert spoken["greeting"].duration_s > 6
    verdict, after_s = judge(silence(0.3), spoken["greeting"].samples)
    assert verdict is Answerer.MACHINE
    assert after_s < 4.5


@pytest.mark.parametrize("hz", [440.0, 850.0, 1000.0, 1400.0, 2000.0])
def test_a_beep_after_a_short_greeting_is_a_machine(spoken: dict[str, Audio], hz: float) -> None:
    verdict, after_s = judge(
        spoken["hello"].samples, silence(0.3), tone(hz, 0.4, peak=6000).samples, silence(2)
    )
    assert verdict is Answerer.MACHINE
    assert after_s < spoken["hello"].duration_s + 0.3 + 0.25


def test_a_tone_before_any_speech_is_not_yet_a_machine(spoken: dict[str, Audio]) -> None:
    ringback = tone(450, 1.0, peak=4000).samples
    verdict, _ = judge(ringback, silence(0.5), spoken["hello"].samples, silence(1))
    assert verdict is Answerer.HUMAN


def test_silence_or_a_click_stays_unknown_at_the_limit() -> None:
    click = np.zeros(400, np.int16)
    click[100:140] = 20000
    for parts in ([silence(6)], [silence(1), click, silence(6)]):
        verdict, after_s = judge(*parts)
        assert verdict is Answerer.UNKNOWN
        assert after_s == pytest.approx(5.0, abs=0.03)


def test_a_call_without_frames_is_decided_at_the_deadline() -> None:
    detector = AnswererDetector(7.0)
    assert detector.deadline_s == 12.0
    assert detector.tick(11.99) is None
    assert detector.tick(12.0) is Answerer.UNKNOWN


def test_a_verdict_stands(spoken: dict[str, Audio]) -> None:
    detector = AnswererDetector(0.0)
    sound = np.concatenate([spoken["hello"].samples, silence(1), spoken["greeting"].samples])
    verdicts = [
        detector.push(frame, n * 0.02) for n, frame in enumerate(frames(Audio(8000, sound)))
    ]
    assert set(verdicts) == {None, Answerer.HUMAN}
    assert detector.tick(100.0) is Answerer.HUMAN


@pytest.mark.parametrize("name", ["greeting", "prompt", "hello", "english hello"])
def test_speech_is_not_a_beep(spoken: dict[str, Audio], name: str) -> None:
    detector = BeepDetector()
    assert not any(detector.push(frame) for frame in frames(spoken[name]))


def test_beeps_need_150_ms_of_one_pitch() -> None:
    assert not any(BeepDetector().push(f) for f in frames(Audio(8000, silence(1))))
    short = BeepDetector()
    assert not any(short.push(f) for f in frames(tone(1000, 0.12, peak=6000)))
    whole = BeepDetector()
    assert [whole.push(f) for f in frames(tone(1000, 0.2, peak=6000))].index(True) == 7
    sliding = BeepDetector()
    t = np.arange(8000) / 8000
    sweep = to_int16(6000 * np.sin(2 * np.pi * (500 * t + 800 * t**2)))
    assert not any(sliding.push(f) for f in frames(Audio(8000, sweep)))
