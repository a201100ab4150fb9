"""The product's own speech and recogniser on the simulated switch, in real time.

One person speaks, with a synthesised voice that the recogniser's model was not taught with; one
presses keys. Both take the demonstration survey at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

from dialer.conversation_link import ConversationLink
from kernel.clock import SystemClock
from kernel.conversation import AnsweredCall, Conversation, HandlerReport
from kernel.ids import AttemptId, CampaignId, ScriptVersionId, TimeOrderedIds
from kernel.media import AudioFrame, MediaEvent, MediaStream, Samples
from kernel.phone import PhoneNumber
from kernel.service import TaskOwner
from kernel.telephony import CallAnswered, CallEnded, CallId, DialCommand, DigitPressed
from robot.audio import level_dbfs
from robot.hearing import VoskHearing
from robot.script_robot import ScriptRobot, Senses
from robot.speech_cache import SpeechCache
from robot.tts import Pyttsx3Speech, Voice
from scripts_dsl import compile_script
from telephony_adapter.simulated.people import (
    Action,
    Callee,
    HeardSpeech,
    Outcome,
    PersonEvent,
    Plan,
    Press,
    Speak,
    SpeechOver,
)
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch
from tests.robot.stage import JournalTwin, ProgramsTwin, demo

SPEAKER, PRESSER = PhoneNumber("+8613800138001"), PhoneNumber("+8613800138002")
#: Longer than the pauses inside a prompt.
PAUSES_S = 0.7
#: So much of a question is enough to answer it.
LISTENS_S = 1.5


class Respondent:
    """Hears the first question out, and answers the others before they are over.

    Args:
        replies: one for each question.
    """

    def __init__(self, replies: Sequence[Callable[[float], Action]]) -> None:
        self._replies = list(replies)
        self._patient = True
        self._due_s = float("inf")

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        if now_s >= self._due_s:
            self._replies.pop(0)
            self._patient, self._due_s = False, float("inf")
        match event:
            case HeardSpeech() if self._patient:
                self._due_s = float("inf")
                return ()
            case SpeechOver() if self._patient:
                return self._plan(now_s, PAUSES_S)
            case HeardSpeech() if self._due_s == float("inf"):
                return self._plan(now_s, LISTENS_S)
            case _:
                return None

    def _plan(self, now_s: float, after_s: float) -> Plan:
        if not self._replies:
            return ()
        self._due_s = now_s + after_s
        return (self._replies[0](after_s),)


@dataclass
class Two:
    people: Mapping[PhoneNumber, Respondent]

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        return Callee(Outcome.ANSWER, alert_s=0.05, ring_s=0.1, person=self.people[number])


class Voices:
    def __init__(self, words: Mapping[str, Samples]) -> None:
        self._words = words

    def say(self, word: str) -> Samples:
        return self._words[word]


@dataclass
class MeteredMedia:
    """A media stream that notes how long callers who spoke waited for the next prompt."""

    stream: MediaStream
    clock: SystemClock
    waits_s: list[float] = field(default_factory=list)
    _spoke_until_s: float | None = None

    async def send(self, samples: Samples) -> None:
        if self._spoke_until_s is not None:
            self.waits_s.append(self.clock.monotonic() - self._spoke_until_s)
            self._spoke_until_s = None
        await self.stream.send(samples)

    async def mark(self, mark: str) -> None:
        await self.stream.mark(mark)

    async def flush(self) -> None:
        await self.stream.flush()

    async def events(self) -> AsyncIterator[MediaEvent]:
        async for event in self.stream.events():
            if isinstance(event, AudioFrame) and level_dbfs(event.samples) > -40:
                self._spoke_until_s = event.at_s
            yield event

    async def aclose(self) -> None:
        await self.stream.aclose()


class Desk:
    """What the engine does for a robot: hands it answered calls, brings keys, hangs up."""

    def __init__(self, switch: SimulatedSwitch, robot: ScriptRobot, clock: SystemClock) -> None:
        self._switch = switch
        self._robot = robot
        self._clock = clock
        self._links: dict[CallId, ConversationLink] = {}
        self.calls: dict[CallId, AnsweredCall] = {}
        self.reports: dict[PhoneNumber, HandlerReport] = {}
        self.waits_s: dict[PhoneNumber, list[float]] = {}
        self.tasks = TaskOwner("desk")

    async def run(self) -> None:
        async for event in self._switch.events():
            match event:
                case CallAnswered(call_id):
                    self._links[call_id] = ConversationLink(lambda _queue, _carry: None)
                    self.tasks.start("talk", self._talk(call_id))
                case DigitPressed(call_id, digit):
                    self._links[call_id].press(digit)
                case CallEnded(call_id):
                    self._links[call_id].call_over()
                    del self.calls[call_id]
                    if not self.calls:
                        return
                case _:
                    pass

    async def _talk(self, call_id: CallId) -> None:
        call = self.calls[call_id]
        media = MeteredMedia(await self._switch.media(call_id), self._clock)
        report = await self._robot.handle(call, media, self._links[call_id])
        self.reports[call.number] = report
        self.waits_s[call.number] = media.waits_s
        await self._switch.hangup(call_id)


class Journals:
    """A journal for each call."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self.of: dict[AttemptId, JournalTwin] = {}

    async def save_conversation(self, conversation: Conversation) -> None:
        journal = self.of.setdefault(conversation.attempt, JournalTwin(self._clock))
        await journal.save_conversation(conversation)

    async def opt_out(self, call: AnsweredCall, reason: str) -> None:
        raise AssertionError("nobody wished to be left alone")


