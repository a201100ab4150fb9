"""Who is at the other end: what a call meets, and people as pure reactive actors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol

from kernel.media import Samples
from kernel.phone import PhoneNumber


@unique
class Outcome(StrEnum):
    """What a dial attempt meets at the far end."""

    ANSWER = "answer"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    REJECT = "reject"
    EMPTY_NUMBER = "empty-number"  # announcement as early media, then 404 (空号)
    POWER_OFF = "power-off"  # announcement as early media, then 480 (关机)
    VOICEMAIL = "voicemail"
    NETWORK_FAILURE = "network-failure"


# --- what a person notices -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PickedUp:
    """The person answered and holds the receiver."""


@dataclass(frozen=True, slots=True)
class HeardSpeech:
    """The robot or a prompt began to speak."""


@dataclass(frozen=True, slots=True)
class SpeechOver:
    """It fell silent: the person's turn."""


@dataclass(frozen=True, slots=True)
class Spoke:
    """The person's own utterance is over."""


@dataclass(frozen=True, slots=True)
class HeardDigit:
    """A key press from our side."""

    digit: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The other party of a bridge (an agent, or for an agent a person) is on the line."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The other party left the bridge; the line stays open."""


PersonEvent = PickedUp | HeardSpeech | SpeechOver | Spoke | HeardDigit | Joined | Parted


# --- what a person does ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Speak:
    """Say a word (or whatever `Voices` knows by that name) after `after_s` seconds."""

    word: str
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys, the first after `after_s` seconds, then one every 0.2 s."""

    digits: str
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HangUp:
    """Put the receiver down after `after_s` seconds."""

    after_s: float = 0.0


Action = Speak | Press | HangUp
Plan = tuple[Action, ...]


class Person(Protocol):
    """Somebody (or a machine) who has answered; made anew for every call.

    An actor without clock, audio or randomness of its own: the switch tells it what it notices.
    """

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        """Decide what to do from now on.

        Args:
            event: what happened.
            now_s: seconds since the person picked up.

        Returns:
            A plan that replaces whatever was planned and not yet begun (an empty one waits for
            ever), or None to go on as planned.
        """
        ...


@dataclass(frozen=True, slots=True)
class Callee:
    """What one dial attempt meets.

    Attributes:
        outcome: for the truth log; the fields below say what happens.
        alert_s: from our command to the first sign of life (post-dial delay).
        ring_s: from there to the answer or the final response.
        rings: whether the far end rings (SIP 180).
        announcement: word said as early media (SIP 183) from `alert_s` on, or ''.
        cause, sip_status: the final response when nobody answers.
        person: who answers, or None.
    """

    outcome: Outcome
    alert_s: float
    ring_s: float
    rings: bool = True
    announcement: str = ""
    cause: int = 0
    sip_status: int | None = None
    person: Person | None = None


class Population(Protocol):
    """Everybody who can be called."""

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        """What the `attempt_no`-th call (from 1) to this number meets."""
        ...


class Voices(Protocol):
    """Sound for words: speech in demonstrations, tones in tests."""

    def say(self, word: str) -> Samples:
        """The word as sound: int16, 8 kHz, shape (n,). The same word sounds the same."""
        ...
