"""A call's fields and results at work: accepted, compared, read aloud."""

from __future__ import annotations

from collections.abc import Mapping

from scripts_dsl.errors import FieldError
from scripts_dsl.program import BranchNode, Comparison, Program, Prompt, Spoken, Text, Wav
from scripts_dsl.readers import read_aloud
from scripts_dsl.values import fits, holds


def accepted_fields(program: Program, fields: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The contact's fields that the script needs; empty ones are left out.

    Raises:
        FieldError: a required field is empty, or a field is not of its type.
    """
    columns = []
    for need in program.needs:
        value = fields.get(need.name, "").strip()
        if value and not fits(value, need.kind):
            raise FieldError(
                f"field '{need.name}' does not hold a {need.kind.name} as script "
                f"'{program.name}' needs it",
                field=need.name,
            )
        if value:
            columns.append((need.name, value))
        elif not need.optional:
            raise FieldError(
                f"field '{need.name}' is empty and script '{program.name}' needs it",
                field=need.name,
            )
    return tuple(columns)


def condition_met(program: Program, node: BranchNode, columns: Mapping[str, str]) -> bool:
    """Whether any alternative holds in all its comparisons."""
    return any(all(_holds(program, test, columns) for test in tests) for tests in node.alternatives)


def spoken_parts(
    prompt: Prompt, columns: Mapping[str, str], language: str
) -> tuple[Text | Wav, ...]:
    """A prompt with its variables read; neighbouring texts become one, to be spoken as one."""
    parts: list[Text | Wav] = []
    for piece in dict(prompt.wordings)[language]:
        if isinstance(piece, Spoken):
            value = columns.get(piece.name, "")
            part: Text | Wav = Text(read_aloud(value, piece.reader, language))
        else:
            part = piece
        last = parts[-1] if parts else None
        if isinstance(last, Text) and isinstance(part, Text):
            parts[-1] = Text(last.text + part.text)
        else:
            parts.append(part)
    return tuple(parts)


def _holds(program: Program, test: Comparison, columns: Mapping[str, str]) -> bool:
    value = columns.get(test.name)
    if test.operator in {"missing", "set"}:
        return (value is None) == (test.operator == "missing")
    other = columns.get(test.value) if test.column else test.value
    kind = program.kind_of(test.name)
    if value is None or other is None or kind is None:
        return test.or_missing
    return holds(value, test.operator, other, kind)
