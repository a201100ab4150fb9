"""Runs a script on one answered call: the shell that joins machine, mouth, ear and timers.

One loop takes whatever comes first (a frame, a mark, a key, a timer, the end of the call),
turns it into a script event and carries out the actions that the script answers with. Nothing
in the loop waits for speech, for a recording or for the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import scripts_dsl as dsl
from kernel.clock import Clock
from kernel.conversation import AnsweredCall, HandlerReport, TransferOutcome
from kernel.media import AudioFrame, MarkReached
from robot.answer_timers import AnswerTimers
from robot.happenings import Happening, KeyPressed, LineGone, SoundBegan, TransferDone
from robot.hearing import Heard
from robot.line import Line
from robot.listener import CallerBegan, CallerDone, MachineAnswered, MessageDue, Noticed
from robot.music import hold_music
from robot.notes import FAILED, OPEN, Notes

#: The last word is played before the line is cut; networks buffer about this much.
LAST_WORD_S = 0.2
#: A person who answered waits for the first word at most so long, including what came before.
FIRST_SOUND_S = 1.2
#: In mid-call a longer silence is borne better than the end of the call.
LATER_SOUND_S = 3.0
#: A prompt interrupted so close to its end counts as heard.
NEAR_END_S = 1.0


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
        self._line = line
        self._mouth, self._listener = line.mouth, line.listener
        self._notes = notes
        self._clock = clock
        self._timers = AnswerTimers()
        self._message: dsl.Say | None = None
        self._spoken = False
        self._transferring = False
        self._line_gone = False
        self._outcome: str | None = None

    async def run(self, language: str) -> HandlerReport:
        """Talk until the script ends or the person is gone; what was found out is kept always.

        Raises:
            FieldError: the list row lacks what the script needs.
            UnavailableError: speech failed; whoever is on the line hears nothing more from us.
        """
        outcome = OPEN
        try:
            outcome = await self._talk(language)
        except Exception:
            # Whatever it was, and it is raised again: nothing half said may go on playing.
            outcome = FAILED
            await self._mouth.hush()
            raise
        finally:
            self._notes.keep(outcome)
            await self._line.happenings.aclose()
        return HandlerReport(outcome, machine=self._state.voicemail)

    async def _talk(self, language: str) -> str:
        self._state, actions = dsl.begin(self._program, self._call.fields, language)
        self._line.open()
        await self._carry_out(actions)
        while self._outcome is None:
            happening = await self._line.happenings.next(self._wait_s())
            if happening is None:
                await self._time_passed()
            else:
                await self._happened(happening)
        return self._outcome

    # --- what happens ------------------------------------------------------------------------

    @property
    def _busy(self) -> bool:
        """Whether somebody speaks: the time to answer begins when the line is quiet."""
        return self._mouth.playing is not None or self._listener.turn_open

    def _wait_s(self) -> float | None:
        times = (self._timers.next_s(busy=self._busy), self._listener.deadline_s)
        at_s = min((at_s for at_s in times if at_s is not None), default=None)
        return None if at_s is None else at_s - self._clock.monotonic()

    async def _time_passed(self) -> None:
        now_s = self._clock.monotonic()
        for noticed in self._listener.tick(now_s):
            await self._noticed(noticed)
        rung = self._timers.ring(now_s, busy=self._busy)
        if rung is None:
            return
        if isinstance(rung, dsl.DigitsTimeout) and self._state.typed_ahead:
            # Whoever presses on during a statement wants to get on with the question.
            await self._cut_short()
        else:
            await self._feed(rung)

    async def _happened(self, happening: Happening) -> None:
        match happening:
            case TransferDone(outcome):
                await self._transferred(outcome)
            case LineGone():
                self._line_gone = True
                if not self._transferring:
                    await self._feed(dsl.HungUp())
            case _ if self._transferring:
                pass  # the caller hears music, and waits
            case AudioFrame() | MarkReached() | SoundBegan():
                await self._sound(happening)
            case KeyPressed(digit):
                await self._key(digit)
            case _:
                assert_never(happening)

    async def _sound(self, sound: AudioFrame | MarkReached | SoundBegan) -> None:
        match sound:
            case AudioFrame(samples, at_s):
                played = self._mouth.played_at(at_s)
                for noticed in self._listener.push(samples, at_s, played):
                    await self._noticed(noticed)
            case MarkReached(mark):
                say = self._mouth.finished(mark)
                if say is not None:
                    await self._prompt_over(say)
            case SoundBegan(prompt_id):
                say = self._mouth.playing
                if say is not None and say.prompt_id == prompt_id and not self._mouth.paused:
                    self._listener.prompt_began(say, self._clock.monotonic())

    async def _noticed(self, noticed: Noticed) -> None:
        match noticed:
            case CallerBegan():
                await self._caller_began()
            case CallerDone(heard):
                await self._caller_done(heard)
            case MachineAnswered():
                await self._feed(dsl.MachineDetected())
            case MessageDue():
                message, self._message = self._message, None
                if message is not None:
                    await self._speak(message)
            case _:
                assert_never(noticed)

    async def _caller_began(self) -> None:
        if not self._mouth.yields:
            return
        left_s = await self._mouth.pause()
        self._listener.prompt_ended(self._clock.monotonic())
        if left_s < NEAR_END_S:
            await self._cut_short()

    async def _caller_done(self, heard: Heard | None) -> None:
        if heard is not None:
            self._notes.caller_said(heard.text, heard.confidence)
            said = dsl.Heard(heard.text, heard.confidence)
            await self._feed(said if heard.text else dsl.Unintelligible())
        if self._mouth.paused and self._outcome is None:
            # Nothing came of the interruption.
            self._mouth.resume()
        elif not self._busy:
            self._timers.line_quiet(self._clock.monotonic())

    async def _key(self, digit: str) -> None:
        self._listener.caller_is_human()
        self._notes.caller_pressed(digit)
        self._timers.key_pressed(self._clock.monotonic())
        before = self._mouth.playing
        await self._feed(dsl.Key(digit))
        # A key that answers is followed by something else; one that begins an entry is not.
        if self._timers.waiting and self._mouth.playing is before:
            await self._cut_short()

    async def _cut_short(self) -> None:
        say = self._mouth.playing
        if say is not None and say.interruptible:
            await self._mouth.hush()
            await self._prompt_over(say)

    async def _prompt_over(self, say: dsl.Say) -> None:
        now_s = self._clock.monotonic()
        self._listener.prompt_ended(now_s)
        self._timers.line_quiet(now_s)
        await self._feed(dsl.PromptDone(say.prompt_id))

    # --- what the script wants ---------------------------------------------------------------

    async def _feed(self, event: dsl.Event) -> None:
        self._state, actions = dsl.step(self._program, self._state, event)
        if self._state.understood:
            self._listener.caller_is_human()
        await self._carry_out(actions)
        self._notes.keep_findings()

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
                self._timers.dropped()
            case dsl.Record() | dsl.SetResult() | dsl.AddToSuppression():
                self._notes.take(action)
            case dsl.Transfer(queue, carry):
                await self._transfer(queue, carry)
            case dsl.End(outcome):
                await self._end(outcome)
            case _:
                assert_never(action)

    async def _say(self, say: dsl.Say) -> None:
        if self._state.voicemail and self._listener.machine_greets:
            self._message = say
            await self._mouth.hush()
        elif not self._line_gone:
            await self._speak(say)

    async def _speak(self, say: dsl.Say) -> None:
        self._notes.robot_said(say)
        await self._mouth.say(say, LATER_SOUND_S if self._spoken else FIRST_SOUND_S)
        self._spoken = True

    def _ask(self, question: dsl.Listen) -> None:
        self._listener.listen(question)
        self._timers.asked(question)
        if self._mouth.playing is None:
            self._timers.line_quiet(self._clock.monotonic())

    async def _transfer(self, queue: str, carry: Mapping[str, str]) -> None:
        self._transferring = True
        self._notes.keep()
        await self._mouth.hum(hold_music())
        self._line.ask_for_agent(queue, carry)

    async def _transferred(self, outcome: TransferOutcome) -> None:
        self._transferring = False
        await self._mouth.hush()
        if outcome is TransferOutcome.NONE and not self._line_gone:
            await self._feed(dsl.TransferResult("none"))
            return
        # The call is the agent's now, or nobody's: the script comes to its end without a word.
        self._line_gone = True
        if outcome is TransferOutcome.JOINED:
            await self._line.leave()
            await self._feed(dsl.TransferResult("joined"))
        else:
            await self._feed(dsl.TransferResult("left"))
        await self._feed(dsl.HungUp())

    async def _end(self, outcome: str) -> None:
        self._outcome = outcome
        if self._mouth.playing is not None:
            await self._mouth.hush()
        elif not self._line_gone:
            await self._clock.sleep(LAST_WORD_S)
