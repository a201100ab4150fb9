"""The robot's ear for one call: frames in, turns of the caller out. No clock, no waiting.

Joins the voice detector, the turn detector, the recogniser of the present question and the
detector of answering machines. The time of every frame is an argument.

A recogniser costs a hundred times what the voice detector costs, so there is one only while the
caller speaks; it begins with the frames just before, which are kept for it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from kernel.media import FRAME_SAMPLES, Samples
from robot.answering_machine import Answerer, AnswererDetector, BeepDetector
from robot.audio import FRAME_S
from robot.endpointing import SpeechEnded, SpeechStarted, TurnDetector, TurnRules
from robot.hearing import Heard, Hearing, Recognizer
from robot.tts import Language
from robot.vad import VoiceDetector
from robot.voicemail import GreetingEnd
from scripts_dsl import Listen, Say

#: A turn is noticed up to 0.25 s after it began; soft consonants begin before the voice does.
_KEPT_FRAMES = 50
_LEAD_IN_S = 0.3
#: Whoever talks longer is not answering, or is a television; what was said so far is judged.
TALK_OVER_S = 8.0
_NOTHING: Samples = np.zeros(FRAME_SAMPLES, np.int16)


@dataclass(frozen=True, slots=True)
class CallerBegan:
    """The caller speaks, and is listened to."""


@dataclass(frozen=True, slots=True)
class CallerDone:
    """The caller's turn is over.

    Attributes:
        heard: None when nothing was listened for; its text is empty when nothing was understood.
    """

    heard: Heard | None


@dataclass(frozen=True, slots=True)
class MachineAnswered:
    """A long greeting or a beep: nobody is listening."""


@dataclass(frozen=True, slots=True)
class MessageDue:
    """The machine's greeting and beep are over: it records now."""


Noticed = CallerBegan | CallerDone | MachineAnswered | MessageDue


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
        self._rules = TurnRules()
        self._turns = TurnDetector(self._rules)
        self._began_s = answered_at_s
        self._kept: deque[tuple[float, Samples]] = deque(maxlen=_KEPT_FRAMES)
        self._question: Listen | None = None
        self._recognizer: Recognizer | None = None
        self._answering: Listen | None = None
        self._answerer: AnswererDetector | None = AnswererDetector(answered_at_s)
        self._beeps: BeepDetector | None = BeepDetector()
        self._greeting: GreetingEnd | None = None

    @property
    def turn_open(self) -> bool:
        """Whether the caller is speaking."""
        return self._turns.speaking

    @property
    def deadline_s(self) -> float | None:
        """When to call `tick` should no frame come."""
        return self._turns.next_deadline_s

    @property
    def machine_greets(self) -> bool:
        """Whether a machine is still talking: what is said now is not recorded."""
        return self._greeting is not None

    def prompt_began(self, say: Say, at_s: float) -> None:
        """The robot begins to speak."""
        self._use(TurnRules(self._rules.end_silence_ms, barge_after_ms=say.barge_after_ms))
        self._turns.prompt_started(at_s)

    def prompt_ended(self, at_s: float) -> None:
        """The robot is silent again."""
        self._turns.prompt_ended(at_s)

    def listen(self, question: Listen) -> None:
        """Listen for a question's phrases from now on."""
        barge_after_ms = self._rules.barge_after_ms
        self._use(TurnRules(question.end_silence_ms, barge_after_ms=barge_after_ms))
        self._question = question
        if self._recognizer is not None and not self._still_counts(question):
            self._recognizer = None

    def stop(self) -> None:
        """What comes in later is not wanted."""
        self._question = None

    def caller_is_human(self) -> None:
        """A key or an answer came: no machine does that."""
        self._answerer = self._beeps = None

    def push(self, frame: Samples, at_s: float, played: Samples | None) -> tuple[Noticed, ...]:
        """Take 20 ms of the caller.

        Args:
            frame: int16 of shape (160,).
            at_s: when the frame came in, which is when it ended.
            played: what the robot said meanwhile; None when it was silent.
        """
        began_s = at_s - FRAME_S
        speech = self._voice.push(frame, played)
        # The robot's own echo is no greeting.
        greeting = self._judge(frame, frame if speech or played is None else _NOTHING, began_s)
        if self._greeting is not None and self._greeting.push(frame, began_s, speech=speech):
            self._greeting = None
            greeting = (*greeting, MessageDue())
        self._kept.append((began_s, frame))
        if self._recognizer is not None:
            self._recognizer.push(frame)
        return (*greeting, *self._follow(self._turns.push(began_s, speech=speech), at_s))

    def tick(self, now_s: float) -> tuple[Noticed, ...]:
        """Time passed without a frame."""
        return self._follow(self._turns.tick(now_s), now_s)

    def _use(self, rules: TurnRules) -> None:
        self._rules = rules
        self._turns.use(rules)

    def _still_counts(self, question: Listen) -> bool:
        """Whether words spoken before `question` may count for it.

        Words that count at any time do, so that "stop" is heard across the end of a statement;
        an answer to the question before does not.
        """
        began_at = self._answering
        if began_at is None or began_at.no_input_s is not None:
            return False
        return set(began_at.phrases) <= set(question.phrases)

    def _follow(
        self, events: tuple[SpeechStarted | SpeechEnded, ...], now_s: float
    ) -> tuple[Noticed, ...]:
        noticed = [done for event in events for done in self._turn(event)]
        if self.turn_open and now_s - self._began_s >= TALK_OVER_S:
            # A new detector: the next word opens a turn of its own.
            self._turns = TurnDetector(self._rules)
            noticed.append(self._done())
        return tuple(noticed)

    def _turn(self, event: SpeechStarted | SpeechEnded) -> tuple[Noticed, ...]:
        if isinstance(event, SpeechEnded):
            return (self._done(),)
        self._began_s = event.at_s
        question = self._question
        if question is None or not question.phrases or not self._hearing.can_hear:
            return ()
        self._answering = question
        self._recognizer = self._hearing.start(question.phrases, self._language)
        for at_s, frame in self._kept:
            if at_s >= event.at_s - _LEAD_IN_S:
                self._recognizer.push(frame)
        return (CallerBegan(),)

    def _done(self) -> CallerDone:
        recognizer, self._recognizer = self._recognizer, None
        wanted = recognizer is not None and self._question is not None
        return CallerDone(recognizer.finish() if recognizer is not None and wanted else None)

    def _judge(self, frame: Samples, heard: Samples, at_s: float) -> tuple[Noticed, ...]:
        """Who answered?"""
        beep = self._beeps is not None and self._beeps.push(frame)
        verdict = None if self._answerer is None else self._answerer.push(heard, at_s)
        if verdict is not None:
            self._answerer = None
        if not beep and verdict is not Answerer.MACHINE:
            return ()
        self._answerer = self._beeps = None
        self._greeting = GreetingEnd(at_s, beep=beep)
        return (MachineAnswered(),)
