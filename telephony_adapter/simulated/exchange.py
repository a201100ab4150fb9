"""The inside of the simulated switch: legs, what their people do, what is written down.

Everything here is synchronous and happens on one agenda; the shell in `switch` carries commands
in and events out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kernel.call import AttemptState, EndedBy
from kernel.clock import Clock
from kernel.errors import PeerError
from kernel.ids import AttemptId
from kernel.media import RATE_HZ, Samples
from kernel.telephony import (
    AgentLegCommand,
    CallAnswered,
    CallEarlyMedia,
    CallEnded,
    CallEvent,
    CallId,
    CallRinging,
    DialCommand,
    DigitPressed,
    Finished,
    RecordingReady,
    Reply,
    call_id,
)
from telephony_adapter import causes
from telephony_adapter.simulated.agenda import Agenda
from telephony_adapter.simulated.audio import AudioDesk
from telephony_adapter.simulated.leg import Hands, Leg, Presence
from telephony_adapter.simulated.media import SimulatedMedia
from telephony_adapter.simulated.people import (
    Callee,
    HeardDigit,
    HeardSpeech,
    Joined,
    Outcome,
    Parted,
    Person,
    PickedUp,
    Population,
    SpeechOver,
    Voices,
)
from telephony_adapter.simulated.records import Records
from telephony_adapter.simulated.tape import Tape
from telephony_adapter.simulated.truth import TruthLog
from telephony_adapter.sound import prompt_path, read_wav, recording_path


@dataclass(frozen=True, slots=True)
class World:
    """What the switch is connected to.

    Attributes:
        population: who can be called.
        voices: how people sound.
        agent: makes the person behind an agent's address.
        prompts, recordings: folders, or None.
    """

    population: Population
    voices: Voices
    agent: Callable[[str], Person]
    prompts: Path | None = None
    recordings: Path | None = None


class Exchange:
    """Legs and people of one switch.

    Args:
        clock: the switch's clock.
        agenda: its timers.
        world: what it is connected to.
        records: where it notes used ids and ended calls.
        emit: takes each event.
    """

    def __init__(
        self,
        clock: Clock,
        agenda: Agenda,
        world: World,
        records: Records,
        emit: Callable[[CallEvent], None],
    ) -> None:
        self._clock = clock
        self._agenda = agenda
        self._world = world
        self._records = records
        self._emit = emit
        self._desk = AudioDesk(agenda, clock.monotonic)
        self.legs: dict[CallId, Leg] = {}
        self.truth = TruthLog()

    # --- commands ----------------------------------------------------------------------------

    def dial(self, command: DialCommand) -> Reply:
        """The gate, then the call."""
        attempt = command.attempt_id
        if self._records.used(attempt):
            return Reply.DUPLICATE
        if self._clock.now() > command.deadline_at or self._records.vouched(attempt):
            return Reply.EXPIRED
        self._records.use(attempt)
        number = command.number
        callee = self._world.population.callee(number, self.truth.next_attempt_no(number))
        self.truth.invite(attempt, number, callee.outcome, self._clock.now())
        leg = self._enter(call_id(attempt), attempt, callee)
        self._later(leg, command.ring_timeout_s, lambda: self._give_up(leg))
        return Reply.SENT

    def ring_agent(self, command: AgentLegCommand) -> None:
        """Ring `sim:<n>`; agents answer after 0.3 s and stay."""
        scheme, _, seat = command.address.partition(":")
        if scheme != "sim" or not seat:
            raise PeerError(f"the simulated switch rings sim:<n>, not {command.address[:20]!r}")
        if command.leg_id in self.legs:
            raise PeerError("this leg id is in use", leg_id=str(command.leg_id))
        person = self._world.agent(command.address)
        callee = Callee(Outcome.ANSWER, alert_s=0.05, ring_s=0.25, person=person)
        leg = self._enter(command.leg_id, None, callee)
        self._later(leg, command.ring_timeout_s, lambda: self._give_up(leg))

    def bridge(self, call: CallId, other: CallId) -> None:
        """Join two answered legs; a call that is joined elsewhere moves."""
        one, two = self._answered(call), self._answered(other)
        if one.peer is two:
            return
        if two.peer is not None:
            raise PeerError("this agent's leg has another call", leg_id=str(other))
        self._part(one)
        one.peer, two.peer = two, one
        self.truth.bridge(one.attempt, other, self._clock.now())
        now_s = self._clock.monotonic()
        for leg, peer in ((one, two), (two, one)):
            # Whoever is speaking at this moment is heard from here on.
            peer.heard.add(peer.position(now_s), leg.said.rest(leg.position(now_s)), leg)
            if leg.presence is not None:
                leg.presence.notice(Joined())

    def unbridge(self, call: CallId, other: CallId) -> None:
        """Part two legs if they are joined."""
        leg = self.legs.get(call)
        if leg is not None and leg.peer is not None and leg.peer.call_id == other:
            self._part(leg)

    def play(self, call: CallId, prompt: str) -> float:
        """Play a prompt behind those that still play; returns its own length in seconds."""
        leg = self._answered(call)
        samples = read_wav(prompt_path(self._world.prompts, prompt))
        start = max(leg.position(self._clock.monotonic()), leg.prompts_end)
        leg.prompts_end = start + len(samples)
        leg.heard.add(start, samples)
        self.truth.meet(leg.attempt, self._clock.now())
        seconds = len(samples) / RATE_HZ
        wait_s = (start - leg.position(self._clock.monotonic())) / RATE_HZ
        self._later(leg, wait_s, lambda: self._hears(leg, HeardSpeech()))
        self._later(leg, wait_s + seconds, lambda: self._hears(leg, SpeechOver()))
        return seconds

    def open_media(self, call: CallId) -> SimulatedMedia:
        """Give a robot the call's audio."""
        leg = self._leg(call)
        if leg.state not in {AttemptState.EARLY, AttemptState.ANSWERED}:
            raise PeerError("the call has no audio yet", call_id=str(call))
        if leg.state is AttemptState.ANSWERED:
            self.truth.meet(leg.attempt, self._clock.now())
        return self._desk.open(leg)

    def send_digits(self, call: CallId, digits: str) -> None:
        """Press keys towards the person."""
        leg = self._answered(call)
        self.truth.key_heard(leg.attempt, digits)
        for digit in digits:
            self._hears(leg, HeardDigit(digit))

    def record(self, call: CallId, name: str) -> None:
        """Record from now until the end."""
        leg = self._answered(call)
        path = recording_path(self._world.recordings, name)
        if leg.tape is not None:
            raise PeerError("this call is being recorded already", call_id=str(call))
        leg.tape = Tape(path, leg.position(self._clock.monotonic()))

    def hang_up(self, call: CallId, by: EndedBy = EndedBy.US) -> None:
        """End a leg if it is up."""
        leg = self.legs.get(call)
        if leg is not None:
            self._end(leg, CallEnded(call, causes.NORMAL_CLEARING, ended_by=by))

    def die(self) -> dict[AttemptId, Finished]:
        """The process is killed: nothing is said to anybody; returns the attempts that were up."""
        self._desk.forget()
        lost: dict[AttemptId, Finished] = {}
        for leg in self.legs.values():
            ended = CallEnded(leg.call_id, causes.TEMPORARY_FAILURE, ended_by=EndedBy.NETWORK)
            if leg.attempt is not None:
                lost[leg.attempt] = self._finished(leg, ended)
            if leg.presence is not None:
                leg.presence.leave()
            self.truth.end(leg.attempt, self._clock.now(), EndedBy.NETWORK)
        self.legs.clear()
        return lost

    # --- what happens ------------------------------------------------------------------------

    def _enter(self, call: CallId, attempt: AttemptId | None, callee: Callee) -> Leg:
        leg = Leg(call, attempt, callee, self._clock.monotonic())
        self.legs[call] = leg
        self._later(leg, callee.alert_s, lambda: self._alert(leg))
        if math.isfinite(callee.ring_s):
            self._later(leg, callee.alert_s + callee.ring_s, lambda: self._decide(leg))
        return leg

    def _alert(self, leg: Leg) -> None:
        callee = leg.callee
        if callee.announcement:
            leg.state = AttemptState.EARLY
            self._emit(CallEarlyMedia(leg.call_id))
            self._speak(leg, self._world.voices.say(callee.announcement))
        elif callee.rings:
            leg.state = AttemptState.RINGING
            self._emit(CallRinging(leg.call_id))

    def _decide(self, leg: Leg) -> None:
        callee = leg.callee
        if callee.person is None:
            by = causes.who_refused(callee.sip_status or 0)
            self._end(leg, CallEnded(leg.call_id, callee.cause, callee.sip_status, by))
            return
        self._drop_timers(leg)
        leg.state = AttemptState.ANSWERED
        leg.answered_at = self._clock.now()
        self.truth.answer(leg.attempt, leg.answered_at)
        self._emit(CallAnswered(leg.call_id))
        hands = Hands(
            speak=lambda samples: self._speak(leg, samples),
            press=lambda digit: self._press(leg, digit),
            hang_up=lambda: self.hang_up(leg.call_id, EndedBy.CALLEE),
        )
        leg.presence = Presence(
            callee.person, self._agenda, self._world.voices, hands, self._clock.monotonic
        )
        leg.presence.notice(PickedUp())

    def _give_up(self, leg: Leg) -> None:
        ended = CallEnded(leg.call_id, causes.NO_ANSWER, ended_by=EndedBy.US, ring_timeout=True)
        self._end(leg, ended)

    def _speak(self, leg: Leg, samples: Samples) -> None:
        now_s = self._clock.monotonic()
        leg.said.add(leg.position(now_s), samples, leg)
        if leg.peer is not None:
            leg.peer.heard.add(leg.peer.position(now_s), samples, leg)

    def _press(self, leg: Leg, digit: str) -> None:
        self.truth.key(leg.attempt, digit)
        self._emit(DigitPressed(leg.call_id, digit))

    def _hears(self, leg: Leg, event: HeardSpeech | SpeechOver | HeardDigit) -> None:
        if leg.presence is not None:
            leg.presence.notice(event)

    def _part(self, leg: Leg) -> None:
        peer = leg.peer
        if peer is None:
            return
        leg.peer = peer.peer = None
        now_s = self._clock.monotonic()
        leg.heard.cut(leg.position(now_s), peer)
        peer.heard.cut(peer.position(now_s), leg)
        for party in (leg, peer):
            if party.presence is not None and party.call_id in self.legs:
                party.presence.notice(Parted())

    def _end(self, leg: Leg, ended: CallEnded) -> None:
        if self.legs.pop(leg.call_id, None) is None:
            return
        self._drop_timers(leg)
        if leg.presence is not None:
            leg.presence.leave()
        self._part(leg)
        self._desk.end(leg)
        self.truth.end(leg.attempt, self._clock.now(), ended.ended_by)
        if leg.attempt is not None:
            self._records.finish(leg.attempt, self._finished(leg, ended))
        self._emit(ended)
        self._finish_recording(leg)

    def _finish_recording(self, leg: Leg) -> None:
        if leg.tape is not None:
            end = leg.position(self._clock.monotonic())
            seconds = leg.tape.finish(leg.said, leg.heard, end)
            self._emit(RecordingReady(leg.call_id, str(leg.tape.path), seconds))

    # --- bookkeeping -------------------------------------------------------------------------

    def _finished(self, leg: Leg, ended: CallEnded) -> Finished:
        return Finished(leg.state, ended, leg.answered_at, self._clock.now())

    def _later(self, leg: Leg, delay_s: float, act: Callable[[], None]) -> None:
        leg.timers.append(self._agenda.after(delay_s, act))

    def _drop_timers(self, leg: Leg) -> None:
        for timer in leg.timers:
            timer.cancel()
        leg.timers.clear()

    def _leg(self, call: CallId) -> Leg:
        leg = self.legs.get(call)
        if leg is None:
            raise PeerError("the call is gone", call_id=str(call))
        return leg

    def _answered(self, call: CallId) -> Leg:
        leg = self._leg(call)
        if leg.state is not AttemptState.ANSWERED:
            raise PeerError("the call is not answered", call_id=str(call))
        return leg
