"""Calls that a machine answers, and people who are taken for one."""

from __future__ import annotations

import pytest

from telephony_adapter.simulated.voices import tone
from tests.robot.scripted_line import ScriptedLine
from tests.robot.stage import COLOURS, call, small
from tests.robot.toy_senses import voiced

# --- machines --------------------------------------------------------------------------------

MACHINE = "\nmachine\n  say en: A message for you.\n  hang up\n"
GREETING_S = 4.5


def test_a_machine_gets_its_message_after_its_greeting() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(0.3)
        line.sound(voiced(200.0, GREETING_S))

    played = call(small(COLOURS, MACHINE), caller)
    assert played.report is not None
    assert (played.report.outcome, played.report.machine) == ("machine", True)
    greeted_s = 0.3 + GREETING_S
    assert played.line.spoke_between(4.2, greeted_s + 1.4) == 0
    assert played.line.spoke_between(greeted_s + 1.4, 20) == pytest.approx(1.8, abs=0.1)


def test_a_machine_gets_its_message_after_its_beep() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(0.3)
        end_s = line.sound(voiced(200.0, GREETING_S))
        await line.at(end_s + 0.5)
        line.sound(tone(1000, 0.6))

    played = call(small(COLOURS, MACHINE), caller)
    over_s = 0.3 + GREETING_S + 0.5 + 0.6
    assert played.line.spoke_between(4.2, over_s) == 0
    assert played.line.first_sound_after(over_s - 0.1) == pytest.approx(over_s, abs=0.06)


def test_without_a_message_the_robot_leaves_a_machine_at_once() -> None:
    async def caller(line: ScriptedLine) -> None:
        line.sound(voiced(200.0, 20.0))

    played = call(small(COLOURS), caller)
    assert played.report is not None
    assert played.report.machine
    assert played.ended_s < 4.0


def test_a_hello_is_a_person() -> None:
    async def caller(line: ScriptedLine) -> None:
        await line.at(0.1)
        line.sound(voiced(200.0, 0.4))

    played = call(small(COLOURS), caller)
    assert played.report is not None
    assert (played.report.outcome, played.report.machine) == ("no-answer", False)


def test_the_robots_own_echo_is_no_machine() -> None:
    async def caller(line: ScriptedLine) -> None:
        line.sound((voiced(200.0, 9.0) * 0.2).astype("int16"))

    notice = f"  say en: {'An announcement of some length. ' * 3}\n  end done\n"
    played = call(small(notice), caller)
    assert played.report is not None
    assert (played.report.outcome, played.report.machine) == ("done", False)
