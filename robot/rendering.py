"""From what the script wants said to sound: recordings from a folder, the rest by speech."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import structlog

from kernel.errors import InputError, UnavailableError
from kernel.media import Samples
from robot.prompts import load_prompt
from robot.tts import Speech, Voice
from scripts_dsl import Say, Text, Wav

log = structlog.get_logger(__name__)

_SILENCE: Samples = np.zeros(0, np.int16)


class Renderer:
    """Makes the sound of prompts, for every call of one robot.

    A recording is read once and again when its file changes.

    Args:
        speech: speaks texts.
        recordings: folder of recorded prompts.
    """

    def __init__(self, speech: Speech, recordings: Path) -> None:
        self._speech = speech
        self._folder = recordings.absolute()
        self._read: dict[str, tuple[int, Samples]] = {}

    async def sound(self, say: Say, within_s: float) -> Samples:
        """The whole prompt: int16, 8 kHz, shape (n,); empty when nothing in it can be spoken.

        Raises:
            InputError: a recording is missing and has no words, or a text is too long.
            UnavailableError: no sound after `within_s` seconds, or speech is out of order.
        """
        voice = Voice("zh" if say.language == "zh" else "en")
        try:
            async with asyncio.timeout(within_s):
                parts = [await self._part(part, voice) for part in say.parts]
        except TimeoutError:
            raise UnavailableError(
                f"prompt {say.prompt_id} had no sound after {within_s:g} s; is speech overloaded?"
            ) from None
        return np.concatenate(parts) if parts else _SILENCE

    async def _part(self, part: Text | Wav, voice: Voice) -> Samples:
        if isinstance(part, Wav):
            try:
                return self._recording(part.file)
            except InputError as error:
                # It is read out instead: the call must go on, but not in silence.
                if not part.text.strip():
                    raise
                log.warning("recorded prompt missing", error=str(error))
        return (await self._speech.synthesize(part.text, voice)).samples

    def _recording(self, name: str) -> Samples:
        path = self._folder / name
        if ".." in path.parts or not path.is_relative_to(self._folder):
            raise InputError(f"{name}: recorded prompts lie in the prompt folder")
        try:
            changed_ns = path.stat().st_mtime_ns
        except OSError:
            changed_ns = -1  # `load_prompt` says what is wrong
        known = self._read.get(name)
        if known is None or known[0] != changed_ns:
            known = changed_ns, load_prompt(path).samples
            self._read[name] = known
        return known[1]
