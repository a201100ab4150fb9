from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kernel.clock import VirtualClock
from kernel.errors import DefectError
from kernel.virtual_time import run_virtual
from robot.audio import Audio
from robot.script_robot import ScriptRobot, Senses
from robot.tts import Voice
from scripts_dsl import compile_script
from tests.robot.scripted_line import (
    START,
    JournalTwin,
    ProgramsTwin,
    ScriptedLine,
    Stage,
    ToyEar,
    ToyVoice,
    answered_call,
    call,
    demo,
)


@pytest.mark.parametrize(
    ("wished", "spoken"),
    [("en", "Hello Ann"), (" ZH ", "您好Ann"), ("", "您好Ann"), ("fr", "您好Ann")],
)
def test_the_row_chooses_the_language(wished: str, spoken: str) -> None:
    async def hang_up(line: ScriptedLine) -> None:
        await line.at(1.0)
        line.hang_up()

    fields = {"name": "Ann", "language": wished}
    played = call(Stage(demo("satisfaction"), fields=fields), hang_up)
    assert played.journal.transcript()[0].startswith(f"robot: {spoken}")


def test_many_calls_at_a_time_do_not_mix() -> None:
    async def run() -> None:
        clock = VirtualClock(START, asyncio.get_running_loop())
        journal = JournalTwin(clock)
        programs = ProgramsTwin(compile_script(demo("satisfaction"), "test.call"))
        robot = ScriptRobot(
            programs, Senses(ToyVoice(), ToyEar(), Path("/nonexistent")), journal, clock
        )
        lines = [ScriptedLine(clock) for _ in range(20)]
        fields = {"name": "Ann", "language": "en"}
        async with asyncio.TaskGroup() as group:
            talks = [
                group.create_task(robot.handle(answered_call(fields), line, line)) for line in lines
            ]
            for place, line in enumerate(lines):
                group.create_task(_refuse_or_stop(line, "29"[place % 2]))
        assert [talk.result().outcome for talk in talks] == ["refused", "opted-out"] * 10
        for line in lines:
            await line.tasks.aclose()
        await robot.aclose()
        assert len(journal.opt_outs) == 10

    run_virtual(run())


async def _refuse_or_stop(line: ScriptedLine, key: str) -> None:
    await line.robot_silent()
    line.press(key)


class BrokenVoice(ToyVoice):
    """Speech with a defect."""

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        raise KeyError(text)


def test_a_defect_on_one_call_is_that_calls_own() -> None:
    played = call(Stage(demo("satisfaction"), voice=BrokenVoice()))
    assert isinstance(played.error, DefectError)
    assert played.line.left_s == played.ended_s
    assert played.journal.outcome == "failed"
