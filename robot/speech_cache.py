"""Spoken texts kept in a folder and in memory, so that fixed lines cost nothing on a call."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path

import structlog

from kernel.errors import InputError, UnavailableError
from kernel.service import TaskOwner
from robot.audio import Audio
from robot.prompts import load_prompt, write_wav
from robot.tts import Speech, Voice

_log = structlog.get_logger(__name__)


class SpeechCache:
    """A `Speech` that asks its engine once per text, voice and engine version.

    The key is made of those three and never of the sound: eSpeak's output differs by a few
    samples from run to run. Callers who ask for the same text at the same time share one
    synthesis.

    Args:
        engine: speaks what is not kept yet.
        folder: holds one WAV file per text; made when missing.
        memory_items: how many sounds stay in memory, the least recently used go first.
    """

    def __init__(self, engine: Speech, folder: Path, memory_items: int = 512) -> None:
        self._engine = engine
        self._folder = folder
        self._memory_items = memory_items
        self._memory: OrderedDict[str, Audio] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[Audio]] = {}
        self._tasks = TaskOwner("speech-cache")
        self._version = ""

    async def version(self) -> str:
        """The engine's, asked once."""
        if not self._version:
            self._version = await self._engine.version()
        return self._version

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        """See `Speech.synthesize`."""
        key = self._key(text, voice, await self.version())
        if (known := self._memory.get(key)) is not None:
            self._memory.move_to_end(key)
            return known
        task = self._under_way.get(key)
        if task is None:
            task = self._tasks.start(key[:8], self._fetch(key, text, voice))
            self._under_way[key] = task
            task.add_done_callback(lambda _done: self._under_way.pop(key, None))
        # One caller hanging up must not take the sound away from the others.
        return await asyncio.shield(task)

    async def prerender(self, texts: Iterable[str], voice: Voice) -> int:
        """Make sure that every text is in the folder, as before a campaign starts.

        Returns:
            How many had to be spoken anew.

        Raises:
            InputError, UnavailableError: as `synthesize`; what was spoken before stays.
        """
        version = await self.version()
        spoken = 0
        for text in dict.fromkeys(texts):
            path = self._path(self._key(text, voice, version))
            missing = not await asyncio.to_thread(path.is_file)
            await self.synthesize(text, voice)
            spoken += missing
        return spoken

    async def aclose(self) -> None:
        """Give up what is under way; the engine belongs to the caller."""
        await self._tasks.aclose()

    async def _fetch(self, key: str, text: str, voice: Voice) -> Audio:
        path = self._path(key)
        audio = await asyncio.to_thread(self._read, path)
        if audio is None:
            audio = await self._engine.synthesize(text, voice)
            await asyncio.to_thread(self._keep, path, audio)
        self._memory[key] = audio
        while len(self._memory) > self._memory_items:
            self._memory.popitem(last=False)
        return audio

    def _read(self, path: Path) -> Audio | None:
        if not path.is_file():
            return None
        try:
            return load_prompt(path)
        except InputError:
            # Damaged from outside: speak it anew and write over it.
            return None

    def _keep(self, path: Path, audio: Audio) -> None:
        if not len(audio.samples):
            return
        try:
            write_wav(path, audio)
        except UnavailableError as error:
            # A full disk must not silence a call that has its sound already.
            _log.warning("speech not kept", error=str(error))

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.wav"

    @staticmethod
    def _key(text: str, voice: Voice, version: str) -> str:
        named = json.dumps([text, astuple(voice), version], ensure_ascii=False)
        return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()
