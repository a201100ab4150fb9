"""Whether a written value is of a type, and how values compare."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from scripts_dsl.program import Kind
from scripts_dsl.readers import NUMERIC_TYPES, parse_date, parse_number, parse_time


def fits(value: str, kind: Kind) -> bool:
    """Whether a value, as text, is one of a type's."""
    match kind.name:
        case "choice":
            return value in kind.choices
        case "digits":
            return value.isascii() and value.isdigit() and kind.low <= len(value) <= kind.high
        case "scale":
            number = parse_number(value)
            return number is not None and kind.low <= number <= kind.high and number % 1 == 0
        case "number" | "money" | "date" | "time":
            return sort_key(value, kind) is not None
        case "phone":
            return any(char.isdigit() for char in value)
        case _:
            return True


def sort_key(value: str, kind: Kind) -> Decimal | date | tuple[int, int] | str | None:
    """What a value is compared by; None when the text is no value of the type."""
    if kind.name in NUMERIC_TYPES:
        return parse_number(value)
    if kind.name == "date":
        return parse_date(value)
    if kind.name == "time":
        return parse_time(value)
    return value


def holds(one: str, operator: str, other: str, kind: Kind) -> bool:
    """Whether `one operator other` is true; false when either is no value of the type."""
    left, right = sort_key(one, kind), sort_key(other, kind)
    if left is None or right is None:
        return False
    order = (left > right) - (left < right)  # type: ignore[operator]  # one kind, one key type
    return {
        "=": order == 0,
        "!=": order != 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0,
    }[operator]
