"""Everything one call needs around the robot, and scripts to try it with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from kernel.clock import Clock, VirtualClock
from kernel.conversation import (
    AnsweredCall,
    Conversation,
    HandlerReport,
    SurveyAnswer,
    Turn,
)
from kernel.errors import UnavailableError, WaihuError
from kernel.ids import AttemptId, CampaignId, ScriptVersionId
from kernel.phone import PhoneNumber
from kernel.virtual_time import run_virtual
from robot.hearing import Hearing
from robot.script_robot import ScriptRobot, Senses
from scripts_dsl import Program, compile_script
from tests.robot.scripted_line import ScriptedLine
from tests.robot.toy_senses import ToyEar, ToyVoice

DEMO_SCRIPTS = Path(__file__).parents[2] / "demo" / "scripts"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class JournalTwin:
    """`Journal` that keeps what it is given as the store does, and can be away."""

    clock: Clock
    away_until_s: float = 0.0
    conversation: Conversation | None = None
    opt_outs: list[tuple[float, str]] = field(default_factory=list)
    turns: dict[int, Turn] = field(default_factory=dict)
    answers: dict[str, SurveyAnswer] = field(default_factory=dict)
    saved_s: list[float] = field(default_factory=list)

    async def save_conversation(self, conversation: Conversation) -> None:
        self._here()
        self.conversation = conversation
        self.turns |= {turn.seq: turn for turn in conversation.turns}
        self.answers |= {answer.question: answer for answer in conversation.answers}
        self.saved_s.append(self.clock.monotonic())

    async def opt_out(self, call: AnsweredCall, reason: str) -> None:
        self._here()
        self.opt_outs.append((self.clock.monotonic(), reason))

    def _here(self) -> None:
        if self.clock.monotonic() < self.away_until_s:
            raise UnavailableError("the database is away")

    @property
    def outcome(self) -> str:
        assert self.conversation is not None
        return self.conversation.outcome

    @property
    def results(self) -> Mapping[str, str]:
        assert self.conversation is not None
        return self.conversation.results

    def transcript(self) -> list[str]:
        """`robot: ...`, `voice: ...` or `key: ...`, in order."""
        turns = [self.turns[seq] for seq in sorted(self.turns)]
        return [f"{turn.source or turn.speaker}: {turn.text}" for turn in turns]

    def said_at(self, text: str) -> list[float]:
        """When the robot set out to say a prompt that contains `text`."""
        return [
            (turn.at - START).total_seconds()
            for turn in self.turns.values()
            if turn.speaker == "robot" and text in turn.text
        ]


@dataclass
class ProgramsTwin:
    program_: Program
    delay_s: float = 0.0

    async def program(self, script: ScriptVersionId) -> Program:
        await asyncio.sleep(self.delay_s)
        return self.program_


@dataclass
class Stage:
    """Everything one call needs; a test changes what it is about."""

    source: str
    fields: Mapping[str, str] = field(default_factory=lambda: {"language": "en", "name": "Ann"})
    voice: ToyVoice = field(default_factory=ToyVoice)
    ear: Hearing = field(default_factory=ToyEar)
    recordings: Path = Path("/nonexistent")
    program_delay_s: float = 0.0
    database_away_s: float = 0.0
    limit_s: float = 300.0


@dataclass
class Played:
    """What became of a call.

    Attributes:
        report: None when the robot gave up.
        ended_s: when the robot was done.
    """

    line: ScriptedLine
    journal: JournalTwin
    report: HandlerReport | None
    error: Exception | None
    ended_s: float


Caller = Callable[[ScriptedLine], Awaitable[None]]


async def silent(line: ScriptedLine) -> None:
    """A caller who does nothing at all."""


def demo(name: str) -> str:
    return (DEMO_SCRIPTS / f"{name}.call").read_text(encoding="utf-8")


def call(stage: Stage, caller: Caller = silent) -> Played:
    """Play one call in virtual time; nothing of it may be left over afterwards."""
    return run_virtual(_play(stage, caller))


async def _play(stage: Stage, caller: Caller) -> Played:
    clock = VirtualClock(START, asyncio.get_running_loop())
    line = ScriptedLine(clock)
    journal = JournalTwin(clock, stage.database_away_s)
    programs = ProgramsTwin(compile_script(stage.source, "test.call"), stage.program_delay_s)
    robot = ScriptRobot(programs, Senses(stage.voice, stage.ear, stage.recordings), journal, clock)
    acting = line.tasks.start("caller", _act(caller, line))
    report: HandlerReport | None = None
    failure: Exception | None = None
    try:
        async with asyncio.timeout(stage.limit_s):
            report = await robot.handle(answered_call(stage.fields), line, line)
    except (WaihuError, TimeoutError) as error:
        failure = error
    ended_s = clock.monotonic()
    if acting.done():
        acting.result()
    await line.tasks.aclose()
    await robot.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return Played(line, journal, report, failure, ended_s)


async def _act(caller: Caller, line: ScriptedLine) -> None:
    await caller(line)


def answered_call(fields: Mapping[str, str]) -> AnsweredCall:
    return AnsweredCall(
        AttemptId(UUID(int=1)),
        CampaignId(UUID(int=2)),
        PhoneNumber("+8613800138000"),
        ScriptVersionId(UUID(int=3)),
        fields,
    )


# Prompts of the toy voice last 0.1 s for each character.
HEAD = """script small 1
  lang en
  limit 12 turns

words
  red  key 1
    en: red
  blue  key 2
    en: blue
  stop  key 9
    en: stop

anytime
  stop -> no-more

ladder
  silent 1: repeat
  silent 2: end no-answer
  unclear 1: say en: Sorry?
  unclear 2: end not-understood

step begin
"""
TAIL = """
step no-more
  opt-out
  say! en: Never again, goodbye.
  end opted-out
"""
QUESTION = "Red or blue, which do you like more?"
COLOURS = f"""  ask en: {QUESTION}
    red: end chose-red
    blue: end chose-blue
"""
PROMPT_S = 0.1 * len(QUESTION)


def small(*lines: str, gives: str = "") -> Stage:
    result = f"\ngives\n  {gives}\n" if gives else ""
    return Stage(HEAD + "".join(lines) + TAIL + result)