async def _spoken_words(speech: SpeechCache) -> dict[str, Samples]:
    words = {"是的": Voice("zh", "f2"), "five": Voice("en", "f2")}
    return {word: (await speech.synthesize(word, voice)).samples for word, voice in words.items()}


async def _survey(
    hearing: VoskHearing, folder: Path
) -> tuple[Desk, dict[PhoneNumber, JournalTwin]]:
    clock = SystemClock()
    journals = Journals(clock)
    async with Pyttsx3Speech() as engine:
        speech = SpeechCache(engine, folder / "speech")
        people = {
            SPEAKER: Respondent([partial(Speak, word) for word in ("是的", "five", "是的")]),
            PRESSER: Respondent([partial(Press, key) for key in "141"]),
        }
        voices = Voices(await _spoken_words(speech))
        switch = SimulatedSwitch(clock, SimulatedOptions(population=Two(people), voices=voices))
        programs = ProgramsTwin(compile_script(demo("satisfaction"), "satisfaction.call"))
        robot = ScriptRobot(programs, Senses(speech, hearing, folder), journals, clock)
        await switch.start()
        desk = Desk(switch, robot, clock)
        ids = TimeOrderedIds(clock, Random(1))
        languages = {SPEAKER: "zh", PRESSER: "en"}
        attempts: dict[PhoneNumber, AttemptId] = {}
        for number, language in languages.items():
            attempt = attempts[number] = AttemptId(ids.new())
            fields = {"name": "Li", "language": language}
            desk.calls[CallId(attempt)] = AnsweredCall(
                attempt, CampaignId(ids.new()), number, ScriptVersionId(ids.new()), fields
            )
            due = clock.now() + timedelta(seconds=3)
            await switch.originate(DialCommand(attempt, number, None, 30.0, due))
        await desk.run()
        await desk.tasks.settle()
        await switch.aclose()
        await robot.aclose()
        await speech.aclose()
    return desk, {number: journals.of[attempt] for number, attempt in attempts.items()}


def test_two_people_take_the_survey_by_voice_and_by_key(
    hearing: VoskHearing, tmp_path: Path
) -> None:
    desk, journals = asyncio.run(_survey(hearing, tmp_path))

    assert {number: r.outcome for number, r in desk.reports.items()} == {
        SPEAKER: "completed",
        PRESSER: "completed",
    }
    answers = {
        number: {name: (a.value, a.source) for name, a in journal.answers.items()}
        for number, journal in journals.items()
    }
    assert answers[SPEAKER] == {"score": ("5", "voice"), "solved": ("yes", "voice")}
    assert answers[PRESSER] == {"score": ("4", "key"), "solved": ("yes", "key")}
    for journal in journals.values():
        assert journal.outcome == "completed"
        assert journal.results["consent"] == "yes"
    heard = [turn for turn in journals[SPEAKER].transcript() if not turn.startswith("robot")]
    assert heard == ["voice: 是的", "voice: five", "voice: 是的"]
    assert journals[SPEAKER].transcript()[-1] == "robot: 感谢您的参与，再见。"
    pressed = [turn for turn in journals[PRESSER].transcript() if not turn.startswith("robot")]
    assert pressed == ["key: 1", "key: 4", "key: 1"]
    # From the caller's last sound to the next prompt, of which 0.5 s end the answer.
    assert len(desk.waits_s[SPEAKER]) == 3
    assert max(desk.waits_s[SPEAKER]) < 1.2
