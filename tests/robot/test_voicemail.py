from __future__ import annotations

import numpy as np
import pytest

from kernel.media import FRAME_SAMPLES, Samples
from robot.voicemail import GreetingEnd
from telephony_adapter.simulated.voices import tone
from tests.robot.scripted_line import FRAME_S
from tests.robot.toy_senses import voiced


def message_due_s(*sounds: tuple[Samples, bool], beep: bool = False) -> float | None:
    """When the machine is found to listen; each sound is speech or not."""
    waiting, now_s = GreetingEnd(0.0, beep=beep), 0.0
    for sound, speech in sounds:
        for frame in sound.reshape(-1, FRAME_SAMPLES):
            if waiting.push(frame, now_s, speech=speech):
                return now_s + FRAME_S
            now_s += FRAME_S
    return None


def quiet(seconds: float) -> tuple[Samples, bool]:
    return np.zeros(round(seconds * 8000), np.int16), False


def talk(seconds: float) -> tuple[Samples, bool]:
    return voiced(200.0, seconds), True


def test_a_greeting_is_over_after_a_long_silence() -> None:
    assert message_due_s(talk(2.0), quiet(1.0), talk(1.0), quiet(3.0)) == pytest.approx(5.5)


def test_a_beep_is_awaited_to_its_end() -> None:
    beep = (tone(1000, 0.6), False)
    assert message_due_s(talk(1.0), quiet(1.0), beep, quiet(1.0)) == pytest.approx(2.62)
    rest = (tone(1000, 0.4), False)
    assert message_due_s(rest, quiet(1.0), beep=True) == pytest.approx(0.42)


def test_a_machine_that_never_stops_is_spoken_to_in_the_end() -> None:
    assert message_due_s(talk(44.0)) is None
    assert message_due_s(talk(50.0)) == pytest.approx(45.0, abs=0.05)
