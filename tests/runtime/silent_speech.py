"""Speech that costs nothing: every character is a tenth of a second of a quiet hum."""

from __future__ import annotations

import numpy as np

from robot.audio import TELEPHONE_HZ, Audio
from robot.tts import Voice


class HummingSpeech:
    """`Speech` that remembers what it was asked to say."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Voice]] = []

    async def version(self) -> str:
        return "hum 1"

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        self.said.append((text, voice))
        samples = np.full(len(text) * TELEPHONE_HZ // 10, 100, np.int16)
        return Audio(TELEPHONE_HZ, samples)
