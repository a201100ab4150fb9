"""Whole conversations in virtual time: pace, ends, agents, trouble on our side."""

from __future__ import annotations

import asyncio

import pytest

from kernel.conversation import TransferOutcome
from kernel.errors import UnavailableError
from kernel.media import RATE_HZ
from robot.audio import level_dbfs
from robot.hearing import KeysOnlyHearing
from scripts_dsl import FieldError
from tests.robot.scripted_line import ScriptedLine
from tests.robot.stage import COLOURS, PROMPT_S, Stage, call, demo, small
from tests.robot.toy_senses import ToyEar, ToyVoice, voiced, word

# --- pace ------------------------------------------------------------------------------------


def test_a_survey_by_key_and_by_voice() -> None:
    answered: list[float] = []

    async def caller(line: ScriptedLine) -> None:
        await line.robot_silent()
        line.press("1")
        await line.robot_silent()
        answered.append(line.say("five"))
        await line.wait(2.0)
        await line.robot_silent()
        answered.append(line.say("yes"))

    played = call(Stage(demo("satisfaction")), caller)

    assert played.report is not None
    assert (played.report.outcome, played.report.machine) == ("completed", False)
    answers = played.journal.answers
    assert {name: (a.value, a.source) for name, a in answers.items()} == {
        "score": ("5", "voice"),
        "solved": ("yes", "voice"),
    }
    assert played.journal.outcome == "completed"
    assert played.journal.results == {"consent": "yes", "score": "5", "solved": "yes"}
    assert played.journal.transcript() == [
        "robot: Hello Ann, this is an automated survey call. Press 9 to stop these calls.",
        "robot: May I ask you two short questions? Press 1 for yes, 2 for no.",
        "key: 1",
        "robot: How do you rate our service, from 1, very poor, to 5, excellent?",
        "voice: five",
        "robot: Was your problem solved? Press 1 for yes, 2 for no.",
        "voice: yes",
        "robot: Thank you for your time, goodbye.",
    ]
    # 0.5 s of silence end an answer; the rest is ours.
    waits = [played.line.first_sound_after(end_s) - end_s for end_s in answered]
    assert max(waits) <= 0.6


def test_the_first_word_comes_at_once() -> None:
    assert call(small(COLOURS)).line.played[0][0] <= 0.04


def test_the_last_word_is_heard_before_the_line_is_cut() -> None:
    played = call(small("  say en: Goodbye now.\n  end done\n"))
    assert played.line.spoke_between(0, 10) == pytest.approx(1.2, abs=0.1)
    assert played.ended_s == pytest.approx(1.2 + 0.2, abs=0.05)


# --- the time to answer ----------------------------------------------------------------------


def test_the_time_to_answer_begins_when_the_prompt_was_heard() -> None:
    played = call(small(COLOURS))
    assert played.report is not None
    assert played.report.outcome == "no-answer"
    again_s = played.line.first_sound_after(PROMPT_S + 0.1)
    assert again_s == pytest.approx(PROMPT_S + 5.0, abs=0.1)
    assert played.ended_s == pytest.approx(2 * (PROMPT_S + 5.0) + 0.2, abs=0.2)


def test_whoever_speaks_is_not_asked_again() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(PROMPT_S + 4.8)
        line.sound(voiced(200.0, 2.0))

    played = call(small(COLOURS), caller)
    assert played.line.spoke_between(PROMPT_S + 0.1, PROMPT_S + 7.2) == 0
    assert played.journal.transcript()[1:3] == ["voice: ", "robot: Sorry?"]


def test_after_speech_that_nobody_listened_for_the_time_begins_anew() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(PROMPT_S + 2.0)
        line.sound(voiced(200.0, 2.0))

    stage = small(COLOURS)
    stage.ear = KeysOnlyHearing()
    played = call(stage, caller)
    again_s = played.line.first_sound_after(PROMPT_S + 0.1)
    assert again_s == pytest.approx(PROMPT_S + 4.0 + 0.5 + 5.0, abs=0.2)
    assert "voice: " not in played.journal.transcript()


# --- ends ------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_s", [0.0, 0.05, 3.0, 7.9, 9.0, 15.7, 17.0, 18.0, 22.0, 25.0, 28.0])
def test_whoever_hangs_up_leaves_what_was_answered(at_s: float) -> None:
    async def caller(line: ScriptedLine) -> None:
        line.tasks.start("hang up", hang_up(line))
        await line.robot_silent()
        line.press("1")
        await line.robot_silent()
        line.press("5")

    async def hang_up(line: ScriptedLine) -> None:
        await line.at(at_s)
        line.hang_up()

    played = call(Stage(demo("satisfaction")), caller)
    assert played.report is not None
    assert played.report.outcome == "hung-up"
    assert played.ended_s <= at_s + 0.05
    assert played.journal.outcome == "hung-up"
    pressed = [text for text in played.journal.transcript() if text.startswith("key")]
    assert ("score" in played.journal.answers) == (len(pressed) == 2)
    assert ("consent" in played.journal.results) == (len(pressed) >= 1)


def test_whoever_hangs_up_during_the_farewell_has_finished() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(1.0)
        line.hang_up()

    played = call(small("  say en: Thank you and goodbye to you.\n  end done\n"), caller)
    assert played.report is not None
    assert played.report.outcome == "done"
    assert played.ended_s == pytest.approx(1.0, abs=0.05)


def test_a_line_that_breaks_is_a_hang_up() -> None:
    async def caller(line: ScriptedLine) -> None:
        line.broken = True

    played = call(small(COLOURS), caller)
    assert played.report is not None
    assert played.report.outcome == "hung-up"


