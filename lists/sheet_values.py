"""Values on their way into a spreadsheet: typed, escaped, and within Excel's limits."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

CellValue = str | int | float | bool | Decimal | dt.datetime | dt.date | None

#: What may be written once `sheet_value` has seen it; a text then is never a formula.
WrittenValue = str | int | float | bool | dt.datetime | dt.date | None

#: The longest text that an Excel cell holds.
MAX_TEXT_CHARS = 32_767
#: Excel keeps 15 digits of a number; longer ones (ids) stay whole as texts.
_EXACT_BELOW = 10**15
# C0 controls but tab and line breaks, lone surrogates, and the two non-characters: XML 1.0.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_E164 = re.compile(r"\+[0-9]{6,15}", re.ASCII)
MAX_SHEET_NAME_CHARS = 31
_NOT_IN_NAME = re.compile(r"[\[\]:*?/\\]")
_FORMULA_SIGNS = "=+-@"
_LINE_BREAK = re.compile(r"[\r\n]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of our own beside the user's.

    Attributes:
        name: as Excel allows it; see `sheet_name`.
        columns: titles.
        rows: one value per column.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[CellValue]]


@dataclass(frozen=True, slots=True)
class Filling:
    """What goes beside the rows of one of the user's sheets.

    Attributes:
        sheet: its name, empty for CSV.
        header_row: one-based row of the titles, 0 when there is none.
        columns: titles of the new columns.
        values: one-based row to one value per new column.
    """

    sheet: str
    header_row: int
    columns: Sequence[str]
    values: Mapping[int, Sequence[CellValue]]

    def places(self, titles: Mapping[str, int], first_free: int) -> list[int]:
        """The column of each title: where it stands already, else the next free one."""
        places: list[int] = []
        for title in self.columns:
            place = titles.get(escaped(title.strip()), first_free)
            first_free += place == first_free
            places.append(place)
        return places


def sheet_name(name: str, taken: Sequence[str] = ()) -> str:
    """A name that Excel accepts and that is not taken (it ignores case)."""
    plain = _NOT_IN_NAME.sub(" ", _NOT_IN_XML.sub("", name)).strip(" '") or "Sheet"
    used = {other.casefold() for other in taken}
    fresh = plain[:MAX_SHEET_NAME_CHARS]
    count = 1
    while fresh.casefold() in used:
        count += 1
        tail = f" ({count})"
        fresh = plain[: MAX_SHEET_NAME_CHARS - len(tail)] + tail
    return fresh


def sheet_value(value: CellValue) -> WrittenValue:
    """A value as it may stand in a cell.

    Numbers stay numbers and dates stay dates (an aware time shows its own wall clock). Texts
    lose what XML cannot hold, are cut at Excel's limit, and are escaped; see `escaped`.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return escaped(_NOT_IN_XML.sub("", value))[:MAX_TEXT_CHARS]
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return value
    return _number(value)


def escaped(text: str) -> str:
    """The text, with `'` before it when a spreadsheet program might run it as a formula.

    That is: a line that begins with = + - @ in any width, after any blanks or invisible
    characters, or a text that begins with TAB or CR (OWASP, CVE-2021-41270). E.164 numbers are
    left alone.
    """
    if _E164.fullmatch(text):
        return text
    if text[:1] in {"\t", "\r"} or any(_is_formula(line) for line in _LINE_BREAK.split(text)):
        return "'" + text
    return text


def _is_formula(line: str) -> bool:
    for character in line:
        if character.isspace() or unicodedata.category(character) in {"Cf", "Cc"}:
            continue
        return unicodedata.normalize("NFKC", character)[:1] in _FORMULA_SIGNS
    return False


def _number(value: float | Decimal) -> str | int | float:
    if isinstance(value, int):
        return value if abs(value) < _EXACT_BELOW else escaped(str(value))
    number = float(value)
    return number if math.isfinite(number) else ""
