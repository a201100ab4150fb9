"""The robot as the engine sees it: an `AnsweredCallHandler` that runs published scripts."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kernel.clock import Clock
from kernel.conversation import AnsweredCall, CallControl, HandlerReport
from kernel.errors import DefectError, UnavailableError, WaihuError
from kernel.media import MediaStream
from robot.happenings import Happenings
from robot.hearing import Hearing
from robot.keeper import Keeper
from robot.line import Line
from robot.listener import Listener
from robot.mouth import Mouth
from robot.notes import Notes
from robot.ports import Journal, Programs
from robot.rendering import Renderer
from robot.session import Session
from robot.tts import Language, Speech
from scripts_dsl import Program, Say, begin

#: A list column of this key chooses the language of the call.
LANGUAGE_FIELD = "language"
#: Whoever answers must not wait in silence for a database; scripts are kept after their first use.
PROGRAM_DUE_S = 0.8
#: A telephone rings for some seconds; speech that takes longer is not ready in time anyway.
PREPARED_S = 10.0


@dataclass(frozen=True, slots=True)
class Senses:
    """What the robot speaks, hears and plays with.

    Attributes:
        prompts: folder of recorded prompts.
    """

    speech: Speech
    hearing: Hearing
    prompts: Path


class ScriptRobot:
    """Runs scripts on answered calls, any number at a time.

    Args:
        programs: published scripts.
        senses: speech, hearing and prompts.
        journal: where transcript, answers and opt-outs go.
        clock: for timers and times.
    """

    def __init__(self, programs: Programs, senses: Senses, journal: Journal, clock: Clock) -> None:
        self._programs = programs
        self._hearing = senses.hearing
        self._renderer = Renderer(senses.speech, senses.prompts)
        self._keeper = Keeper(journal, clock)
        self._clock = clock

    async def prepare(self, call: AnsweredCall) -> None:
        """See `AnsweredCallHandler`: the first prompt, with the person's name in it, is spoken.

        Raises:
            WaihuError: there will be nothing to say, as `handle` would find out.
        """
        program = await self._programs.program(call.script)
        _, actions = begin(program, call.fields, _language(call, program))
        for action in actions:
            if isinstance(action, Say):
                await self._renderer.sound(action, PREPARED_S)

    async def handle(
        self, call: AnsweredCall, media: MediaStream, control: CallControl
    ) -> HandlerReport:
        """See `AnsweredCallHandler`.

        Raises:
            WaihuError: the robot cannot go on. It has left the call's audio and is silent, so
                that the engine can play its message.
        """
        try:
            return await self._converse(call, media, control)
        except WaihuError:
            with suppress(WaihuError):
                await media.aclose()
            raise

    async def _converse(
        self, call: AnsweredCall, media: MediaStream, control: CallControl
    ) -> HandlerReport:
        answered_s = self._clock.monotonic()
        program = await self._program(call)
        language = _language(call, program)
        happenings = Happenings(f"conversation-{call.attempt}")
        mouth = Mouth(media, self._renderer, happenings, self._clock)
        listener = Listener(self._hearing, language, answered_s)
        line = Line(media, control, happenings, mouth, listener)
        notes = Notes(call, self._keeper, self._clock)
        try:
            return await Session(call, program, line, notes, self._clock).run(language)
        except WaihuError:
            raise
        except Exception as error:
            # Whatever goes wrong on one call must not stop the engine and all the others.
            raise DefectError(f"the robot broke down on a call: {error!r}") from error

    async def _program(self, call: AnsweredCall) -> Program:
        try:
            async with asyncio.timeout(PROGRAM_DUE_S):
                return await self._programs.program(call.script)
        except TimeoutError:
            raise UnavailableError(
                f"script {call.script} was not there within {PROGRAM_DUE_S:g} s of the answer"
            ) from None

    async def aclose(self) -> None:
        """Store what is still queued."""
        await self._keeper.aclose()


def _language(call: AnsweredCall, program: Program) -> Language:
    wished = call.fields.get(LANGUAGE_FIELD, "").strip().lower()
    chosen = wished if wished in program.languages else program.languages[0]
    return "zh" if chosen == "zh" else "en"
