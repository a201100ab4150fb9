"""A leg on the simulated switch: an attempt's call or an agent's telephone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from kernel.call import AttemptState
from kernel.ids import AttemptId
from kernel.media import RATE_HZ, Samples
from kernel.telephony import CallId
from telephony_adapter.simulated.agenda import Agenda, Appointment
from telephony_adapter.simulated.people import (
    Action,
    Callee,
    HangUp,
    Person,
    PersonEvent,
    Press,
    Speak,
    Spoke,
    Voices,
)
from telephony_adapter.simulated.tape import Tape
from telephony_adapter.simulated.track import Track

#: Pause between the keys that a person presses in one go.
_KEY_GAP_S = 0.2


@dataclass(eq=False)
class Leg:
    """State of one leg; the exchange alone changes it.

    Attributes:
        attempt: None for an agent's leg.
        began_s: monotonic time of the command; position 0 of both tracks.
        said: sound from the far end to us.
        heard: sound from us to the far end.
        timers: appointments that end with the leg.
        tape: the running recording, or None.
        prompts_end: position where the last prompt ends.
    """

    call_id: CallId
    attempt: AttemptId | None
    callee: Callee
    began_s: float
    state: AttemptState = AttemptState.SENT
    answered_at: datetime | None = None
    peer: Leg | None = None
    said: Track = field(default_factory=Track)
    heard: Track = field(default_factory=Track)
    timers: list[Appointment] = field(default_factory=list)
    tape: Tape | None = None
    prompts_end: int = 0
    presence: Presence | None = None

    def position(self, now_s: float) -> int:
        """Samples since the leg began."""
        return round((now_s - self.began_s) * RATE_HZ)


@dataclass(frozen=True, slots=True)
class Hands:
    """What a person can do to the switch."""

    speak: Callable[[Samples], None]
    press: Callable[[str], None]
    hang_up: Callable[[], None]


class Presence:
    """A person on a leg: keeps the plan the person made, and carries it out.

    Args:
        person: decides.
        agenda: when.
        voices: how words sound.
        hands: where actions go.
        clock_s: monotonic seconds.
    """

    def __init__(
        self,
        person: Person,
        agenda: Agenda,
        voices: Voices,
        hands: Hands,
        clock_s: Callable[[], float],
    ) -> None:
        self._person = person
        self._agenda = agenda
        self._voices = voices
        self._hands = hands
        self._clock_s = clock_s
        self._since_s = clock_s()
        self._planned: list[Appointment] = []
        self._speech: Appointment | None = None

    def notice(self, event: PersonEvent) -> None:
        """Tell the person and follow the new plan, if there is one."""
        plan = self._person.react(event, self._clock_s() - self._since_s)
        if plan is None:
            return
        self._drop()
        for action in plan:
            self._schedule(action)

    def leave(self) -> None:
        """The call is over: do nothing more."""
        self._drop()
        if self._speech is not None:
            self._speech.cancel()

    def _drop(self) -> None:
        for appointment in self._planned:
            appointment.cancel()
        self._planned.clear()

    def _schedule(self, action: Action) -> None:
        match action:
            case Speak(word, after_s):
                self._plan(after_s, lambda: self._speak(word))
            case Press(digits, after_s):
                for place, digit in enumerate(digits):
                    self._plan(after_s + place * _KEY_GAP_S, partial(self._hands.press, digit))
            case HangUp(after_s):
                self._plan(after_s, self._hands.hang_up)

    def _plan(self, after_s: float, act: Callable[[], None]) -> None:
        self._planned.append(self._agenda.after(after_s, act))

    def _speak(self, word: str) -> None:
        samples = self._voices.say(word)
        self._hands.speak(samples)
        self._speech = self._agenda.after(len(samples) / RATE_HZ, lambda: self.notice(Spoke()))
