"""Conditions as JSON values, for the API and for stored filter forms.

{"all": [{"field": "age", "op": ">=", "values": ["30"]}, {"not": {"any": []}}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from kernel.errors import InputError
from lists.filters import AllOf, AnyOf, Compare, Condition, Not, Operator

Json = Mapping[str, object]
MAX_DEPTH = 100
_COMPARE_KEYS = {"field", "op", "values"}


def to_json(condition: Condition) -> dict[str, object]:
    """A condition as objects, lists and strings."""
    match condition:
        case AllOf(parts):
            return {"all": [to_json(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Compare(field, operator, values):
            return {"field": field, "op": operator.value, "values": list(values)}


def from_json(value: object) -> Condition:
    """Read a condition back, strictly: nothing missing, nothing more, nothing converted.

    Raises:
        InputError: names the path of what is wrong, `$.all[1].op`.
    """
    return _condition(value, "$", 0)


def _condition(value: object, path: str, depth: int) -> Condition:
    if depth > MAX_DEPTH:
        raise InputError(f"filter: nested deeper than {MAX_DEPTH}; save parts of it as forms")
    if not isinstance(value, Mapping):
        _wrong(path, "an object is needed")
    match sorted(map(str, value)):
        case ["all"]:
            return AllOf(_parts(value["all"], f"{path}.all", depth))
        case ["any"]:
            return AnyOf(_parts(value["any"], f"{path}.any", depth))
        case ["not"]:
            return Not(_condition(value["not"], f"{path}.not", depth + 1))
        case _:
            return _compare(value, path)


def _parts(value: object, path: str, depth: int) -> tuple[Condition, ...]:
    if not isinstance(value, list):
        _wrong(path, "a list is needed")
    return tuple(
        _condition(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(value)
    )


def _compare(value: Json, path: str) -> Compare:
    if set(value) != _COMPARE_KEYS:
        _wrong(path, "exactly one of all, any, not, or the keys field, op and values are needed")
    operator = _text(value["op"], f"{path}.op")
    if operator not in set(Operator):
        _wrong(f"{path}.op", f"unknown; use one of {', '.join(Operator)}")
    values = value["values"]
    if not isinstance(values, list):
        _wrong(f"{path}.values", "a list is needed")
    texts = tuple(_text(item, f"{path}.values[{i}]") for i, item in enumerate(values))
    try:
        return Compare(_text(value["field"], f"{path}.field"), Operator(operator), texts)
    except InputError as error:
        raise InputError(f"filter at {path}: {error}") from error


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        _wrong(path, "a text is needed")
    return value


def _wrong(path: str, what: str) -> NoReturn:
    raise InputError(f"filter at {path}: {what}")
