"""A call whose caller follows a script, for tests in virtual time.

`ScriptedLine` is the call: the product's own simulated media, moved on every 20 ms, with keys
and the wish for an agent beside it. What goes out is played in real order and pace; marks come
when everything before them was played; a flush drops what was not. A test writes its caller as a
coroutine (`await line.robot_silent(); line.press("1")`).

`ToyVoice` and `ToyEar` are the twins of `Speech` and `Hearing`. A word is a sound of its own
pitch that the real voice detector takes for speech; the ear finds a word only when all of its
sound was brought to it, and only among the phrases it was told to listen for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import numpy as np
from scipy.signal import correlate, lfilter

from kernel.clock import Clock, VirtualClock
from kernel.conversation import (
    AnsweredCall,
    Conversation,
    HandlerReport,
    SurveyAnswer,
    TransferOutcome,
    Turn,
)
from kernel.errors import UnavailableError, WaihuError
from kernel.ids import AttemptId, CampaignId, ScriptVersionId
from kernel.media import FRAME_SAMPLES, RATE_HZ, MediaEvent, Samples
from kernel.phone import PhoneNumber
from kernel.service import TaskOwner
from kernel.virtual_time import run_virtual
from robot.audio import Audio, level_dbfs
from robot.hearing import Heard, Hearing, Partial, Recognizer
from robot.script_robot import ScriptRobot, Senses
from robot.tts import Language, Voice
from scripts_dsl import Program, compile_script
from telephony_adapter.simulated.media import SimulatedMedia

FRAME_S = 0.02
DEMO_SCRIPTS = Path(__file__).parents[2] / "demo" / "scripts"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_NOISE = np.random.default_rng(3).normal(0, 8, 20 * RATE_HZ).astype(np.int16)


@cache
def voiced(pitch_hz: float, seconds: float) -> Samples:
    """A vowel: pulses of the glottis through the resonances of a mouth."""
    count = round(seconds * RATE_HZ)
    pulses = np.zeros(count)
    pulses[(np.arange(0, count * pitch_hz / RATE_HZ) * RATE_HZ / pitch_hz).astype(int)] = 1.0
    for centre_hz, width_hz in ((700, 110), (1200, 120), (2600, 160)):
        radius = np.exp(-np.pi * width_hz / RATE_HZ)
        angle = 2 * np.pi * centre_hz / RATE_HZ
        pulses = lfilter([1.0], [1.0, -2 * radius * np.cos(angle), radius**2], pulses)
    sound: Samples = (pulses / np.abs(pulses).max() * 12000).astype(np.int16)
    return sound


@cache
def word(text: str) -> Samples:
    """The caller's voice saying `text`: 0.5 s, in a pitch that belongs to the text."""
    return voiced(140.0 + sum(text.encode()) * 7 % 180, 0.5)


