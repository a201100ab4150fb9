"""Twins of `Speech` and `Hearing` for virtual time, where no process and no thread can run.

A word is a sound of its own pitch that the real voice detector takes for speech; the ear finds a
word only when all of its sound was brought to it, and only among the phrases it was told to
listen for.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from scipy.signal import correlate, lfilter

from kernel.errors import UnavailableError
from kernel.media import RATE_HZ, Samples
from robot.audio import Audio
from robot.hearing import Heard, Partial, Recognizer
from robot.tts import Language, Voice


@cache
def voiced(pitch_hz: float, seconds: float) -> Samples:
    """A vowel: pulses of the glottis through the resonances of a mouth."""
    count = round(seconds * RATE_HZ)
    pulses = np.zeros(count)
    pulses[(np.arange(0, count * pitch_hz / RATE_HZ) * RATE_HZ / pitch_hz).astype(int)] = 1.0
    for centre_hz, width_hz in ((700, 110), (1200, 120), (2600, 160)):
        radius = np.exp(-np.pi * width_hz / RATE_HZ)
        angle = 2 * np.pi * centre_hz / RATE_HZ
        pulses = lfilter([1.0], [1.0, -2 * radius * np.cos(angle), radius**2], pulses)
    sound: Samples = (pulses / np.abs(pulses).max() * 12000).astype(np.int16)
    return sound


@cache
def word(text: str) -> Samples:
    """The caller's voice saying `text`: 0.5 s, in a pitch that belongs to the text."""
    return voiced(140.0 + sum(text.encode()) * 7 % 180, 0.5)


class ToyVoice:
    """`Speech`: 0.1 s of sound for each character, made `delay_s` after it is wanted."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.fails_from_text: str | None = None

    async def version(self) -> str:
        return "toy"

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        if self.fails_from_text is not None and self.fails_from_text in text:
            raise UnavailableError("the speech worker failed twice")
        await asyncio.sleep(self.delay_s)
        sound = voiced(100.0, 0.1 * len(text)) if text else np.zeros(0, np.int16)
        return Audio(RATE_HZ, sound)


@dataclass
class ToyEar:
    """`Hearing` of words made by `word`."""

    can_hear: bool = True
    frames: int = 0
    listened_for: list[tuple[str, ...]] = field(default_factory=list)

    def start(self, phrases: tuple[str, ...], language: Language) -> Recognizer:
        self.listened_for.append(phrases)
        return _ToyRecognizer(self, phrases)


class _ToyRecognizer:
    def __init__(self, ear: ToyEar, phrases: tuple[str, ...]) -> None:
        self._ear = ear
        self._phrases = phrases
        self._heard: list[Samples] = []

    def push(self, frame: Samples) -> Partial | None:
        self._ear.frames += 1
        self._heard.append(frame)
        return None

    def finish(self) -> Heard:
        sound = np.concatenate(self._heard).astype(float)
        found = [(_likeness(sound, word(text)), text) for text in self._phrases]
        self.reset()
        best, text = max(found)
        return Heard(text, 0.9) if best > 0.9 else Heard("", 0.0)

    def reset(self) -> None:
        self._heard = []


def _likeness(sound: np.ndarray, of: Samples) -> float:
    """1 where all of `of` lies in `sound`."""
    if len(sound) < len(of):
        return 0.0
    wanted = of.astype(float)
    return float(correlate(sound, wanted, "valid").max() / np.square(wanted).sum())
