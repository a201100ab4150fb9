"""Voices of the simulated world: real speech, rendered before the first call."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from kernel.errors import DefectError
from kernel.media import RATE_HZ, Samples
from robot.tts import Speech, Voice

#: What people, machines and announcements of the simulated switch say.
PHRASES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "hello": ("zh", "喂"),
    "voicemail": (
        "zh",
        "您好，您拨打的用户暂时无法接听您的电话，请在嘀声后留下您的姓名和电话号码，我们会尽快给您回电。",
    ),
    "vacant": ("zh", "您好，您所拨打的号码是空号，请核对后再拨。"),
    "switched-off": ("zh", "您好，您所拨打的电话已关机，请稍后再拨。"),
})
_BEEP_HZ, _BEEP_S, _BEEP_PEAK = 950.0, 0.4, 10_000


class SpokenVoices:
    """`Voices` of the simulated switch from rendered speech.

    Args:
        sounds: sound of every word, int16 at 8 kHz.
    """

    def __init__(self, sounds: Mapping[str, Samples]) -> None:
        self._sounds = sounds

    def say(self, word: str) -> Samples:
        """See `Voices`."""
        sound = self._sounds.get(word)
        if sound is None:
            raise DefectError(f"the simulated world has no sound for {word!r}")
        return sound


async def render_voices(speech: Speech, words: tuple[str, ...]) -> SpokenVoices:
    """Speak everything that the simulated world says.

    Args:
        speech: renders it.
        words: further words, said as they stand (Chinese or English).
    """
    sounds: dict[str, Samples] = {"beep": _beep()}
    for name, (language, text) in PHRASES.items():
        voice = Voice("zh" if language == "zh" else "en", "f2")
        sounds[name] = (await speech.synthesize(text, voice)).samples
    for word in words:
        voice = Voice("en" if word.isascii() else "zh", "m3")
        sounds[word] = (await speech.synthesize(word, voice)).samples
    return SpokenVoices(sounds)


def _beep() -> Samples:
    at = np.arange(round(_BEEP_S * RATE_HZ)) / RATE_HZ
    return (np.sin(2 * np.pi * _BEEP_HZ * at) * _BEEP_PEAK).astype(np.int16)