class ToyVoice:
    """`Speech`: 0.1 s of sound for each character, made `delay_s` after it is wanted."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.fails_from_text: str | None = None

    async def version(self) -> str:
        return "toy"

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        if self.fails_from_text is not None and self.fails_from_text in text:
            raise UnavailableError("the speech worker failed twice")
        await asyncio.sleep(self.delay_s)
        sound = voiced(100.0, 0.1 * len(text)) if text else np.zeros(0, np.int16)
        return Audio(RATE_HZ, sound)


@dataclass
class ToyEar:
    """`Hearing` of words made by `word`."""

    can_hear: bool = True
    frames: int = 0
    listened_for: list[tuple[str, ...]] = field(default_factory=list)

    def start(self, phrases: tuple[str, ...], language: Language) -> Recognizer:
        self.listened_for.append(phrases)
        return _ToyRecognizer(self, phrases)


class _ToyRecognizer:
    def __init__(self, ear: ToyEar, phrases: tuple[str, ...]) -> None:
        self._ear = ear
        self._phrases = phrases
        self._heard: list[Samples] = []

    def push(self, frame: Samples) -> Partial | None:
        self._ear.frames += 1
        self._heard.append(frame)
        return None

    def finish(self) -> Heard:
        sound = np.concatenate(self._heard).astype(float)
        found = [(_likeness(sound, word(text)), text) for text in self._phrases]
        self.reset()
        best, text = max(found)
        return Heard(text, 0.9) if best > 0.9 else Heard("", 0.0)

    def reset(self) -> None:
        self._heard = []


def _likeness(sound: np.ndarray, of: Samples) -> float:
    """1 where all of `of` lies in `sound`."""
    if len(sound) < len(of):
        return 0.0
    wanted = of.astype(float)
    return float(correlate(sound, wanted, "valid").max() / np.square(wanted).sum())


class ScriptedLine:
    """`MediaStream` and `CallControl` of one call; times are seconds since the answer."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._media = SimulatedMedia(lambda _media: None)
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._said: list[tuple[float, Samples]] = []
        self._moved = asyncio.Event()
        self._hung_up = asyncio.Event()
        self.played: list[tuple[float, Samples]] = []
        self.flushed_s: list[float] = []
        self.transfers: list[tuple[float, str, dict[str, str]]] = []
        self.agents: Callable[[], Awaitable[TransferOutcome]] = self._nobody
        self.left_s: float | None = None
        self.broken = False
        self.tasks = TaskOwner("line")
        self.tasks.start("pace", self._pace())

    # --- what the product does ---------------------------------------------------------------

    async def send(self, samples: Samples) -> None:
        if self.broken:
            raise UnavailableError("the call's audio is gone")
        await self._media.send(samples)

    async def mark(self, mark: str) -> None:
        await self._media.mark(mark)

    async def flush(self) -> None:
        self.flushed_s.append(self.now_s)
        await self._media.flush()

    def events(self) -> AsyncIterator[MediaEvent]:
        return self._media.events()

    async def aclose(self) -> None:
        self.left_s = self.now_s
        await self._media.aclose()

    async def digits(self) -> AsyncIterator[str]:
        while (digit := await self._keys.get()) is not None:
            yield digit

    async def transfer(self, queue: str, carry: Mapping[str, str]) -> TransferOutcome:
        self.transfers.append((self.now_s, queue, dict(carry)))
        return await self.agents()

    # --- what the caller does ----------------------------------------------------------------

    @property
    def now_s(self) -> float:
        return self._clock.monotonic()

    async def at(self, at_s: float) -> None:
        await self._clock.sleep(max(0.0, at_s - self.now_s))

    async def wait(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def robot_speaks(self) -> float:
        """Wait until the robot is heard; returns when that was."""
        while not self._audible(1):
            await self._next_frame()
        return self.now_s

    async def robot_silent(self) -> float:
        """Wait until the robot was heard and has been silent for 0.3 s; returns since when."""
        await self.robot_speaks()
        while self._audible(15):
            await self._next_frame()
        return self.now_s - 15 * FRAME_S

    def press(self, digits: str) -> None:
        for digit in digits:
            self._keys.put_nowait(digit)

    def say(self, text: str) -> float:
        """Begin to say a word; returns when it will be over."""
        return self.sound(word(text))

    def sound(self, samples: Samples) -> float:
        self._said.append((self.now_s, samples))
        return self.now_s + len(samples) / RATE_HZ

    def hang_up(self) -> None:
        self._media.end()
        self._hung_up.set()
        self._keys.put_nowait(None)

    # --- what was heard ----------------------------------------------------------------------

    def spoke_between(self, from_s: float, to_s: float) -> float:
        """Seconds of robot that the caller heard in a stretch of time."""
        return FRAME_S * sum(
            from_s <= at_s < to_s and level_dbfs(frame) > -50 for at_s, frame in self.played
        )

    def first_sound_after(self, at_s: float) -> float:
        return next(t for t, frame in self.played if t >= at_s and level_dbfs(frame) > -50)

    def _audible(self, frames: int) -> bool:
        recent = [level for at, level in self.played if at > self.now_s - frames * FRAME_S - 1e-6]
        return any(level_dbfs(frame) > -50 for frame in recent)

    async def _next_frame(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    async def _nobody(self) -> TransferOutcome:
        try:
            async with asyncio.timeout(20.0):
                await self._hung_up.wait()
        except TimeoutError:
            return TransferOutcome.NONE
        return TransferOutcome.LEFT

    async def _pace(self) -> None:
        frames = 0
        while True:
            frames += 1
            await self.at(frames * FRAME_S)
            at_s = self.now_s
            self._media.deliver(self._caller_frame(frames), at_s)
            played = self._media.next_frame()
            if played is not None:
                self.played.append((at_s - FRAME_S, played))
            self._moved.set()

    def _caller_frame(self, number: int) -> Samples:
        first = (number - 1) * FRAME_SAMPLES
        mixed = _NOISE[first % len(_NOISE) :][:FRAME_SAMPLES].astype(np.int32)
        for at_s, samples in self._said:
            begin = round(at_s * RATE_HZ)
            piece = samples[max(0, first - begin) : max(0, first + FRAME_SAMPLES - begin)]
            place = max(0, begin - first)
            mixed[place : place + len(piece)] += piece
        return np.clip(mixed, -32768, 32767).astype(np.int16)


@dataclass
class JournalTwin:
    """`Journal` that keeps what it is given as the store does, and can be away."""

    clock: Clock
    away_until_s: float = 0.0
    conversation: Conversation | None = None
    opt_outs: list[tuple[float, str]] = field(default_factory=list)
    turns: dict[int, Turn] = field(default_factory=dict)
    answers: dict[str, SurveyAnswer] = field(default_factory=dict)
    saved_s: list[float] = field(default_factory=list)

    async def save_conversation(self, conversation: Conversation) -> None:
        self._here()
        self.conversation = conversation
        self.turns |= {turn.seq: turn for turn in conversation.turns}
        self.answers |= {answer.question: answer for answer in conversation.answers}
        self.saved_s.append(self.clock.monotonic())

    async def opt_out(self, call: AnsweredCall, reason: str) -> None:
        self._here()
        self.opt_outs.append((self.clock.monotonic(), reason))

    def _here(self) -> None:
        if self.clock.monotonic() < self.away_until_s:
            raise UnavailableError("the database is away")

    @property
    def outcome(self) -> str:
        assert self.conversation is not None
        return self.conversation.outcome

    @property
    def results(self) -> Mapping[str, str]:
        assert self.conversation is not None
        return self.conversation.results

    def transcript(self) -> list[str]:
        """`robot: ...`, `voice: ...` or `key: ...`, in order."""
        turns = [self.turns[seq] for seq in sorted(self.turns)]
        return [f"{turn.source or turn.speaker}: {turn.text}" for turn in turns]

    def said_at(self, text: str) -> list[float]:
        """When the robot set out to say a prompt that contains `text`."""
        return [
            (turn.at - START).total_seconds()
            for turn in self.turns.values()
            if turn.speaker == "robot" and text in turn.text
        ]


@dataclass
class ProgramsTwin:
    program_: Program
    delay_s: float = 0.0

    async def program(self, script: ScriptVersionId) -> Program:
        await asyncio.sleep(self.delay_s)
        return self.program_


@dataclass
class Stage:
    """Everything one call needs; a test changes what it is about."""

    source: str
    fields: Mapping[str, str] = field(default_factory=lambda: {"language": "en", "name": "Ann"})
    voice: ToyVoice = field(default_factory=ToyVoice)
    ear: Hearing = field(default_factory=ToyEar)
    recordings: Path = Path("/nonexistent")
    program_delay_s: float = 0.0
    database_away_s: float = 0.0
    limit_s: float = 300.0


@dataclass
class Played:
    """What became of a call.

    Attributes:
        report: None when the robot gave up.
        ended_s: when the robot was done.
    """

    line: ScriptedLine
    journal: JournalTwin
    report: HandlerReport | None
    error: Exception | None
    ended_s: float


Caller = Callable[[ScriptedLine], Awaitable[None]]


async def silent(line: ScriptedLine) -> None:
    """A caller who does nothing at all."""


def demo(name: str) -> str:
    return (DEMO_SCRIPTS / f"{name}.call").read_text(encoding="utf-8")


def call(stage: Stage, caller: Caller = silent) -> Played:
    """Play one call in virtual time; nothing of it may be left over afterwards."""
    return run_virtual(_play(stage, caller))


async def _play(stage: Stage, caller: Caller) -> Played:
    clock = VirtualClock(START, asyncio.get_running_loop())
    line = ScriptedLine(clock)
    journal = JournalTwin(clock, stage.database_away_s)
    programs = ProgramsTwin(compile_script(stage.source, "test.call"), stage.program_delay_s)
    robot = ScriptRobot(programs, Senses(stage.voice, stage.ear, stage.recordings), journal, clock)
    acting = line.tasks.start("caller", _act(caller, line))
    report: HandlerReport | None = None
    failure: Exception | None = None
    try:
        async with asyncio.timeout(stage.limit_s):
            report = await robot.handle(answered_call(stage.fields), line, line)
    except (WaihuError, TimeoutError) as error:
        failure = error
    ended_s = clock.monotonic()
    if acting.done():
        acting.result()
    await line.tasks.aclose()
    await robot.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return Played(line, journal, report, failure, ended_s)


async def _act(caller: Caller, line: ScriptedLine) -> None:
    await caller(line)


def answered_call(fields: Mapping[str, str]) -> AnsweredCall:
    return AnsweredCall(
        AttemptId(UUID(int=1)),
        CampaignId(UUID(int=2)),
        PhoneNumber("+8613800138000"),
        ScriptVersionId(UUID(int=3)),
        fields,
    )
