"""The robot's ear for one call: frames in, turns of the caller out. No clock, no waiting.

Joins the voice detector, the turn detector, the recogniser of the present question and the
detector of answering machines. The time of every frame is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kernel.media import Samples
from robot.answering_machine import Answerer, AnswererDetector, BeepDetector
from robot.endpointing import SpeechEnded, SpeechStarted, TurnDetector, TurnRules
from robot.hearing import Hearing, Recognizer
from robot.tts import Language
from robot.vad import VoiceDetector
from scripts_dsl import Listen, Say


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The caller began to speak: stop talking."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The caller's turn is over; `text` is empty when nothing was made of it."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class MachineAnswered:
    """A long greeting or a beep: nobody is listening."""


Noticed = Interrupted | Understood | MachineAnswered


class Listener:
    """One call's ear.

    Args:
        hearing: the recogniser engine.
        language: of the call.
        answered_at_s: when the call was answered (monotonic).
    """

    def __init__(self, hearing: Hearing, language: Language, answered_at_s: float) -> None:
        self._hearing = hearing
        self._language: Language = language
        self._voice = VoiceDetector()
        self._turns = TurnDetector()
        self._rules = TurnRules()
        self._recognizer: Recognizer | None = None
        self._answerer: AnswererDetector | None = AnswererDetector(answered_at_s)
        self._beeps: BeepDetector | None = BeepDetector()

    @property
    def turn_open(self) -> bool:
        """Whether the caller is speaking."""
        return self._turns.speaking

    def prompt_began(self, say: Say, at_s: float) -> None:
        """The robot begins to speak."""
        self._rules = TurnRules(
            end_silence_ms=self._rules.end_silence_ms,
            barge_in=say.interruptible,
            barge_after_ms=say.barge_after_ms,
        )
        self._turns.use(self._rules)
        self._turns.prompt_started(at_s)

    def prompt_ended(self, at_s: float) -> None:
        """The robot is silent again."""
        self._turns.prompt_ended(at_s)

    def listen(self, question: Listen) -> None:
        """Listen for a question's phrases from now on."""
        self._rules = TurnRules(
            end_silence_ms=question.end_silence_ms,
            barge_in=self._rules.barge_in,
            barge_after_ms=self._rules.barge_after_ms,
        )
        self._turns.use(self._rules)
        hears = question.phrases and self._hearing.can_hear
        self._recognizer = self._hearing.start(question.phrases, self._language) if hears else None

    def stop(self) -> None:
        """What comes in later is not wanted."""
        self._recognizer = None

    def caller_is_human(self) -> None:
        """A key or an answer came: no machine does that."""
        self._answerer = self._beeps = None

    def push(self, frame: Samples, at_s: float, played: Samples | None) -> Iterator[Noticed]:
        """Take 20 ms of the caller; `played` is what the robot said meanwhile, if anything."""
        if self._machine_in(frame, at_s):
            self.caller_is_human()
            yield MachineAnswered()
        speech = self._voice.push(frame, played)
        if self._recognizer is not None:
            self._recognizer.push(frame)
        for event in self._turns.push(at_s, speech=speech):
            yield from self._turn(event)

    def _turn(self, event: SpeechStarted | SpeechEnded) -> Iterator[Noticed]:
        if isinstance(event, SpeechStarted):
            yield Interrupted()
        elif self._recognizer is not None:
            heard = self._recognizer.finish()
            yield Understood(heard.text, heard.confidence)

    def _machine_in(self, frame: Samples, at_s: float) -> bool:
        beep = self._beeps is not None and self._beeps.push(frame)
        if self._answerer is None:
            return beep
        verdict = self._answerer.push(frame, at_s)
        if verdict is not None:
            self._answerer = None
        return beep or verdict is Answerer.MACHINE
