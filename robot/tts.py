"""Speaking: text to telephone sound.

`Pyttsx3Speech` drives pyttsx3 in one supervised process (`robot.tts_worker`), because pyttsx3
loses sound or hangs with more than one engine or thread.
"""

from __future__ import annotations

import asyncio
import re
import sys
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self, TypeVar

import numpy as np

from kernel.errors import InputError, UnavailableError
from kernel.service import TaskOwner
from robot.audio import TELEPHONE_HZ, Audio
from robot.prompts import load_prompt
from robot.speech_worker import SpeechWorker, WorkerLostError

T = TypeVar("T")
Language = Literal["zh", "en"]

LONGEST_TEXT = 1000
_ESPEAK_VOICES: dict[Language, str] = {"zh": "cmn", "en": "gmw/en"}
_VARIANT = re.compile(r"[A-Za-z0-9]{0,20}", re.ASCII)
_RATES_WPM = range(80, 451)
_PITCHES = range(100)
_WORKER = (sys.executable, "-m", "robot.tts_worker")


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, and how.

    Attributes:
        language: of the text; the Mandarin voice also reads English words.
        variant: eSpeak NG voice variant, such as "f2"; empty is the plain voice.
        rate_wpm: pace in words per minute, 80 to 450.
        pitch: 0 (low) to 99.

    Raises:
        InputError: a value outside these.
    """

    language: Language
    variant: str = ""
    rate_wpm: int = 170
    pitch: int = 50

    def __post_init__(self) -> None:
        if self.language not in _ESPEAK_VOICES:
            raise InputError(f"voice language {self.language!r} is not known; use zh or en")
        if not _VARIANT.fullmatch(self.variant):
            raise InputError("a voice variant is up to 20 letters and digits, such as f2")
        if self.rate_wpm not in _RATES_WPM or self.pitch not in _PITCHES:
            raise InputError("a voice's pace is 80 to 450 words per minute, its pitch 0 to 99")

    @property
    def espeak_name(self) -> str:
        """The name eSpeak NG knows it by."""
        suffix = f"+{self.variant}" if self.variant else ""
        return _ESPEAK_VOICES[self.language] + suffix


class Speech(Protocol):
    """An engine that speaks."""

    async def version(self) -> str:
        """Names engine and version; another version may sound different."""
        ...

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        """Speak `text`: 8 kHz sound, empty when nothing in the text can be spoken.

        Raises:
            InputError: the text is too long, or the engine has no such voice.
            UnavailableError: the engine does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """How long to wait for the worker: for one text, and for its start."""

    deadline_s: float = 5.0
    start_s: float = 15.0


def speakable(text: str) -> str:
    """The text without what could steer the engine instead of being read.

    Control and format characters go (eSpeak takes Ctrl-A as the start of a command), white
    space becomes single blanks. Markup stays text: the worker reads without SSML.

    Raises:
        InputError: more than `LONGEST_TEXT` characters are left.
    """
    kept = "".join(" " if ch.isspace() else ch for ch in text)
    kept = "".join(ch for ch in kept if unicodedata.category(ch) not in {"Cc", "Cf", "Cs", "Co"})
    kept = " ".join(kept.split())
    if len(kept) > LONGEST_TEXT:
        raise InputError(
            f"a text of {len(kept)} characters is too long to speak; split it below {LONGEST_TEXT}"
        )
    return kept


class Pyttsx3Speech:
    """Speaks with pyttsx3 in a worker process that is started on first use.

    A worker that dies or misses its deadline is killed and replaced, and the text tried once
    more. Use as an async context manager, or call `aclose`.

    Args:
        options: deadlines.
        command: starts the worker; tests put broken ones here.
    """

    def __init__(
        self, options: SpeechOptions = SpeechOptions(), command: Sequence[str] = _WORKER
    ) -> None:
        self._options = options
        self._command = command
        self._one_at_a_time = asyncio.Lock()
        self._worker: SpeechWorker | None = None
        self._endings = TaskOwner("speech")

    async def __aenter__(self) -> Self:
        """Nothing starts before the first text."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the worker."""
        await self.aclose()

    async def version(self) -> str:
        """As the worker says; starts it when need be."""
        return await self._persistently(self._introduction)

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        """See `Speech.synthesize`."""
        clean = speakable(text)
        if not clean:
            return Audio(TELEPHONE_HZ, np.zeros(0, np.int16))
        return await self._persistently(lambda: self._attempt(clean, voice))

    async def aclose(self) -> None:
        """End the worker; a later text would start a new one."""
        async with self._one_at_a_time:
            await self._end_worker()
        await self._endings.settle()

    async def _persistently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        async with self._one_at_a_time:
            try:
                return await attempt()
            except WorkerLostError:
                await self._end_worker()
            try:
                return await attempt()
            except WorkerLostError as error:
                await self._end_worker()
                raise UnavailableError(f"the speech worker failed twice: {error}") from error

    async def _introduction(self) -> str:
        return (await self._running()).version

    async def _attempt(self, text: str, voice: Voice) -> Audio:
        worker = await self._running()
        try:
            async with asyncio.timeout(self._options.deadline_s):
                path = await worker.speak(
                    text, voice=voice.espeak_name, rate_wpm=voice.rate_wpm, pitch=voice.pitch
                )
        except TimeoutError:
            raise WorkerLostError(f"no sound after {self._options.deadline_s:g} s") from None
        try:
            return await asyncio.to_thread(load_prompt, path)
        except InputError as error:
            raise WorkerLostError(str(error)) from None
        finally:
            path.unlink(missing_ok=True)

    async def _running(self) -> SpeechWorker:
        if self._worker is None:
            # Known before its greeting, so that a failed or cancelled start is ended, too.
            self._worker = await SpeechWorker.spawn(self._command)
        if not self._worker.version:
            await self._greet(self._worker)
        return self._worker

    async def _greet(self, worker: SpeechWorker) -> None:
        try:
            async with asyncio.timeout(self._options.start_s):
                await worker.greet()
        except TimeoutError:
            raise WorkerLostError(f"no greeting after {self._options.start_s:g} s") from None

    async def _end_worker(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            # A caller who hangs up now must not leave a killed process unburied.
            await asyncio.shield(self._endings.start("end", worker.end()))
