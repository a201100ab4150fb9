"""The robot's mouth for one call: prompts to sound, sound to the line, and knowing what plays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import structlog

from kernel.errors import InputError
from kernel.media import FRAME_SAMPLES, RATE_HZ, MediaStream, Samples
from robot.audio import Audio
from robot.prompts import load_prompt
from robot.tts import Language, Speech, Voice
from scripts_dsl import Say, Text, Wav

log = structlog.get_logger(__name__)


class Mouth:
    """Speaks on one call.

    Args:
        media: the call's audio.
        speech: for texts.
        prompts: folder of recorded prompts.
    """

    def __init__(self, media: MediaStream, speech: Speech, prompts: Path) -> None:
        self._media = media
        self._speech = speech
        self._prompts = prompts
        self._playing: Say | None = None
        self._sound: Samples = np.zeros(0, np.int16)
        self._began_s = 0.0

    @property
    def playing(self) -> Say | None:
        """What is being said."""
        return self._playing

    async def say(self, say: Say, now_s: float) -> None:
        """Speak instead of whatever is playing; `MarkReached(prompt_id)` tells the end."""
        await self.hush()
        sound = await self._sound_of(say)
        self._playing, self._sound, self._began_s = say, sound, now_s
        if len(sound):
            await self._media.send(sound)
        await self._media.mark(say.prompt_id)

    async def hum(self, sound: Samples) -> None:
        """Play music while the caller waits."""
        await self.hush()
        await self._media.send(sound)

    async def hush(self) -> None:
        """Be silent at once."""
        self._playing = None
        await self._media.flush()

    def finished(self, prompt_id: str) -> bool:
        """A mark came back: whether it ends what is playing."""
        if self._playing is None or self._playing.prompt_id != prompt_id:
            return False
        self._playing = None
        return True

    def played_at(self, at_s: float) -> Samples | None:
        """The 20 ms that the line played at `at_s`, for telling echo from the caller."""
        if self._playing is None:
            return None
        start = round((at_s - self._began_s) * RATE_HZ)
        frame = self._sound[max(0, start) : start + FRAME_SAMPLES]
        return frame if len(frame) == FRAME_SAMPLES else None

    async def _sound_of(self, say: Say) -> Samples:
        language: Language = "zh" if say.language == "zh" else "en"
        parts = [await self._part(part, Voice(language)) for part in say.parts]
        return np.concatenate([part.samples for part in parts]) if parts else self._sound[:0]

    async def _part(self, part: Text | Wav, voice: Voice) -> Audio:
        if isinstance(part, Wav):
            try:
                return load_prompt(self._prompts / part.file)
            except InputError as error:
                # A recording that went missing is read out instead: the call must go on.
                log.warning("recorded prompt missing", error=str(error))
                return await self._speech.synthesize(part.text, voice)
        return await self._speech.synthesize(part.text, voice)
