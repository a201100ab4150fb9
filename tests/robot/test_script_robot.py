from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.conversation_link import ConversationLink
from kernel.clock import VirtualClock
from kernel.errors import DefectError, InputError, UnavailableError
from kernel.phone import PhoneNumber
from kernel.telephony import CallId, DialCommand
from kernel.virtual_time import run_virtual
from robot.audio import Audio, frames, level_dbfs
from robot.prompts import read_wav, write_wav
from robot.script_robot import ScriptRobot, Senses
from robot.tts import Voice
from scripts_dsl import compile_script
from telephony_adapter.simulated.people import Callee, Outcome
from telephony_adapter.simulated.population import QuietPerson
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch
from tests.robot.scripted_line import ScriptedLine
from tests.robot.stage import START, JournalTwin, ProgramsTwin, Stage, answered_call, call, demo
from tests.robot.toy_senses import ToyEar, ToyVoice, voiced


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


class CountingVoice(ToyVoice):
    """Remembers what it was asked to say."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        self.said.append(text)
        return await super().synthesize(text, voice)


def test_the_first_prompt_is_spoken_while_the_telephone_rings() -> None:
    async def run() -> None:
        clock = VirtualClock(START, asyncio.get_running_loop())
        voice = CountingVoice()
        programs = ProgramsTwin(compile_script(demo("satisfaction"), "test.call"))
        senses = Senses(voice, ToyEar(), Path("/nonexistent"))
        robot = ScriptRobot(programs, senses, JournalTwin(clock), clock)
        await robot.prepare(answered_call({"name": "Ann", "language": "en"}))
        assert len(voice.said) == 1
        assert "Hello Ann" in voice.said[0]
        with pytest.raises(InputError, match="name"):
            await robot.prepare(answered_call({"language": "en"}))
        await robot.aclose()

    run_virtual(run())


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


def test_when_speech_fails_the_line_is_free_for_the_engines_message(tmp_path: Path) -> None:
    """The caller hears the message alone: no rest of a prompt, and no silence."""
    write_wav(tmp_path / "abandonment.wav", Audio(8000, voiced(300.0, 1.0)))
    voice = ToyVoice()
    voice.fails_from_text = "Second"
    script = (
        "script two 1\n  lang en\n\nstep a\n  say en: First one.\n  say en: Second.\n  end done\n"
    )

    async def run() -> None:
        clock = VirtualClock(START, asyncio.get_running_loop())
        options = SimulatedOptions(prompts=tmp_path, recordings=tmp_path, population=Everybody())
        switch = SimulatedSwitch(clock, options)
        await switch.start()
        call_ = answered_call({})
        due = clock.now() + timedelta(seconds=3)
        await switch.originate(DialCommand(call_.attempt, call_.number, None, 30.0, due))
        await clock.sleep(1.0)
        name = CallId(call_.attempt)
        await switch.record(name, "call")
        programs = ProgramsTwin(compile_script(script, "two.call"))
        robot = ScriptRobot(programs, Senses(voice, ToyEar(), tmp_path), JournalTwin(clock), clock)
        link = ConversationLink(lambda _queue, _carry: None)
        with pytest.raises(UnavailableError, match="failed twice"):
            await robot.handle(call_, await switch.media(name), link)
        length_s = await switch.play(name, "abandonment")
        await clock.sleep(length_s)
        await switch.hangup(name)
        await robot.aclose()
        await switch.aclose()

    run_virtual(run())
    heard = read_wav(tmp_path / "call.wav").samples
    loud = [level_dbfs(frame) > -50 for frame in frames(Audio(8000, heard))]
    assert sum(loud) * 0.02 == pytest.approx(1.0 + 1.0, abs=0.1)
    gap_s = (len(loud) - loud.index(True)) * 0.02 - 2.0
    assert gap_s < 0.1


class Everybody:
    """People who answer at once and say nothing."""

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        return Callee(Outcome.ANSWER, alert_s=0.05, ring_s=0.1, person=QuietPerson())
