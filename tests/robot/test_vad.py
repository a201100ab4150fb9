from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from robot.audio import FRAME_SAMPLES, Audio, Samples, frames, level_dbfs, to_int16
from robot.vad import EchoEstimate, VoiceDetector, VoiceOptions

SILENT = np.zeros(FRAME_SAMPLES, np.int16)


def cut(samples: Samples) -> list[Samples]:
    return list(frames(Audio(8000, samples)))


def at_level(samples: Samples, dbfs: float) -> Samples:
    loud = samples[np.abs(samples) > 300]
    return to_int16(samples * 10 ** ((dbfs - level_dbfs(loud)) / 20))


def delayed(samples: Samples, loss_db: float, delay_ms: int = 40) -> Samples:
    late = np.concatenate([np.zeros(8 * delay_ms, np.int16), samples])[: len(samples)]
    return to_int16(late * 10 ** (-loss_db / 20))


def test_finds_speech_and_nothing_in_silence(spoken: dict[str, Audio]) -> None:
    detector = VoiceDetector()
    assert not any(detector.push(SILENT) for _ in range(50))
    voiced = [detector.push(frame) for frame in cut(spoken["prompt"].samples)]
    assert sum(voiced) > 0.7 * len(voiced)


def test_quiet_noise_is_not_speech() -> None:
    noise = np.random.default_rng(1).normal(0, 30, 8000)
    assert not any(VoiceDetector().push(frame) for frame in cut(to_int16(noise)))


@pytest.mark.parametrize("loss_db", [12, 20, 30])
def test_the_robots_echo_is_not_taken_for_a_caller(
    spoken: dict[str, Audio], loss_db: float
) -> None:
    played = at_level(spoken["prompt"].samples, -18)
    detector = VoiceDetector()
    heard = cut(delayed(played, loss_db))
    found = [detector.push(h, p) for h, p in zip(heard, cut(played), strict=True)]
    # Where it has learned the line, no stretch of twelve frames holds ten votes.
    votes = np.convolve(found[30:], np.ones(12))
    assert votes.max() < 10
    # WebRTC's detector alone would have interrupted the robot.
    alone = VoiceDetector()
    deceived = np.convolve([alone.push(frame) for frame in heard], np.ones(12))
    assert deceived.max() >= 10 or loss_db == 30


def test_a_caller_is_heard_through_the_echo(spoken: dict[str, Audio]) -> None:
    played = at_level(spoken["prompt"].samples, -20)
    caller = at_level(spoken["greeting"].samples[: len(played) - 8000], -20)
    heard = delayed(played, 25)
    heard[8000 : 8000 + len(caller)] += caller
    detector = VoiceDetector()
    found = [detector.push(h, p) for h, p in zip(cut(heard), cut(played), strict=True)]
    votes = np.convolve(found[50:], np.ones(12))
    assert votes.max() >= 10


def test_the_echo_fades_after_the_prompt() -> None:
    echo = EchoEstimate(VoiceOptions())
    first = echo.push(-60, -10)
    later = [echo.push(-60, None) for _ in range(60)]
    assert first == pytest.approx(-30)
    assert all(a >= b for a, b in pairwise(later))
    assert later[-1] < -90


def test_coupling_is_learned_within_its_limits() -> None:
    echo = EchoEstimate(VoiceOptions())
    assert [echo.push(-96, -10) for _ in range(200)][-1] == pytest.approx(-50)
    assert [echo.push(-10, -10) for _ in range(2000)][-1] == pytest.approx(-16)


def test_frames_must_be_20_ms() -> None:
    with pytest.raises(ValueError, match="160 samples"):
        VoiceDetector().push(np.zeros(80, np.int16))
