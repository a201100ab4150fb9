"""What happens to a running script, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scripts_dsl.program import Text, Wav

TransferOutcome = Literal["joined", "busy", "none", "left"]


# --- events: what happened on the call ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PromptDone:
    """A prompt was heard to its end, or was cut short by the caller."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The recogniser's final text, as it wrote it; confidence from 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Key:
    """One DTMF key: 0-9, * or #."""

    digit: str


@dataclass(frozen=True, slots=True)
class DigitsTimeout:
    """No further key within `Listen.interdigit_s`."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was said or pressed within `Listen.no_input_s` of the prompt's end."""


@dataclass(frozen=True, slots=True)
class Unintelligible:
    """The caller spoke, and the recogniser made nothing of it."""


@dataclass(frozen=True, slots=True)
class MachineDetected:
    """A voicemail or another machine answered."""


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What became of a transfer; `left`: the caller hung up while waiting."""

    outcome: TransferOutcome


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Event = (
    PromptDone
    | Heard
    | Key
    | DigitsTimeout
    | Silence
    | Unintelligible
    | MachineDetected
    | TransferResult
    | HungUp
)


# --- actions: what the driver is to do, in order --------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Speak. A later `Say`, `Transfer` or `End` cuts short one that is still playing.

    Attributes:
        prompt_id: unique within the call; the driver answers with `PromptDone(prompt_id)`.
        interruptible: whether speech and keys may cut it short.
        barge_after_ms: speech earlier than this does not cut it, milliseconds from its start.
    """

    prompt_id: str
    parts: tuple[Text | Wav, ...]
    language: str
    interruptible: bool
    barge_after_ms: int


@dataclass(frozen=True, slots=True)
class Listen:
    """Give the caller a turn, until `StopListening`.

    Attributes:
        phrases: everything that will be understood; a recogniser may be limited to it. Empty
            when only keys count: then run no recogniser.
        keys: keys that can be part of an answer; reporting others does no harm.
        max_digits: the longest entry that can count.
        no_input_s: report `Silence` so long after the prompt's end (after this action when nothing
            is playing); None while no answer is due.
        end_silence_ms: a pause this long ends what the caller says.
        interdigit_s: report `DigitsTimeout` so long after a key.
    """

    phrases: tuple[str, ...]
    keys: frozenset[str]
    max_digits: int
    no_input_s: float | None
    end_silence_ms: int
    interdigit_s: float


@dataclass(frozen=True, slots=True)
class StopListening:
    """The caller's turn is over; what comes in later is not wanted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a survey question.

    Attributes:
        value: in the form of the question's type.
        raw: the words or keys themselves.
        confidence: the recogniser's, 1.0 for keys.
    """

    question: str
    value: str
    raw: str
    source: Literal["key", "voice"]
    confidence: float


@dataclass(frozen=True, slots=True)
class Record:
    """Write an answer to the answer sheet."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class SetResult:
    """Give a result its value; a later one replaces it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class AddToSuppression:
    """Put the called number on the do-not-call list, at once."""

    reason: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the caller to an agent of a queue ('' for the campaign's agents).

    The driver answers with `TransferResult`.
    """

    queue: str
    carry: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class End:
    """Hang up. Nothing comes after it."""

    outcome: str


Action = Say | Listen | StopListening | Record | SetResult | AddToSuppression | Transfer | End
