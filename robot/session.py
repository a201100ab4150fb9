"""Runs a script on one answered call: the shell that joins machine, mouth, ear and timers.

One loop takes whatever comes first (a frame, a mark, a key, a timer, the end of the call),
turns it into a script event and carries out the actions that the script answers with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

import scripts_dsl as dsl
from kernel.clock import Clock
from kernel.conversation import (
    AnsweredCall,
    CallControl,
    HandlerReport,
    TransferOutcome,
)
from kernel.errors import UnavailableError
from kernel.media import AudioFrame, MarkReached, MediaStream
from kernel.service import TaskOwner
from robot.listener import Interrupted, Listener, MachineAnswered, Noticed, Understood
from robot.mouth import Mouth
from robot.music import hold_music
from robot.notes import Notes

log = structlog.get_logger(__name__)

#: The last word is played before the line is cut; networks buffer about this much.
LAST_WORD_S = 0.2


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key from the caller."""

    digit: str


@dataclass(frozen=True, slots=True)
class TransferDone:
    """What became of the wish for an agent."""

    outcome: TransferOutcome


@dataclass(frozen=True, slots=True)
class LineGone:
    """The call's audio has ended."""


Happening = AudioFrame | MarkReached | KeyPressed | TransferDone | LineGone


@dataclass(frozen=True, slots=True)
class Line:
    """One call's audio and controls, with the mouth and the ear on it."""

    media: MediaStream
    control: CallControl
    mouth: Mouth
    listener: Listener


