"""English readings of digits, numbers, money, dates and times."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

DIGITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
)  # fmt: skip
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = (
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_GROUPS: Final = ("", " thousand", " million", " billion", " trillion", " quadrillion")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth",
}  # fmt: skip
_NOON: Final = 12
_CENTURY: Final = 100


def read_digits(digits: str) -> str:
    """Read one by one: 1008 -> one zero zero eight."""
    return " ".join(DIGITS[int(digit)] for digit in digits)


def read_whole(value: int) -> str:
    """Read a whole number from 0 to 10**18 - 1: 1234 -> one thousand two hundred thirty-four."""
    words: list[str] = []
    rest, power = value, 0
    while rest:
        rest, group = divmod(rest, 1000)
        if group:
            words.insert(0, _below_thousand(group) + _GROUPS[power])
        power += 1
    return " ".join(words) or "zero"


def read_number(value: Decimal) -> str:
    """Read a number; decimals one by one: -3.14 -> minus three point one four."""
    sign = "minus " if value < 0 else ""
    whole, _, decimals = format(abs(value), "f").partition(".")
    return sign + read_whole(int(whole)) + (f" point {read_digits(decimals)}" if decimals else "")


def read_money(value: Decimal) -> str:
    """Read an amount of yuan: 1234.50 -> one thousand two hundred thirty-four yuan fifty fen."""
    sign = "minus " if value < 0 else ""
    yuan, fen = divmod(int(abs(value) * 100), 100)
    parts = []
    if yuan or not fen:
        parts.append(f"{read_whole(yuan)} yuan")
    if fen:
        parts.append(f"{read_whole(fen)} fen")
    return sign + " ".join(parts)


def read_date(year: int, month: int, day: int) -> str:
    """Read a day: 2026, 11, 20 -> November twentieth, twenty twenty-six."""
    return f"{_MONTHS[month - 1]} {_ordinal(day)}, {_read_year(year)}"


def read_time(hour: int, minute: int) -> str:
    """Read a time of day: 14, 5 -> two oh five p m."""
    half = "a m" if hour < _NOON else "p m"
    hours = read_whole(hour % _NOON or _NOON)
    if minute == 0:
        return f"{hours} o'clock {half}"
    filler = "oh " if minute < 10 else ""  # noqa: PLR2004 - two written digits, two spoken
    return f"{hours} {filler}{read_whole(minute)} {half}"


def _below_thousand(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    words = [f"{DIGITS[hundreds]} hundred"] if hundreds else []
    if rest:
        words.append(_below_hundred(rest))
    return " ".join(words)


def _below_hundred(value: int) -> str:
    tens, unit = divmod(value, 10)
    if tens == 0:
        return DIGITS[unit]
    if tens == 1:
        return _TEENS[unit]
    return _TENS[tens] + (f"-{DIGITS[unit]}" if unit else "")


def _ordinal(day: int) -> str:
    head, dash, last = read_whole(day).rpartition("-")
    return head + dash + _ORDINALS.get(last, f"{last}th")


def _read_year(year: int) -> str:
    century, rest = divmod(year, _CENTURY)
    # 2005 is two thousand five, 1905 nineteen oh five, 1900 nineteen hundred.
    if century % 10 == 0 and rest < 10:  # noqa: PLR2004 - years below ten of a millennium
        return read_whole(year)
    if rest == 0:
        return f"{read_whole(century)} hundred"
    filler = "oh " if rest < 10 else ""  # noqa: PLR2004 - one digit
    return f"{read_whole(century)} {filler}{read_whole(rest)}"
