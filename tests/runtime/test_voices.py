from __future__ import annotations

import numpy as np
import pytest

from kernel.errors import DefectError
from runtime.voices import PHRASES, render_voices
from tests.runtime.silent_speech import HummingSpeech


async def test_everything_that_the_world_says_has_a_sound() -> None:
    speech = HummingSpeech()
    voices = await render_voices(speech, ("是的", "one"))
    for word in (*PHRASES, "beep", "是的", "one"):
        sound = voices.say(word)
        assert sound.dtype == np.int16
        assert np.abs(sound).max() > 0
    languages = {text: voice.language for text, voice in speech.said}
    assert (languages["是的"], languages["one"]) == ("zh", "en")


async def test_a_beep_is_one_tone() -> None:
    beep = (await render_voices(HummingSpeech(), ())).say("beep")
    spectrum = np.abs(np.fft.rfft(beep))
    assert spectrum.argmax() * 8000 / len(beep) == pytest.approx(950, abs=5)
    assert spectrum.max() > 0.9 * np.sqrt((spectrum**2).sum())


async def test_a_word_without_sound_is_our_defect() -> None:
    voices = await render_voices(HummingSpeech(), ())
    with pytest.raises(DefectError, match="'one'"):
        voices.say("one")
