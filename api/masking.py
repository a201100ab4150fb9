"""Hide phone numbers from those who may not see them, wherever a list has put them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kernel.phone import PhoneNumber
from lists.numbers import CleanNumber, clean_number

# A date with its time is left alone; any other run of at least seven digits (the shortest
# number that reaches anybody) with at most two separators between two of them is looked at.
# \d takes full-width digits too.
_DATE = (
    r"(?<!\d)(?:19|20)\d\d(?P<sep>[-/.])(?:0?[1-9]|1[0-2])(?P=sep)(?:0?[1-9]|[12]\d|3[01])(?!\d)"
)
_DIGITS = r"[+＋]?[(（]?\d(?:[\s\-.·()（）_—–－/]{0,2}\d){6,}"
_RUN = re.compile(rf"{_DATE}(?:[ T]\d\d?:\d\d(?::\d\d)?)?|(?P<digits>{_DIGITS})")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_HEAD, _TAIL = 3, 4


def mask_text(text: str) -> str:
    """Hide the middle of everything in a text that could be dialed."""
    return _RUN.sub(_hide, text)


def mask_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Hide numbers in every field of a list row."""
    return {key: mask_text(value) for key, value in fields.items()}


def show_number(e164: str, *, in_full: bool) -> str:
    """A number as this reader may see it."""
    return e164 if in_full else PhoneNumber(e164).masked


def _hide(match: re.Match[str]) -> str:
    run = match["digits"]
    if run is None or not _callable(run):
        return match[0]
    places = [place for place, char in enumerate(run) if char.isdigit()]
    hidden = set(places[_HEAD:-_TAIL])
    return "".join("*" if place in hidden else char for place, char in enumerate(run))


def _callable(run: str) -> bool:
    digits = "".join(str(int(char)) for char in run if char.isdigit())
    return bool(_MOBILE.search(digits)) or isinstance(clean_number(run), CleanNumber)
