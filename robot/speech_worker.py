"""The product's end of the pipes to `robot.tts_worker`."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from kernel.errors import InputError, UnavailableError
from kernel.service import TaskOwner


class WorkerLostError(Exception):
    """The worker ended, or missed its deadline; another one may do better."""


class SpeechWorker:
    """One life of the process, with its scratch folder and its standard error.

    Attributes:
        version: names the engine; empty until `greet` has returned.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._requests = process.stdin
        self._answers = process.stdout
        self._complaints = process.stderr
        self._scratch = tempfile.TemporaryDirectory(prefix="waihu-speech-")
        self._spoken = 0
        self._last_words = ""
        self._tasks = TaskOwner("speech-worker")
        self._listener = self._tasks.start("stderr", self._remember_last_words())
        self.version = ""

    @classmethod
    async def spawn(cls, command: Sequence[str]) -> Self:
        """Start the process.

        Raises:
            UnavailableError: there is no such program, or no resources for it.
        """
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, stderr=pipe
            )
        except OSError as error:
            raise UnavailableError(f"the speech worker cannot be started: {error}") from error
        return cls(process)

    async def greet(self) -> None:
        """Wait until the engine is loaded.

        Raises:
            WorkerLostError: the worker ended or does not introduce itself.
        """
        self.version = (await self._answer()).get("ready", "")
        if not self.version:
            raise WorkerLostError("the worker did not introduce itself")

    async def speak(self, text: str, *, voice: str, rate_wpm: int, pitch: int) -> Path:
        """Speak into a file of the scratch folder; the caller removes it.

        Raises:
            InputError: the engine refuses the voice.
            WorkerLostError: the worker ended or talks nonsense.
        """
        self._spoken += 1
        path = Path(self._scratch.name) / f"{self._spoken}.wav"
        request = {
            "text": text,
            "voice": voice,
            "rate_wpm": rate_wpm,
            "pitch": pitch,
            "path": str(path),
        }
        await self._send(json.dumps(request).encode() + b"\n")
        answer = await self._answer()
        while answer.get("path") != str(path):
            # Belongs to a text whose caller was cancelled while it waited.
            answer = await self._answer()
        if "error" in answer:
            raise InputError(f"voice {voice}: {answer['error']}")
        return path

    async def end(self) -> None:
        """Kill, then read both pipes to their ends, which closes the transport for good."""
        self._requests.close()
        if self._process.returncode is None:
            self._process.kill()
        while await self._answers.read(65536):
            pass
        await self._tasks.settle()
        await self._process.wait()
        self._scratch.cleanup()

    async def _send(self, line: bytes) -> None:
        try:
            self._requests.write(line)
            await self._requests.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise WorkerLostError(self._reason()) from None

    async def _answer(self) -> dict[str, str]:
        line = await self._answers.readline()
        if not line.endswith(b"\n"):
            await self._tasks.settle()
            raise WorkerLostError(self._reason())
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise WorkerLostError("the worker spoke out of turn")
        return answer

    def _reason(self) -> str:
        return self._last_words or "the worker ended without a word"

    async def _remember_last_words(self) -> None:
        while line := await self._complaints.readline():
            self._last_words = line.decode(errors="replace").strip() or self._last_words
