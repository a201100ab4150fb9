"""Stored prompts that the product itself needs, spoken once into the prompt folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dialer.campaign_runner import ABANDONMENT_PROMPT
from robot.audio import TELEPHONE_HZ, Audio
from robot.prompts import write_wav
from robot.tts import Speech, Voice

#: What somebody hears who answered and for whom nobody was free in time.
_ABANDONMENT = (
    ("zh", "您好，非常抱歉，现在没有空闲的坐席，我们会再与您联系，再见。"),
    ("en", "Sorry, nobody is free to talk to you right now. We will call again. Goodbye."),
)
_PAUSE_S = 0.4


async def ensure_messages(folder: Path, speech: Speech) -> None:
    """Speak what is missing; a recording put there by the user is never replaced.

    Raises:
        UnavailableError: the folder cannot be written, or speech does not answer.
    """
    path = folder / f"{ABANDONMENT_PROMPT}.wav"
    if path.is_file():
        return
    pause = np.zeros(round(_PAUSE_S * TELEPHONE_HZ), np.int16)
    parts: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
    for language, text in _ABANDONMENT:
        spoken = await speech.synthesize(text, Voice("zh" if language == "zh" else "en"))
        parts += [spoken.samples, pause]
    write_wav(path, Audio(TELEPHONE_HZ, np.concatenate(parts)))
