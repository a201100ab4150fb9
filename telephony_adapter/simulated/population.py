"""People drawn from a seed: the same seed, number and attempt give the same person."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from random import Random

from kernel.errors import InputError
from kernel.phone import PhoneNumber
from telephony_adapter import causes
from telephony_adapter.simulated.people import (
    Callee,
    HangUp,
    HeardSpeech,
    Joined,
    Outcome,
    Parted,
    Person,
    PersonEvent,
    PickedUp,
    Plan,
    Press,
    Speak,
    SpeechOver,
    Spoke,
)


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of what dial attempts meet; together 1.

    The defaults are a consumer list on mobile numbers in the daytime.
    """

    answer: float = 0.45
    no_answer: float = 0.25
    busy: float = 0.08
    reject: float = 0.03
    empty_number: float = 0.05
    power_off: float = 0.06
    voicemail: float = 0.06
    network_failure: float = 0.02

    def __post_init__(self) -> None:
        shares = [getattr(self, field.name) for field in fields(self)]
        if min(shares) < 0 or not math.isclose(sum(shares), 1):
            raise InputError("the shares of a population are not negative and add up to 1")

    def share(self, outcome: Outcome) -> float:
        """The share of one outcome."""
        return float(getattr(self, outcome.value.replace("-", "_")))


@dataclass(frozen=True, slots=True)
class Habits:
    """How the people of a population behave once they have answered.

    Attributes:
        keys: digits pressed in answer to a question.
        words: words said in answer to a question.
        key_share: share of people who press keys; the others speak.
        hasty_share: share who hang up within two seconds of answering.
        patience_s: mean time somebody listens to silence before hanging up.
        talk_s: mean time somebody talks with an agent.
        replies: questions answered before one has had enough.
    """

    keys: str = "12"
    words: tuple[str, ...] = ("yes", "no")
    key_share: float = 0.6
    hasty_share: float = 0.05
    patience_s: float = 6.0
    talk_s: float = 60.0
    replies: int = 12


class Respondent:
    """Says hello, answers questions by key or word, talks with an agent, hangs up in the end.

    Args:
        replies: what to press (digits) or say (words) after each question, in order; then the
            person has had enough and hangs up.
        think_s: pause before each reply.
        patience_s: longest silence borne.
        talk_s: length of a talk with an agent.
    """

    #: Nobody listens to one prompt longer than this.
    _LISTEN_S = 60.0

    def __init__(
        self, replies: tuple[str, ...], *, think_s: float, patience_s: float, talk_s: float
    ) -> None:
        self._replies = list(reversed(replies))
        self._held: tuple[str, float] | None = None  # a reply that is not begun, and when it will
        self._think_s = think_s
        self._patience_s = patience_s
        self._talk_s = talk_s

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        """See `Person`."""
        match event:
            case PickedUp():
                return (Speak("hello", after_s=0.4), HangUp(after_s=self._patience_s))
            case HeardSpeech():
                self._take_back(now_s)
                return (HangUp(after_s=self._LISTEN_S),)
            case SpeechOver():
                return self._reply(now_s)
            case Joined():
                return (Speak("hello", after_s=0.5), HangUp(after_s=self._talk_s))
            case Parted():
                return (HangUp(after_s=self._patience_s),)
            case _:
                return None

    def _take_back(self, now_s: float) -> None:
        """The pause was not the end: what was about to be said is still to be said."""
        if self._held is not None and now_s < self._held[1]:
            self._replies.append(self._held[0])
        self._held = None

    def _reply(self, now_s: float) -> Plan:
        if not self._replies:
            return (HangUp(after_s=self._think_s),)
        reply = self._replies.pop()
        self._held = (reply, now_s + self._think_s)
        leave = HangUp(after_s=self._think_s + self._patience_s + 10.0)
        if reply.strip("0123456789*#"):
            return (Speak(reply, after_s=self._think_s), leave)
        return (Press(reply, after_s=self._think_s), leave)