class Session:
    """One conversation.

    Args:
        call: whom we talk to.
        program: the script.
        line: the call.
        notes: where transcript and answers go.
        clock: for timers.
    """

    def __init__(
        self, call: AnsweredCall, program: dsl.Program, line: Line, notes: Notes, clock: Clock
    ) -> None:
        self._call = call
        self._program = program
        self._media, self._control = line.media, line.control
        self._mouth, self._listener = line.mouth, line.listener
        self._notes = notes
        self._clock = clock
        self._happenings: asyncio.Queue[Happening] = asyncio.Queue()
        self._tasks = TaskOwner(f"conversation-{call.attempt}")
        self._question: dsl.Listen | None = None
        self._no_input_at_s: float | None = None
        self._next_key_at_s: float | None = None
        self._transferring = False
        self._machine = False
        self._outcome: str | None = None

    async def run(self, language: str) -> HandlerReport:
        """Talk until the script ends or the person is gone.

        Raises:
            FieldError: the list row lacks what the script needs.
        """
        self._state, actions = dsl.begin(self._program, self._call.fields, language)
        self._tasks.start("media", self._read_media())
        self._tasks.start("keys", self._read_keys())
        try:
            await self._carry_out(actions)
            while self._outcome is None:
                await self._take_one()
        except UnavailableError as error:
            # The line broke under us: the same as a hang-up.
            log.info("line lost", attempt=str(self._call.attempt), error=str(error))
            await self._feed(dsl.HungUp())
        finally:
            await self._tasks.aclose()
        outcome = self._outcome or "hung-up"
        self._notes.keep(outcome)
        return HandlerReport(outcome, machine=self._machine)

    # --- what happens ------------------------------------------------------------------------

    async def _read_media(self) -> None:
        async for event in self._media.events():
            self._happenings.put_nowait(event)
        self._happenings.put_nowait(LineGone())

    async def _read_keys(self) -> None:
        async for digit in self._control.digits():
            self._happenings.put_nowait(KeyPressed(digit))

    async def _ask_for_agent(self, queue: str, carry: Mapping[str, str]) -> None:
        outcome = await self._control.transfer(queue, carry)
        self._happenings.put_nowait(TransferDone(outcome))

    async def _take_one(self) -> None:
        deadline_s = self._deadline_s()
        if deadline_s is None:
            await self._happened(await self._happenings.get())
            return
        wait_s = deadline_s - self._clock.monotonic()
        if wait_s <= 0 and self._happenings.empty():
            await self._timer_rang()
            return
        try:
            async with asyncio.timeout(max(0.0, wait_s)):
                happening = await self._happenings.get()
        except TimeoutError:
            await self._timer_rang()
        else:
            await self._happened(happening)

    def _deadline_s(self) -> float | None:
        if self._mouth.playing is not None or self._listener.turn_open:
            return self._next_key_at_s
        timers = [t for t in (self._no_input_at_s, self._next_key_at_s) if t is not None]
        return min(timers, default=None)

    async def _timer_rang(self) -> None:
        if self._next_key_at_s is not None and self._clock.monotonic() >= self._next_key_at_s:
            self._next_key_at_s = None
            await self._feed(dsl.DigitsTimeout())
        else:
            self._no_input_at_s = None
            await self._feed(dsl.Silence())

    async def _happened(self, happening: Happening) -> None:
        match happening:
            case AudioFrame():
                await self._frame(happening)
            case MarkReached(prompt_id):
                await self._mark(prompt_id)
            case KeyPressed(digit):
                await self._key(digit)
            case TransferDone(outcome):
                await self._transferred(outcome)
            case LineGone() if not self._transferring:
                # During a transfer the agent's bridge takes the audio away; the outcome tells.
                await self._feed(dsl.HungUp())
            case LineGone():
                pass

    async def _frame(self, frame: AudioFrame) -> None:
        played = self._mouth.played_at(frame.at_s)
        for noticed in self._listener.push(frame.samples, frame.at_s, played):
            await self._noticed(noticed)

    async def _mark(self, prompt_id: str) -> None:
        if self._mouth.finished(prompt_id):
            await self._prompt_over(prompt_id)

    async def _noticed(self, noticed: Noticed) -> None:
        match noticed:
            case Interrupted():
                await self._cut_short()
            case Understood("", _):
                await self._feed(dsl.Unintelligible())
            case Understood(text, confidence):
                self._listener.caller_is_human()
                self._notes.caller_said(text, confidence)
                await self._feed(dsl.Heard(text, confidence))
            case MachineAnswered():
                self._machine = True
                await self._feed(dsl.MachineDetected())

    async def _key(self, digit: str) -> None:
        self._listener.caller_is_human()
        self._machine = False
        self._notes.caller_pressed(digit)
        await self._cut_short()
        if self._question is not None:
            self._next_key_at_s = self._clock.monotonic() + self._question.interdigit_s
        await self._feed(dsl.Key(digit))

    async def _cut_short(self) -> None:
        say = self._mouth.playing
        if say is not None and say.interruptible:
            await self._mouth.hush()
            await self._prompt_over(say.prompt_id)

    async def _prompt_over(self, prompt_id: str) -> None:
        now_s = self._clock.monotonic()
        self._listener.prompt_ended(now_s)
        if self._question is not None and self._question.no_input_s is not None:
            self._no_input_at_s = now_s + self._question.no_input_s
        await self._feed(dsl.PromptDone(prompt_id))

    # --- what the script wants ---------------------------------------------------------------

    async def _feed(self, event: dsl.Event) -> None:
        self._state, actions = dsl.step(self._program, self._state, event)
        await self._carry_out(actions)

    async def _carry_out(self, actions: tuple[dsl.Action, ...]) -> None:
        for action in actions:
            await self._act(action)

    async def _act(self, action: dsl.Action) -> None:
        match action:
            case dsl.Say():
                await self._say(action)
            case dsl.Listen():
                self._ask(action)
            case dsl.StopListening():
                self._listener.stop()
                self._question = self._no_input_at_s = self._next_key_at_s = None
            case dsl.Record() | dsl.SetResult() | dsl.AddToSuppression():
                self._notes.take(action)
            case dsl.Transfer(queue, carry):
                await self._transfer(queue, carry)
            case dsl.End(outcome):
                await self._end(outcome)

    async def _say(self, say: dsl.Say) -> None:
        self._no_input_at_s = None
        self._notes.robot_said(say)
        await self._mouth.say(say, self._clock.monotonic())
        self._listener.prompt_began(say, self._clock.monotonic())

    def _ask(self, question: dsl.Listen) -> None:
        self._question = question
        self._listener.listen(question)
        if self._mouth.playing is None and question.no_input_s is not None:
            self._no_input_at_s = self._clock.monotonic() + question.no_input_s

    async def _transfer(self, queue: str, carry: Mapping[str, str]) -> None:
        self._transferring = True
        self._notes.keep()
        await self._mouth.hum(hold_music())
        self._tasks.start("transfer", self._ask_for_agent(queue, dict(carry)))

    async def _transferred(self, outcome: TransferOutcome) -> None:
        self._transferring = False
        if outcome is TransferOutcome.JOINED:
            await self._media.aclose()
            await self._feed(dsl.TransferResult("joined"))
            self._outcome = self._outcome or "transferred"
            return
        if outcome is TransferOutcome.LEFT:
            await self._feed(dsl.HungUp())
            return
        await self._mouth.hush()
        await self._feed(dsl.TransferResult("none"))

    async def _end(self, outcome: str) -> None:
        self._outcome = outcome
        if not self._transferring and outcome != "hung-up":
            await self._clock.sleep(LAST_WORD_S)
