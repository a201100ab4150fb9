"""Who answers which number in the world outside, and how."""

from __future__ import annotations

import re
from enum import Enum, unique
from typing import Self

from kernel.errors import InputError

# The digits as lab/config/world/extensions.conf takes them apart.
_MOBILE = re.compile(r"(?:\+86)?139([0-7]\d)\d{6}")
_AGENT = re.compile(r"(8\d)\d\d")


@unique
class Behaviour(Enum):
    """What the owner of a number does. The value is the code BB in the number.

    "DD" in a text is the number's second pair of digits, in half seconds.
    """

    text: str

    SILENT = "00", "rings DD, answers, stays silent (comfort noise)"
    ECHO = "01", "rings DD, answers, echoes"
    BUSY = "02", "486 busy after DD"
    RINGS_FOREVER = "03", "rings and never answers"
    REJECTS = "04", "rings DD, then 603 declined"
    NOT_FOUND = "05", "404 at once"
    SONG = "06", "183 with a ringback song for DD, answers, stays silent"
    VACANT = "07", "183 with the announcement 空号, then 404"
    SWITCHED_OFF = "08", "183 with the announcement 关机, then 480"
    HANGS_UP = "09", "answers, hangs up after DD"
    TALKS = "10", "rings DD, says hello, listens to you, says goodbye, hangs up"
    VOICEMAIL = "11", "rings DD, greeting, beep, a minute for your message"
    PRESSES_KEYS = "12", "answers, waits DD, presses its own last four digits"
    READS_KEYS = "13", "rings DD, answers, takes up to four digits, hangs up"
    UNAVAILABLE = "14", "480 after DD"
    OVERLOADED = "15", "503 at once"
    BROKEN = "16", "500 at once"
    TONE = "17", "rings DD, answers, 1 kHz for a minute"
    ONLY_TRYING = "18", "100 Trying and nothing more"
    BUSY_TONE = "19", "183 with the busy tone for DD, then 486"
    RINGBACK_TONE = "20", "183 with the ringback tone for DD, answers, echoes"
    UNREACHABLE = "21", "183 with the announcement 暂时无法接通, then 480"
    CLICKS = "22", "rings DD, answers, a 20 ms click every second"
    HANGS_UP_AT_ONCE = "23", "rings DD, answers and hangs up at once"
    PRESSES_1 = "30", "rings DD, says hello, presses 1 after each of your prompts"
    PRESSES_2 = "31", "rings DD, says hello, presses 2 after each of your prompts"
    PRESSES_9 = "32", "rings DD, says hello, presses 9 after each of your prompts"
    SAYS_YES = "33", "rings DD, says hello, says 可以 after each of your prompts"
    SAYS_NO = "34", "rings DD, says hello, says 不需要 after each of your prompts"
    AGENT = "80", "agent: answers at once, silent, recorded"
    AGENT_ECHO = "81", "agent: answers at once, echoes, recorded"
    AGENT_TONE = "82", "agent: answers at once, 1 kHz, recorded"
    AGENT_ABSENT = "83", "agent: rings and never answers"
    AGENT_BUSY = "84", "agent: 486 busy"

    def __new__(cls, code: str, text: str) -> Self:
        """Keep the text beside the code."""
        member = object.__new__(cls)
        member._value_ = code
        member.text = text
        return member

    @property
    def is_agent(self) -> bool:
        """Whether the number is an agent's extension (8BXX)."""
        return self in _AGENTS


def mobile(behaviour: Behaviour, *, half_seconds: int = 0, suffix: int = 0) -> str:
    """The mobile number, in E.164 form, of somebody who behaves so.

    Args:
        behaviour: any but an agent's.
        half_seconds: the DD of the plan, 0 to 99.
        suffix: last four digits, 0 to 9999; for PRESSES_KEYS the keys it presses.

    Raises:
        InputError: an argument is outside its range.
    """
    if behaviour.is_agent or half_seconds not in range(100) or suffix not in range(10_000):
        raise InputError("a lab number takes 0-99 half seconds, a suffix 0-9999, and no agent")
    return f"+86139{behaviour.value}{half_seconds:02d}{suffix:04d}"


def agent_extension(behaviour: Behaviour = Behaviour.AGENT, *, suffix: int = 0) -> str:
    """The extension of an agent who behaves so.

    Raises:
        InputError: not an agent's behaviour, or a suffix outside 0 to 99.
    """
    if not behaviour.is_agent or suffix not in range(100):
        raise InputError("a lab extension takes an agent's behaviour and a suffix 0-99")
    return f"{behaviour.value}{suffix:02d}"


def behaviour_of(number: str) -> Behaviour | None:
    """The behaviour behind a dialed number, or None for a number nobody has (answered 404)."""
    found = _MOBILE.fullmatch(number) or _AGENT.fullmatch(number)
    return None if found is None else _BY_CODE.get(found[1])


_BY_CODE = {behaviour.value: behaviour for behaviour in Behaviour}
_AGENTS = frozenset(behaviour for behaviour in Behaviour if behaviour.name.startswith("AGENT"))


def describe() -> str:
    """The plan as a table of text, one line for each behaviour."""
    lines = [
        "People 139 BB DD NNNN (or +86139...): BB behaviour, DD half seconds, NNNN any digits.",
        "Agents 8B XX: 8B behaviour, XX any digits. Every other number: 404.",
        "",
    ]
    for behaviour in Behaviour:
        pattern = f"{behaviour.value}XX" if behaviour.is_agent else f"139{behaviour.value}DDNNNN"
        lines.append(f"{pattern:<11}  {behaviour.text}")
    return "\n".join(lines)
