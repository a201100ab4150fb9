"""What a script author is told: numbered, located diagnostics, and the errors that carry them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from kernel.errors import InputError

# One row per code: robot scripts are published only when no code starting with E is left.
CODES: Final[dict[str, str]] = {
    "E00": "the text is not callscript",
    "E01": "jump to a step that does not exist",
    "E02": "never reached",
    "E03": "loose end: the script does not say what happens next",
    "E04": "loop in which the caller never gets a turn",
    "E05": "no path from this step to an end of the call",
    "E06": "statement in a place where it cannot work",
    "E10": "question without a complete ladder",
    "E11": "the same phrase or key leads two ways",
    "W12": "a key is also the beginning of a longer entry",
    "E13": "unknown word set",
    "E20": "unknown field, type or reader",
    "E21": "result unknown, never set, or set to a value it cannot take",
    "E22": "value that may be missing",
    "E26": "comparison that cannot hold",
    "E30": "private field said before the person is verified",
    "E31": "private field said to a voicemail",
    "E32": "no opt-out by key and voice",
    "E40": "a language is missing",
    "E42": "nothing to recognise",
    "E46": "name used twice",
    "W47": "declared and never used",
    "E50": "setting of the script that cannot be used",
}


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the source; lines and columns count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One remark about a script.

    Attributes:
        file_name: as given by whoever asked for the check.
        at: where in the text.
        code: a key of `CODES`; the first letter is the severity.
        message: what is wrong and what to do, in one line.
        source_line: the line of the script it is about, for display.
    """

    file_name: str
    at: Position
    code: str
    message: str
    source_line: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it keeps the script from being compiled; the others are advice."""
        return self.code.startswith("E")


def format_diagnostic(diagnostic: Diagnostic) -> str:
    """Write the one-line form `FILE:LINE:COL CODE message`."""
    at = diagnostic.at
    return f"{diagnostic.file_name}:{at.line}:{at.column} {diagnostic.code} {diagnostic.message}"


def show_diagnostic(diagnostic: Diagnostic) -> str:
    """Write the one-line form, then the source line with a caret under the place."""
    before = diagnostic.source_line[: diagnostic.at.column - 1]
    # Chinese characters take two cells of a terminal: the caret must count cells.
    indent = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in before)
    return f"{format_diagnostic(diagnostic)}\n  {diagnostic.source_line}\n  {' ' * indent}^"


class ScriptError(InputError):
    """A script cannot be compiled.

    Attributes:
        diagnostics: everything found, warnings included, in the order of the text.
    """

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = [item for item in diagnostics if item.is_error]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{format_diagnostic(errors[0])}{more}", code=errors[0].code)
        self.diagnostics = diagnostics


class FieldError(InputError):
    """A contact's fields do not fit what the script needs; the value itself is not repeated."""
