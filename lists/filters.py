"""Filter forms: condition trees over the fields of a list, free of SQL.

`matches` is the plain meaning; storage compiles the same tree to SQL and the conformance tests
hold the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum, unique

from kernel.errors import InputError


@unique
class Operator(StrEnum):
    """How a field is compared with a value."""

    EQUALS = "="
    DIFFERS = "!="
    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    IN = "in"
    CONTAINS = "contains"
    STARTS_WITH = "starts with"
    IS_EMPTY = "is empty"


ORDERED = frozenset({Operator.GREATER, Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST})


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison.

    Attributes:
        field: stable key of a field.
        operator: how to compare.
        values: one value; several for `in`; none for `is empty`. Ordered operators compare
            decimal numbers; a cell that is no number never matches them.
    """

    field: str
    operator: Operator
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        counts = {Operator.IS_EMPTY: range(1), Operator.IN: range(1, 1001)}
        if len(self.values) not in counts.get(self.operator, range(1, 2)):
            raise InputError(
                f"filter on {self.field!r}: wrong number of values for {self.operator}"
            )
        if self.operator in ORDERED and as_decimal(self.values[0]) is None:
            raise InputError(f"filter on {self.field!r}: {self.operator} needs a number")


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part matches; an empty one always does."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part matches; an empty one never does."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not match."""

    part: Condition


Condition = AllOf | AnyOf | Not | Compare

#: Matches every row.
EVERYTHING = AllOf(())


def as_decimal(text: str) -> Decimal | None:
    """A finite decimal number written in plain digits, or None."""
    stripped = text.strip()
    if not stripped or not set(stripped) <= set("+-.0123456789"):
        return None
    try:
        return Decimal(stripped)
    except InvalidOperation:
        return None


def matches(condition: Condition, fields: Mapping[str, str]) -> bool:
    """Whether a row with these fields satisfies the condition; an absent field is empty."""
    match condition:
        case AllOf(parts):
            return all(matches(part, fields) for part in parts)
        case AnyOf(parts):
            return any(matches(part, fields) for part in parts)
        case Not(part):
            return not matches(part, fields)
        case Compare():
            return _compare(condition, fields.get(condition.field, ""))


def _compare(comparison: Compare, cell: str) -> bool:
    if comparison.operator in ORDERED:
        return _ordered(comparison.operator, cell, comparison.values[0])
    return _TEXT_MEANING[comparison.operator](cell, comparison.values)


def _ordered(operator: Operator, cell: str, bound_text: str) -> bool:
    number, bound = as_decimal(cell), as_decimal(bound_text)
    if number is None or bound is None:
        return False
    return _NUMBER_MEANING[operator](number, bound)


_TEXT_MEANING: Mapping[Operator, Callable[[str, tuple[str, ...]], bool]] = {
    Operator.IS_EMPTY: lambda cell, _: not cell.strip(),
    Operator.EQUALS: lambda cell, values: cell == values[0],
    Operator.DIFFERS: lambda cell, values: cell != values[0],
    Operator.IN: lambda cell, values: cell in values,
    Operator.CONTAINS: lambda cell, values: values[0] in cell,
    Operator.STARTS_WITH: lambda cell, values: cell.startswith(values[0]),
}

_NUMBER_MEANING: Mapping[Operator, Callable[[Decimal, Decimal], bool]] = {
    Operator.GREATER: lambda number, bound: number > bound,
    Operator.AT_LEAST: lambda number, bound: number >= bound,
    Operator.LESS: lambda number, bound: number < bound,
    Operator.AT_MOST: lambda number, bound: number <= bound,
}
