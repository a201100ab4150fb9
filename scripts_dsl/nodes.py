"""What a script says, as frozen typed values with their places in the text.

The parser builds these; the checker and the compiler read them; nobody changes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scripts_dsl.errors import Position

START = Position(1, 1)


# --- what is said --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """Words to be spoken as they stand."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """`{name}` or `{name:reader}`: a field or a result, read aloud."""

    name: str
    reader: str | None
    at: Position


@dataclass(frozen=True, slots=True)
class Recording:
    """`{wav "file" words}`: a recorded prompt and, optionally, what it says."""

    file: str
    text: str


Piece = Literal | Variable | Recording


@dataclass(frozen=True, slots=True)
class Line:
    """One language's wording of a prompt."""

    language: str
    pieces: tuple[Piece, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Prompt:
    """The wordings of one thing the robot says; `must_hear` is the `!`."""

    lines: tuple[Line, ...]
    must_hear: bool
    at: Position

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every variable of every wording."""
        return tuple(
            piece for line in self.lines for piece in line.pieces if isinstance(piece, Variable)
        )


# --- what is heard -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WordPattern:
    """A word set by name."""

    name: str
    at: Position


@dataclass(frozen=True, slots=True)
class DigitsPattern:
    """`digits(4)` or `digits(4..6)`: a string of digits, spoken or keyed."""

    least: int
    most: int
    at: Position


@dataclass(frozen=True, slots=True)
class ScalePattern:
    """`scale(1..5)`: one whole number, spoken or keyed."""

    low: int
    high: int
    at: Position


Pattern = WordPattern | DigitsPattern | ScalePattern


@dataclass(frozen=True, slots=True)
class Branch:
    """What happens when a pattern is heard."""

    pattern: Pattern
    body: tuple[Statement, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Rung:
    """What happens at the n-th silence (`silent n`) or misunderstanding (`unclear n`)."""

    kind: str
    number: int
    body: tuple[Statement, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Timing:
    """One time of a question: `wait`, `between` in seconds, `end`, `barge` in milliseconds."""

    kind: str
    value: float
    at: Position


# --- values and conditions -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """A value as written; kind is `name`, `number` or `string`."""

    kind: str
    text: str
    at: Position


@dataclass(frozen=True, slots=True)
class Comparison:
    """`name op value`, `name is missing`, `name is set`; `or_missing` lets a missing value pass."""

    name: str
    operator: str
    value: Value | None
    or_missing: bool
    at: Position


@dataclass(frozen=True, slots=True)
class Condition:
    """Alternatives (`or`) of tests that must all hold (`and`)."""

    alternatives: tuple[tuple[Comparison, ...], ...]
    at: Position


# --- statements ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a prompt to its end."""

    prompt: Prompt
    at: Position


@dataclass(frozen=True, slots=True)
class Ask:
    """Speak a prompt and give the caller the turn."""

    prompt: Prompt
    branches: tuple[Branch, ...]
    rungs: tuple[Rung, ...]
    timings: tuple[Timing, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Question:
    """A survey question: an ask whose answer becomes a column of the answer sheet."""

    name: str
    title: str
    patterns: tuple[Pattern, ...]
    kind: str
    prompt: Prompt
    rungs: tuple[Rung, ...]
    timings: tuple[Timing, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Set:
    """Give a result its value."""

    name: str
    value: Value
    at: Position


@dataclass(frozen=True, slots=True)
class If:
    """Choose by a condition."""

    condition: Condition
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Goto:
    """`-> step`."""

    step: str
    at: Position


@dataclass(frozen=True, slots=True)
class Case:
    """What happens when a transfer came out so."""

    outcome: str
    body: tuple[Statement, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the caller to people; `queue` is empty for any agent of the campaign."""

    queue: str
    carry: tuple[Value, ...]
    cases: tuple[Case, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class End:
    """End the call with an outcome."""

    outcome: str
    at: Position


@dataclass(frozen=True, slots=True)
class HangUp:
    """`hang up`: the end of a voicemail."""

    at: Position


@dataclass(frozen=True, slots=True)
class Repeat:
    """Say the question again."""

    at: Position


@dataclass(frozen=True, slots=True)
class OptOut:
    """Put the number on the do-not-call list."""

    reason: str
    at: Position


@dataclass(frozen=True, slots=True)
class Verified:
    """From here on the right person is known to listen."""

    at: Position


Statement = (
    Say | Ask | Question | Set | If | Goto | Transfer | End | HangUp | Repeat | OptOut | Verified
)


# --- blocks --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written: a name with bounds, or the choices themselves."""

    name: str
    low: int | None
    high: int | None
    choices: tuple[str, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Declaration:
    """One line of `needs` or `gives`."""

    name: str
    type: TypeName
    optional: bool
    private: bool
    at: Position


@dataclass(frozen=True, slots=True)
class WordSet:
    """A named set of phrases per language, and its key."""

    name: str
    phrases: tuple[tuple[str, tuple[str, ...]], ...]
    key: str
    at: Position

    def phrases_in(self, language: str) -> tuple[str, ...]:
        """The phrases of one language; empty when it has none."""
        return tuple(text for tag, texts in self.phrases if tag == language for text in texts)


@dataclass(frozen=True, slots=True)
class Step:
    """A named place of the conversation."""

    name: str
    body: tuple[Statement, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the head: its name and the words after it."""

    name: str
    values: tuple[str, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Machine:
    """What a voicemail gets."""

    body: tuple[Statement, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Script:
    """A whole file."""

    name: str
    version: int
    settings: tuple[Setting, ...] = ()
    needs: tuple[Declaration, ...] = ()
    gives: tuple[Declaration, ...] = ()
    words: tuple[WordSet, ...] = ()
    ladder: tuple[Rung, ...] = ()
    anytime: tuple[Branch, ...] = ()
    steps: tuple[Step, ...] = ()
    machines: tuple[Machine, ...] = ()
    at: Position = field(default=START)
