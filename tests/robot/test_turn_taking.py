"""Who may speak when: interruptions, keys, answers, in virtual time."""

from __future__ import annotations

import pytest

from tests.robot.scripted_line import ScriptedLine
from tests.robot.stage import COLOURS, PROMPT_S, call, small
from tests.robot.toy_senses import voiced

# --- interruptions ---------------------------------------------------------------------------


def test_an_answer_into_the_prompt_silences_it() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(1.5)
        line.say("blue")

    played = call(small(COLOURS), caller)
    assert played.report is not None
    assert played.report.outcome == "chose-blue"
    assert played.line.spoke_between(1.5, 1.5 + 0.38) < 0.38
    assert played.line.spoke_between(1.5 + 0.38, 10) == 0
    assert played.ended_s < 2.0 + 0.5 + 0.3


def test_a_false_interruption_is_made_good() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(1.5)
        line.sound(voiced(200.0, 0.4))

    played = call(small(COLOURS), caller)
    # There is no pause in the toy voice, so the prompt begins anew.
    first_time_s = played.line.spoke_between(0, 2.3)
    assert first_time_s == pytest.approx(1.75, abs=0.1)
    resumed_s = played.line.first_sound_after(2.3)
    assert resumed_s == pytest.approx(1.9 + 0.5, abs=0.1)
    whole_s = played.line.spoke_between(resumed_s, resumed_s + PROMPT_S + 1)
    assert whole_s == pytest.approx(PROMPT_S, abs=0.1)
    # The time to answer begins at the end of all this, and no rung was climbed.
    assert played.journal.transcript()[1:2] == ["voice: "]
    asked = played.journal.said_at("Red or blue")
    assert asked[1] == pytest.approx(resumed_s + PROMPT_S + 5.0, abs=0.1)


def test_a_question_interrupted_in_its_last_words_counts_as_asked() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(PROMPT_S - 0.9)
        line.sound(voiced(200.0, 0.4))

    played = call(small(COLOURS), caller)
    assert played.journal.transcript()[1:3] == ["voice: ", "robot: Sorry?"]
    [sorry_s] = played.journal.said_at("Sorry?")
    assert sorry_s == pytest.approx(PROMPT_S - 0.5 + 0.5, abs=0.1)


def test_noise_does_not_hold_a_prompt_up_for_ever() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(0.1)
        line.sound(voiced(200.0, 0.3))  # a hello: no machine
        await line.at(1.5)
        line.sound(voiced(200.0, 100.0))

    played = call(small(COLOURS), caller)
    assert played.report is not None
    assert played.report.outcome == "not-understood"
    assert played.line.spoke_between(0, 60) > PROMPT_S
    assert played.ended_s < 60


def test_what_may_not_be_interrupted_is_not() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(1.0)
        line.sound(voiced(200.0, 0.8))
        await line.at(2.2)
        line.press("1")

    text = "This is an announcement that must be heard."
    played = call(small(f"  say! en: {text}\n  end done\n"), caller)
    assert played.line.flushed_s == []
    assert played.line.spoke_between(0, 10) == pytest.approx(0.1 * len(text), abs=0.1)


@pytest.mark.parametrize("mark", ["", "!"])
def test_stop_is_heard_in_every_statement_and_granted_at_once(mark: str) -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(1.5)
        line.say("stop")

    notice = f"  say{mark} en: This is an announcement of some length, as they are.\n  end done\n"
    played = call(small(notice), caller)
    assert played.report is not None
    assert played.report.outcome == "opted-out"
    [(stored_s, _)] = played.journal.opt_outs
    assert stored_s < 2.0 + 0.6
    assert played.journal.transcript()[1:] == ["voice: stop", "robot: Never again, goodbye."]
    assert played.line.spoke_between(2.6, 10) == pytest.approx(2.1, abs=0.2)


def test_stop_is_heard_across_the_end_of_a_statement() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(1.8)
        line.say("stop")

    played = call(small("  say! en: A short announcement.\n", COLOURS), caller)
    assert played.report is not None
    assert played.report.outcome == "opted-out"


def test_an_answer_to_one_question_is_none_to_the_next() -> None:
    again = COLOURS.replace("end chose-red", "-> second")
    second = "\nstep second\n" + COLOURS.replace("Red or blue, which", "Once more, which one")

    async def caller(line: ScriptedLine) -> None:
        await line.robot_silent()
        line.say("blue")
        await line.wait(0.3)
        line.press("1")
        await line.wait(1.0)
        await line.robot_silent()
        line.press("1")

    played = call(small(again, second), caller)
    assert played.report is not None
    assert played.report.outcome == "chose-red"
    assert [t for t in played.journal.transcript() if "voice" in t] == []


# --- keys ------------------------------------------------------------------------------------

ENTRY = """  ask en: Please enter the four digits of your code.
    digits(4):
      set code = answer
      end entered
"""


def test_a_key_silences_the_question_and_the_entry_is_taken_whole() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(1.0)
        for digit in "4711":
            line.press(digit)
            await line.wait(0.7)

    played = call(small(ENTRY, gives="code: digits(4)?"), caller)
    assert played.line.spoke_between(1.1, 10) == 0
    assert played.journal.results == {"code": "4711"}


def test_an_entry_that_stays_too_short_is_no_answer() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.robot_silent()
        line.press("47")

    played = call(small(ENTRY, gives="code: digits(4)?"), caller)
    assert "robot: Sorry?" in played.journal.transcript()
    [sorry_s] = played.journal.said_at("Sorry?")
    assert sorry_s == pytest.approx(4.2 + 0.3 + 3.0, abs=0.1)


def test_keys_pressed_ahead_answer_the_question_that_is_not_asked_any_more() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(1.0)
        line.press("2")

    played = call(small("  say en: Welcome to this rather long survey of ours.\n", COLOURS), caller)
    assert played.report is not None
    assert played.report.outcome == "chose-blue"
    # A second key might have followed for a second; then the statement has done its work.
    assert played.line.spoke_between(2.1, 10) == 0
    assert played.ended_s < 2.5
    assert played.journal.said_at("Red or blue") == []
