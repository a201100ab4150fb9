"""The robot as the engine sees it: an `AnsweredCallHandler` that runs published scripts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel.clock import Clock
from kernel.conversation import AnsweredCall, CallControl, HandlerReport
from kernel.media import MediaStream
from robot.hearing import Hearing
from robot.keeper import Keeper
from robot.listener import Listener
from robot.mouth import Mouth
from robot.notes import Notes
from robot.ports import Journal, Programs
from robot.session import Line, Session
from robot.tts import Language, Speech
from scripts_dsl import Program

#: A list column of this key chooses the language of the call.
LANGUAGE_FIELD = "language"


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
        self._senses = senses
        self._keeper = Keeper(journal, clock)
        self._clock = clock

    async def handle(
        self, call: AnsweredCall, media: MediaStream, control: CallControl
    ) -> HandlerReport:
        """See `AnsweredCallHandler`."""
        program = await self._programs.program(call.script)
        language = _language(call, program)
        line = Line(
            media,
            control,
            Mouth(media, self._senses.speech, self._senses.prompts),
            Listener(self._senses.hearing, language, self._clock.monotonic()),
        )
        notes = Notes(call, self._keeper, self._clock)
        session = Session(call, program, line, notes, self._clock)
        return await session.run(language)

    async def aclose(self) -> None:
        """Store what is still queued."""
        await self._keeper.aclose()


def _language(call: AnsweredCall, program: Program) -> Language:
    wished = call.fields.get(LANGUAGE_FIELD, "").strip().lower()
    chosen = wished if wished in program.languages else program.languages[0]
    return "zh" if chosen == "zh" else "en"
