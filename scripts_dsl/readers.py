"""Types of fields and results, and how each is read aloud in each language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from scripts_dsl import readers_en, readers_zh

LANGUAGES: Final = ("zh", "en")
READERS: Final = ("plain", "digits", "number", "money", "date", "time")
# A type's values are read by this reader unless the script names another.
READER_OF_TYPE: Final[dict[str, str]] = {
    "text": "plain",
    "number": "number",
    "money": "money",
    "date": "date",
    "time": "time",
    "phone": "digits",
    "digits": "digits",
    "scale": "number",
    "choice": "plain",
}
NUMERIC_TYPES: Final = frozenset({"number", "money", "scale"})
ORDERED_TYPES: Final = NUMERIC_TYPES | {"date", "time"}

_DATE: Final = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ][0-9]{1,2}:[0-9]{2}.*)?"
)
_TIME: Final = re.compile(r"(?:.*[T ])?([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?")
_LAST_HOUR: Final = 23
_LAST_MINUTE: Final = 59
# Fifteen digits: more than any amount on a list, less than the largest word of the readers.
_NUMBER_TEXT: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?")

_ZH: Final = readers_zh
_EN: Final = readers_en
_DIGITS: Final = {"zh": _ZH.read_digits, "en": _EN.read_digits}
_NUMBER: Final = {"zh": _ZH.read_number, "en": _EN.read_number}
_MONEY: Final = {"zh": _ZH.read_money, "en": _EN.read_money}
_DAY: Final = {"zh": _ZH.read_date, "en": _EN.read_date}
_CLOCK: Final = {"zh": _ZH.read_time, "en": _EN.read_time}


def read_aloud(value: str, reader: str, language: str) -> str:
    """Write a value the way it is spoken.

    A value that the reader cannot understand is given back as it is: a call never stops because
    a list holds an odd cell.
    """
    spoken = _HANDLERS[reader](value.strip(), language)
    return value if spoken is None else spoken


def parse_number(value: str) -> Decimal | None:
    """A number of reasonable size, thousands separators allowed; None when it is none."""
    plain = value.strip().replace(",", "").replace("，", "")
    return Decimal(plain) if _NUMBER_TEXT.fullmatch(plain) else None


def parse_date(value: str) -> date | None:
    """A day written year first; None when it is none."""
    found = _DATE.fullmatch(value.strip())
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def parse_time(value: str) -> tuple[int, int] | None:
    """Hour and minute of a time of day, also from a date and time; None when it is none."""
    found = _TIME.fullmatch(value.strip())
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2])
    return (hour, minute) if hour <= _LAST_HOUR and minute <= _LAST_MINUTE else None


def _read_digits(value: str, language: str) -> str | None:
    digits = "".join(char for char in value if char.isascii() and char.isdigit())
    return _DIGITS[language](digits) if digits else None


def _read_number(value: str, language: str) -> str | None:
    number = parse_number(value)
    return None if number is None else _NUMBER[language](number)


def _read_money(value: str, language: str) -> str | None:
    amount = parse_number(value.strip("¥￥元 "))
    return None if amount is None else _MONEY[language](amount)


def _read_date(value: str, language: str) -> str | None:
    day = parse_date(value)
    return None if day is None else _DAY[language](day.year, day.month, day.day)


def _read_time(value: str, language: str) -> str | None:
    clock = parse_time(value)
    return None if clock is None else _CLOCK[language](*clock)


_HANDLERS: Final[dict[str, Callable[[str, str], str | None]]] = {
    "plain": lambda value, _language: value,
    "digits": _read_digits,
    "number": _read_number,
    "money": _read_money,
    "date": _read_date,
    "time": _read_time,
}
