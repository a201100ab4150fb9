"""The compiled script: frozen, JSON-serialisable, everything resolved.

A conversation is a graph of nodes addressed by index. Nodes without a wait (`SetNode`,
`BranchNode`, ...) lead straight to their `next`; the machine stops at `SayNode`, `AskNode` and
`TransferNode` until an event comes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from kernel.errors import InputError

# Raised when a stored program of an earlier release could be misread by this one.
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Text:
    """Words for the speech synthesiser."""

    text: str


@dataclass(frozen=True, slots=True)
class Wav:
    """A recorded prompt; `text` is what it says (for screens, logs and when the file is gone)."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A field or result, read by a reader."""

    name: str
    reader: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing the robot says. `id` is its step and line."""

    id: str
    wordings: tuple[tuple[str, tuple[Text | Wav | Spoken, ...]], ...]
    interruptible: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a field, a result or a question's answer."""

    name: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A field the contact must bring, or a result the call may give."""

    name: str
    kind: Kind
    optional: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class SurveyQuestion:
    """A column of the answer sheet."""

    name: str
    title: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Words:
    """A word set: phrases per language, and a key ('' for none)."""

    name: str
    phrases: tuple[tuple[str, tuple[str, ...]], ...]
    key: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a caller may answer, and where it leads.

    Attributes:
        kind: `word` (then `name` is a word set), `digits` or `scale` (then low and high hold).
        urgent: it must be honoured even inside a longer sentence (opt-out).
    """

    kind: str
    name: str
    low: int
    high: int
    target: int
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a question."""

    no_input_s: float = 5.0
    interdigit_s: float = 3.0
    end_silence_ms: int = 500
    barge_after_ms: int = 600


@dataclass(frozen=True, slots=True)
class StepNode:
    """The entry of a named step."""

    name: str
    next: int


@dataclass(frozen=True, slots=True)
class SayNode:
    """Speak to the end, then go on. `home`: a digression may come back to it."""

    prompt: Prompt
    next: int
    home: bool


@dataclass(frozen=True, slots=True)
class AskNode:
    """Speak and give the caller the turn; `silent` and `unclear` are the rungs' entries."""

    prompt: Prompt
    choices: tuple[Choice, ...]
    silent: tuple[int, ...]
    unclear: tuple[int, ...]
    question: str
    times: Times


@dataclass(frozen=True, slots=True)
class AgainNode:
    """Back to what was interrupted: say it all (`question`), another prompt, or just listen."""

    question: bool
    prompt: Prompt | None = None


@dataclass(frozen=True, slots=True)
class SetNode:
    """Give a result its value; source is `constant`, `column` or `answer`."""

    name: str
    source: str
    value: str
    next: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; `column` says that `value` names a field or result."""

    name: str
    operator: str
    value: str
    column: bool
    or_missing: bool


@dataclass(frozen=True, slots=True)
class BranchNode:
    """Alternatives of comparisons that must all hold."""

    alternatives: tuple[tuple[Comparison, ...], ...]
    then: int
    otherwise: int


@dataclass(frozen=True, slots=True)
class TransferNode:
    """Hand over; the four outcomes lead on."""

    queue: str
    carry: tuple[str, ...]
    joined: int
    busy: int
    none: int
    left: int


@dataclass(frozen=True, slots=True)
class SuppressNode:
    """Put the number on the do-not-call list."""

    reason: str
    next: int


@dataclass(frozen=True, slots=True)
class VerifiedNode:
    """From here on private fields may be spoken: the checker proves it, the machine passes on."""

    next: int


@dataclass(frozen=True, slots=True)
class EndNode:
    """The end of the call."""

    outcome: str


Node = (
    StepNode
    | SayNode
    | AskNode
    | AgainNode
    | SetNode
    | BranchNode
    | TransferNode
    | SuppressNode
    | VerifiedNode
    | EndNode
)


@dataclass(frozen=True, slots=True)
class Program:
    """A checked script, ready to run.

    Attributes:
        name, version: from the script's head.
        source_hash: SHA-256 of the text, hexadecimal.
        limit_turns: caller turns after which the call is ended.
        anytime: what a caller may say or press at any moment.
        nodes: node 0 is the first step's entry.
        machine: the node a voicemail leads to.
    """

    name: str
    version: int
    source_hash: str
    languages: tuple[str, ...]
    purpose: str
    limit_turns: int
    needs: tuple[Column, ...]
    gives: tuple[Column, ...]
    questions: tuple[SurveyQuestion, ...]
    words: tuple[Words, ...]
    anytime: tuple[Choice, ...]
    nodes: tuple[Node, ...]
    machine: int

    def kind_of(self, name: str) -> Kind | None:
        """The type of a field or result."""
        columns: tuple[Column | SurveyQuestion, ...]
        columns = (*self.needs, *self.gives, *self.questions)
        return next((column.kind for column in columns if column.name == name), None)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Every outcome the script itself can end with, in the order of the text."""
        ends = [node.outcome for node in self.nodes if isinstance(node, EndNode)]
        return tuple(dict.fromkeys(ends))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"format": FORMAT, "program": _encode(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Program:
        """Read the JSON form back.

        Raises:
            InputError: it was written by another release or is no program at all.
        """
        if data.get("format") != FORMAT:
            raise InputError(
                f"stored script program has format {data.get('format')!r}, this release reads "
                f"{FORMAT}: compile the script again"
            )
        program = _decode(data["program"])
        assert isinstance(program, Program)
        return program


def hash_source(text: str) -> str:
    """The fingerprint by which a call remembers the text it ran."""
    return hashlib.sha256(text.encode()).hexdigest()


_STORED: Final[dict[str, Any]] = {
    kind.__name__: kind
    for kind in (
        Program, Text, Wav, Spoken, Prompt, Kind, Column, SurveyQuestion, Words, Choice, Times,
        StepNode, SayNode, AskNode, AgainNode, SetNode, Comparison, BranchNode, TransferNode,
        SuppressNode, VerifiedNode, EndNode,
    )
}  # fmt: skip


def _encode(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if is_dataclass(value):
        stored = {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **stored}
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decode(item) for item in value)
    if isinstance(value, dict):
        kind = _STORED[value["is"]]
        return kind(**{name: _decode(item) for name, item in value.items() if name != "is"})
    return value