class HastyPerson:
    """Hangs up soon after answering, whatever is said."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        """See `Person`."""
        return (HangUp(after_s=self._after_s),) if isinstance(event, PickedUp) else None


class QuietPerson:
    """Stays on the line and says nothing: an agent at a telephone."""

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        """See `Person`."""
        del event, now_s
        return None


class AnsweringMachine:
    """Greets, beeps, records for `record_s`, hangs up; hears nothing."""

    def __init__(self, record_s: float) -> None:
        self._record_s = record_s
        self._greeted = False

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        """See `Person`."""
        if isinstance(event, PickedUp):
            return (Speak("voicemail", after_s=0.3),)
        if isinstance(event, Spoke) and not self._greeted:
            self._greeted = True
            return (Speak("beep", after_s=0.2), HangUp(after_s=self._record_s))
        return None


class SeededPopulation:
    """Draws every callee from (seed, number, attempt).

    Empty numbers are a property of the number and stay empty; everything else is drawn anew
    for each attempt.

    Args:
        seed: names the population.
        mix: shares of the outcomes.
        habits: what people do once they have answered.
    """

    def __init__(self, seed: int, mix: Mix | None = None, habits: Habits | None = None) -> None:
        self._seed = seed
        self._mix = mix or Mix()
        self._habits = habits or Habits()

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        """See `Population`."""
        # A text seed is hashed with SHA-512: the same draw on every machine and Python.
        forever = Random(f"{self._seed}/{number.e164}")
        if forever.random() < self._mix.empty_number:
            outcome = Outcome.EMPTY_NUMBER
            return self._refusal(outcome, forever)
        rng = Random(f"{self._seed}/{number.e164}/{attempt_no}")
        changing = [kind for kind in Outcome if kind is not Outcome.EMPTY_NUMBER]
        weights = [self._mix.share(kind) for kind in changing]
        outcome = rng.choices(changing, weights)[0]
        if outcome is Outcome.ANSWER:
            return Callee(
                outcome,
                _alert_s(rng),
                min(28.0, rng.lognormvariate(2.0, 0.5)),
                person=self._person(rng),
            )
        if outcome is Outcome.VOICEMAIL:
            machine = AnsweringMachine(record_s=rng.uniform(30, 60))
            return Callee(outcome, _alert_s(rng), rng.uniform(15, 22), person=machine)
        return self._refusal(outcome, rng)

    def _person(self, rng: Random) -> Person:
        habits = self._habits
        if rng.random() < habits.hasty_share:
            return HastyPerson(rng.uniform(0.5, 2.0))
        choices = tuple(habits.keys) if rng.random() < habits.key_share else habits.words
        return Respondent(
            tuple(rng.choice(choices) for _ in range(habits.replies)),
            think_s=rng.uniform(0.6, 2.0),
            patience_s=max(2.5, rng.expovariate(1 / habits.patience_s)),
            talk_s=max(3.0, rng.gammavariate(2.0, habits.talk_s / 2)),
        )

    def _refusal(self, outcome: Outcome, rng: Random) -> Callee:
        alert_s = _alert_s(rng)
        match outcome:
            case Outcome.BUSY:
                return Callee(
                    outcome, alert_s, 0.1, rings=False, cause=causes.USER_BUSY, sip_status=486
                )
            case Outcome.REJECT:
                return Callee(
                    outcome, alert_s, rng.uniform(2, 15), cause=causes.REJECTED, sip_status=603
                )
            case Outcome.EMPTY_NUMBER:
                return Callee(
                    outcome,
                    alert_s,
                    rng.uniform(6, 12),
                    announcement="vacant",
                    cause=causes.UNALLOCATED,
                    sip_status=404,
                )
            case Outcome.POWER_OFF:
                return Callee(
                    outcome,
                    alert_s,
                    rng.uniform(6, 12),
                    announcement="switched-off",
                    cause=causes.NO_ANSWER,
                    sip_status=480,
                )
            case Outcome.NETWORK_FAILURE:
                return Callee(
                    outcome, alert_s, 0.1, rings=False, cause=causes.NO_CIRCUIT, sip_status=503
                )
            case _:
                # The network itself gives up after a minute of ringing.
                return Callee(outcome, alert_s, 60.0, cause=causes.NO_ANSWER, sip_status=480)


def _alert_s(rng: Random) -> float:
    """Post-dial delay: mobile networks take one to four seconds to find the telephone."""
    return rng.uniform(0.8, 4.0)