def test_a_row_that_lacks_what_is_needed_stops_the_call_before_a_word() -> None:
    stage = Stage(demo("notice"), fields={})
    played = call(stage)
    assert isinstance(played.error, FieldError)
    assert played.line.played == []
    assert played.line.left_s == 0


# --- agents ----------------------------------------------------------------------------------

DESK = """  set note = vip
  say en: One moment.
  transfer queue desk
    carry note
    left: end gave-up
  say en: Nobody is free, goodbye.
  end call-back
"""


def test_whoever_waits_for_an_agent_hears_music_and_is_told_when_there_is_none() -> None:
    played = call(small(DESK, gives="note: text?"))
    assert played.report is not None
    assert played.report.outcome == "call-back"
    [(asked_s, queue, carried)] = played.line.transfers
    assert (queue, carried) == ("desk", {"note": "vip"})
    assert played.line.first_sound_after(asked_s) - asked_s < 0.1
    music = [f for at, f in played.line.played if asked_s + 1 <= at < asked_s + 19.9]
    assert len(music) == pytest.approx(18.9 * 50, abs=2)
    assert max(map(level_dbfs, music)) < -18
    answered_s = asked_s + 20.0
    assert played.line.spoke_between(answered_s + 0.05, 60) == pytest.approx(2.4, abs=0.1)


def test_the_robot_leaves_the_line_to_the_agent() -> None:
    async def joined() -> TransferOutcome:
        await asyncio.sleep(3.0)
        return TransferOutcome.JOINED

    async def caller(line: ScriptedLine) -> None:
        line.agents = joined

    played = call(small(DESK, gives="note: text?"), caller)
    assert played.report is not None
    assert played.report.outcome == "transferred"
    [(asked_s, _, _)] = played.line.transfers
    assert played.line.left_s == pytest.approx(asked_s + 3.0)
    assert played.ended_s == pytest.approx(asked_s + 3.0)


def test_whoever_gives_up_waiting_ends_as_the_script_says() -> None:
    async def left() -> TransferOutcome:
        await asyncio.sleep(2.0)
        return TransferOutcome.LEFT

    async def caller(line: ScriptedLine) -> None:
        line.agents = left
        await line.at(3.1)
        line.hang_up()

    played = call(small(DESK, gives="note: text?"), caller)
    assert played.report is not None
    assert played.report.outcome == "gave-up"
    assert played.journal.results == {"note": "vip"}


# --- trouble on our side ---------------------------------------------------------------------


def test_speech_that_fails_in_mid_call_is_a_failure_not_silence() -> None:
    stage = Stage(demo("satisfaction"))
    stage.voice.fails_from_text = "problem"
    failed_s: list[float] = []

    async def caller(line: ScriptedLine) -> None:
        await line.robot_silent()
        line.press("1")
        await line.robot_silent()
        line.press("4")
        failed_s.append(line.now_s)

    played = call(stage, caller)
    assert isinstance(played.error, UnavailableError)
    assert played.ended_s == pytest.approx(failed_s[0], abs=0.1)
    assert played.line.left_s == played.ended_s
    assert played.journal.outcome == "failed"
    assert played.journal.answers["score"].value == "4"


def test_nobody_waits_in_silence_for_a_slow_start() -> None:
    stage = small(COLOURS)
    stage.voice.delay_s = 5.0
    stage.program_delay_s = 0.7
    played = call(stage)
    assert isinstance(played.error, UnavailableError)
    assert played.ended_s <= 2.0

    stage.program_delay_s = 60.0
    played = call(stage)
    assert isinstance(played.error, UnavailableError)
    assert played.ended_s <= 1.0


def test_keys_and_hang_ups_are_noticed_while_speech_is_being_made() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(0.5)
        line.press("2")

    stage = small(COLOURS)
    stage.voice = ToyVoice(delay_s=1.0)
    played = call(stage, caller)
    assert played.report is not None
    assert played.report.outcome == "chose-blue"
    assert played.line.played == []
    assert played.ended_s < 0.8


def test_a_database_that_is_away_does_not_delay_a_word() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.robot_silent()
        line.press("1")
        await line.robot_silent()
        line.press("9")

    here = call(Stage(demo("satisfaction")), caller)
    away = call(Stage(demo("satisfaction"), database_away_s=45.0), caller)
    assert [at for at, _ in away.line.played] == [at for at, _ in here.line.played]
    assert away.ended_s == here.ended_s
    assert away.journal.transcript() == here.journal.transcript()
    assert len(away.journal.opt_outs) == 1
    assert away.journal.opt_outs[0][0] <= min(away.journal.saved_s)


def test_an_engine_that_stops_keeps_what_was_answered() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.robot_silent()
        line.press("1")
        await line.robot_silent()
        line.press("5")

    played = call(Stage(demo("satisfaction"), limit_s=24.0), caller)
    assert isinstance(played.error, TimeoutError)
    assert played.journal.outcome == "open"
    assert played.journal.answers["score"].value == "5"
    assert played.journal.transcript()[-1].startswith("robot: Was your problem solved?")


def test_the_recogniser_runs_only_while_somebody_speaks() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.robot_silent()
        line.say("red")

    stage = small(COLOURS)
    ear = ToyEar()
    stage.ear = ear
    played = call(stage, caller)
    spoken_s = len(word("red")) / RATE_HZ
    assert len(ear.listened_for) == 1
    assert ear.frames * 0.02 <= spoken_s + 0.3 + 0.5 + 0.1
    assert played.ended_s > 2 * ear.frames * 0.02
