"""The robot's mouth for one call: speaks, pauses, goes on, and knows what plays.

Speaking never holds the conversation up: prompts are made and sent in a task of their own.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

import numpy as np

from kernel.clock import Clock
from kernel.errors import UnavailableError
from kernel.media import FRAME_SAMPLES, RATE_HZ, MediaStream, Samples
from robot.happenings import Happenings, LineGone, SoundBegan
from robot.rendering import Renderer
from scripts_dsl import Say

#: Looking for the beginning of a phrase, go back no further.
_BACK_SAMPLES = 3 * RATE_HZ
#: So many quiet frames (80 ms) part two phrases; quieter than about -48 dBFS on average is quiet.
_PAUSE_FRAMES = 4
_QUIET = 128


@dataclass(slots=True)
class _Utterance:
    """A prompt on its way.

    Attributes:
        sound: None until it is made.
        start: sample from which the present stretch was, or will be, sent.
        sent_s: when that went out; None before.
        mark: ends the present stretch.
        yields: the caller's voice may still stop it.
    """

    say: Say
    within_s: float
    sound: Samples | None = None
    start: int = 0
    sent_s: float | None = None
    mark: str = ""
    paused: bool = False
    yields: bool = True

    def reached(self, now_s: float) -> int:
        """Sample that the line plays at `now_s`."""
        if self.sound is None or self.sent_s is None:
            return self.start
        return min(len(self.sound), self.start + round((now_s - self.sent_s) * RATE_HZ))


class Mouth:
    """Speaks on one call.

    Args:
        media: the call's audio.
        renderer: makes sounds.
        happenings: hears of `SoundBegan`, of a line that is gone, and of speech that fails.
        clock: tells how far a prompt has come.
    """

    def __init__(
        self, media: MediaStream, renderer: Renderer, happenings: Happenings, clock: Clock
    ) -> None:
        self._media = media
        self._renderer = renderer
        self._happenings = happenings
        self._clock = clock
        self._utterance: _Utterance | None = None
        self._task: asyncio.Task[None] | None = None
        self._stretches = 0
        self._line_holds_sound = False

    @property
    def playing(self) -> Say | None:
        """What is being said, or is paused."""
        return None if self._utterance is None else self._utterance.say

    @property
    def paused(self) -> bool:
        """Whether a prompt waits for the caller to finish."""
        return self._utterance is not None and self._utterance.paused

    @property
    def yields(self) -> bool:
        """Whether the caller's voice may stop what is being said.

        A prompt yields once: a noisy line may delay it, but not hold it up for ever.
        """
        spoken = self._utterance
        return spoken is not None and spoken.say.interruptible and spoken.yields

    async def say(self, say: Say, within_s: float) -> None:
        """Speak instead of whatever is playing; the sound must be made `within_s` seconds."""
        await self.hush()
        self._utterance = _Utterance(say, within_s)
        self._go(self._utterance)

    async def pause(self) -> float:
        """Be silent, and keep the place; returns how many seconds are left to say."""
        spoken = self._utterance
        assert spoken is not None
        reached = spoken.reached(self._clock.monotonic())
        await self._silence()
        spoken.paused, spoken.yields, spoken.sent_s = True, False, None
        if spoken.sound is None:
            return float("inf")
        spoken.start = phrase_start(spoken.sound, reached)
        return (len(spoken.sound) - reached) / RATE_HZ

    def resume(self) -> None:
        """Go on from the beginning of the phrase that was interrupted."""
        assert self._utterance is not None
        self._utterance.paused = False
        self._go(self._utterance)

    async def hum(self, sound: Samples) -> None:
        """Play music, again and again, while the caller waits."""
        await self.hush()
        self._task = self._happenings.start("music", partial(self._repeat, sound))

    async def hush(self) -> None:
        """Be silent at once and for good."""
        self._utterance = None
        await self._silence()

    def finished(self, mark: str) -> Say | None:
        """A mark came back: the prompt that it ends, if it does."""
        spoken = self._utterance
        if spoken is None or spoken.paused or spoken.mark != mark:
            return None
        self._utterance = None
        self._line_holds_sound = False
        return spoken.say

    def played_at(self, at_s: float) -> Samples | None:
        """The 20 ms that the line played up to `at_s`, to tell echo from the caller."""
        spoken = self._utterance
        if spoken is None or spoken.sound is None or spoken.sent_s is None:
            return None
        first = spoken.start + round((at_s - spoken.sent_s) * RATE_HZ) - FRAME_SAMPLES
        if not 0 <= first <= len(spoken.sound) - FRAME_SAMPLES:
            return None
        return spoken.sound[first : first + FRAME_SAMPLES]

    def _go(self, spoken: _Utterance) -> None:
        # A mark of each stretch's own: a late one must not end the next stretch.
        self._stretches += 1
        spoken.mark = f"{spoken.say.prompt_id}/{self._stretches}"
        self._task = self._happenings.start("speak", partial(self._speak, spoken))

    async def _speak(self, spoken: _Utterance) -> None:
        if spoken.sound is None:
            spoken.sound = await self._renderer.sound(spoken.say, spoken.within_s)
        spoken.sent_s = self._clock.monotonic()
        await self._happenings.put(SoundBegan(spoken.say.prompt_id))
        await self._send(spoken.sound[spoken.start :])
        await self._media.mark(spoken.mark)

    async def _repeat(self, sound: Samples) -> None:
        # One round ahead, so that a late timer makes no hole.
        await self._send(sound)
        while True:
            await self._send(sound)
            await self._clock.sleep(len(sound) / RATE_HZ)

    async def _send(self, sound: Samples) -> None:
        if not len(sound):
            return
        self._line_holds_sound = True
        try:
            await self._media.send(sound)
        except UnavailableError:
            await self._happenings.put(LineGone())

    async def _silence(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        if self._line_holds_sound:
            self._line_holds_sound = False
            await self._media.flush()


def phrase_start(sound: Samples, reached: int) -> int:
    """Where the phrase began that is playing at sample `reached`.

    After the last pause of at least 80 ms within the 3 s before it; without one, where the
    prompt begins, if that is within these 3 s, and else at `reached` itself.
    """
    count = min(reached, _BACK_SAMPLES) // FRAME_SAMPLES
    if not count:
        return 0
    first = reached - count * FRAME_SAMPLES
    frames = sound[first:reached].reshape(count, FRAME_SAMPLES).astype(np.int32)
    quiet = np.abs(frames).mean(axis=1) < _QUIET
    pauses = np.convolve(quiet, np.ones(_PAUSE_FRAMES), "full")[:count] >= _PAUSE_FRAMES
    ends = np.flatnonzero(pauses)
    if len(ends):
        return first + (int(ends[-1]) + 1) * FRAME_SAMPLES
    return 0 if reached <= _BACK_SAMPLES else reached
