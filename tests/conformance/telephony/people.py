"""The lab's number plan as people of the simulated switch: the same numbers, the same ways."""

from __future__ import annotations

from kernel.media import Samples
from kernel.phone import PhoneNumber
from lab.number_plan import Behaviour, behaviour_of
from telephony_adapter import causes
from telephony_adapter.simulated.people import (
    Callee,
    HangUp,
    Outcome,
    Person,
    PersonEvent,
    PickedUp,
    Plan,
    Press,
    Speak,
)
from telephony_adapter.simulated.population import QuietPerson
from telephony_adapter.simulated.voices import ToneVoices, tone

_ALERT_S = 0.01
_FOREVER_S = 3600.0

_REFUSALS = {
    Behaviour.BUSY: (Outcome.BUSY, causes.USER_BUSY, 486),
    Behaviour.REJECTS: (Outcome.REJECT, causes.REJECTED, 603),
    Behaviour.NOT_FOUND: (Outcome.EMPTY_NUMBER, causes.UNALLOCATED, 404),
    Behaviour.UNAVAILABLE: (Outcome.POWER_OFF, causes.NO_ANSWER, 480),
    Behaviour.OVERLOADED: (Outcome.NETWORK_FAILURE, causes.NO_CIRCUIT, 503),
}

#: They answer at once; the number's delay is for what they do then.
_QUICK = {Behaviour.HANGS_UP, Behaviour.PRESSES_KEYS}


class Scripted:
    """Does one thing after picking up."""

    def __init__(self, *plan: Speak | Press | HangUp) -> None:
        self._plan = plan

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        return self._plan if isinstance(event, PickedUp) else None


class PlannedPopulation:
    """Everybody of `lab.number_plan` that this suite calls."""

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        behaviour = behaviour_of(number.e164)
        digits = number.e164.removeprefix("+86")
        delay_s = int(digits[5:7]) / 2
        if behaviour in _REFUSALS:
            outcome, cause, status = _REFUSALS[behaviour]
            rings = behaviour is Behaviour.REJECTS
            return Callee(outcome, _ALERT_S, delay_s, rings, cause=cause, sip_status=status)
        if behaviour is Behaviour.RINGS_FOREVER:
            return Callee(Outcome.NO_ANSWER, _ALERT_S, _FOREVER_S, cause=causes.NO_ANSWER)
        if behaviour is Behaviour.VACANT:
            return Callee(
                Outcome.EMPTY_NUMBER,
                _ALERT_S,
                1.0,
                announcement="vacant",
                cause=causes.UNALLOCATED,
                sip_status=404,
            )
        song = "song" if behaviour is Behaviour.SONG else ""
        person = _person(behaviour, delay_s, digits[7:])
        ring_s = 0.2 if behaviour in _QUICK else delay_s
        return Callee(Outcome.ANSWER, _ALERT_S, ring_s, announcement=song, person=person)


def _person(behaviour: Behaviour | None, delay_s: float, keys: str) -> Person:
    match behaviour:
        case Behaviour.HANGS_UP:
            return Scripted(HangUp(after_s=delay_s))
        case Behaviour.PRESSES_KEYS:
            return Scripted(Press(keys, after_s=delay_s))
        case Behaviour.TONE:
            return Scripted(Speak("tone1000"))
        case _:
            return QuietPerson()


def agent_person(address: str) -> Person:
    """Agents' telephones, by the first two digits of their extension."""
    extension = address.removeprefix("sim:")
    if behaviour_of(extension) is Behaviour.AGENT_TONE:
        return Scripted(Speak("tone1000"))
    return QuietPerson()


class LabVoices:
    """The lab's tone and songs; every other word is a short tone."""

    def say(self, word: str) -> Samples:
        if word == "tone1000":
            return tone(1000, 60)
        if word == "song":
            return tone(600, 60)
        return ToneVoices().say(word)
