"""Guess which row holds the titles, which column the phone numbers, and what the others are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import InputError
from lists.batch import Field, FieldKind
from lists.filters import as_decimal
from lists.numbers import CleanNumber, clean_number
from lists.sheet_rows import SheetRow
from lists.titles import NAME, PHONE, column_key, column_letter, is_mobile_title, known_key

#: Titles stand within the first rows, under a heading at most this high.
HEADER_WITHIN_ROWS = 20
#: Share of callable cells from which a column without a telling title is a phone column.
PHONE_SHARE = 0.5
#: Share of number cells from which a column holds numbers.
NUMBER_SHARE = 0.8
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
#: Digits that are names of things, never quantities.
_IDENTIFIERS = frozenset({"id_card", "customer_no", "qq", "wechat", "fax", "serial_no"})
_LONGEST_QUANTITY = 15


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in a sheet.

    Attributes:
        header_row: one-based row of the titles, 0 when the sheet has none.
        fields: every column, from the left; exactly one has the key `phone`.
        phone: zero-based column of the numbers to call.
    """

    header_row: int
    fields: tuple[Field, ...]
    phone: int


def guess_layout(
    sample: Sequence[SheetRow], *, sheet: str = "", mapping: Mapping[str, str] | None = None
) -> Layout:
    """Guess the layout of a sheet from its first rows.

    Args:
        sample: first rows of the sheet, blank ones left out.
        sheet: name for messages.
        mapping: key to title or column letter, for what the user knows better:
            `{"phone": "客户电话", "name": "B"}`.

    Raises:
        InputError: no row, no phone column, or a mapping to a column that is not there.
    """
    if not sample:
        raise InputError(f"{_place(sheet)} holds no row; choose the sheet that holds the list")
    chosen = dict(mapping or {})
    header = _find_header(sample, chosen)
    body = [row for row in sample if header is None or row.row > header.row]
    width = max(len(row.cells) for row in sample)
    titles = [_cell(header, column).strip() for column in range(width)] if header else [""] * width
    by_column = _resolve(chosen, titles, sheet)
    shares = [_callable_share(body, column) for column in range(width)]
    phone = next((c for c, key in by_column.items() if key == PHONE), None)
    if phone is None:
        phone = _phone_column(titles, shares, taken=by_column)
    if phone is None:
        raise _no_phone_column(sheet, header, titles)
    fields = _fields(titles, body, {**by_column, phone: PHONE})
    return Layout(header.row if header else 0, fields, phone)


def _place(sheet: str) -> str:
    return f"sheet {sheet!r}" if sheet else "its only table"


def _cell(row: SheetRow, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""


def _find_header(sample: Sequence[SheetRow], mapping: Mapping[str, str]) -> SheetRow | None:
    """The row above the first one with a callable number that looks most like titles."""
    wanted = set(mapping.values())
    candidates: list[SheetRow] = []
    for row in sample[:HEADER_WITHIN_ROWS]:
        if any(isinstance(clean_number(cell), CleanNumber) for cell in row.cells):
            break
        candidates.append(row)
    # Titles are words: a row with a bare number in it is data, unless its titles are known.
    possible = [r for r in candidates if _title_score(r, wanted) or not _has_number(r)]
    return max(possible, key=lambda row: _header_rank(row, wanted), default=None)


def _header_rank(row: SheetRow, wanted: set[str]) -> tuple[int, int, int]:
    """Known titles first, then many cells (a heading has one), then the earliest row."""
    return _title_score(row, wanted), sum(bool(cell.strip()) for cell in row.cells), -row.row


def _has_number(row: SheetRow) -> bool:
    return any(as_decimal(cell) is not None for cell in row.cells)


def _title_score(row: SheetRow, wanted: set[str]) -> int:
    named = [cell.strip() for cell in row.cells]
    keys = [known_key(cell) for cell in named]
    # A telling phone title outweighs a few words that happen to be titles as well.
    weight = 3 * (PHONE in keys) + sum(key is not None for key in keys)
    return weight + 3 * sum(cell in wanted for cell in named)


def _resolve(mapping: Mapping[str, str], titles: Sequence[str], sheet: str) -> dict[int, str]:
    letters = {column_letter(column): column for column in range(len(titles))}
    by_column: dict[int, str] = {}
    for key, place in mapping.items():
        if not _KEY.fullmatch(key):
            raise InputError(f"column key {key!r}: use lower-case letters, digits and _")
        wanted = place.strip()
        column = titles.index(wanted) if wanted in titles else letters.get(wanted.upper())
        if column is None:
            seen = _listed(titles)
            raise InputError(f"{_place(sheet)} has no column {place!r} for {key!r}; it has {seen}")
        if column in by_column:
            raise InputError(f"column {place!r} is meant for {by_column[column]!r} and {key!r}")
        by_column[column] = key
    return by_column


def _callable_share(body: Sequence[SheetRow], column: int) -> float:
    cells = [cell for row in body if (cell := _cell(row, column)).strip()]
    hits = sum(isinstance(clean_number(cell), CleanNumber) for cell in cells)
    return hits / len(cells) if cells else 0.0


def _phone_column(
    titles: Sequence[str], shares: Sequence[float], taken: Mapping[int, str]
) -> int | None:
    """The best column by title among those with content, else the best by content."""
    free = [column for column in range(len(titles)) if column not in taken]
    titled = [column for column in free if known_key(titles[column]) == PHONE]
    ranked = [(shares[c] > 0, is_mobile_title(titles[c]), shares[c], -c) for c in titled]
    if ranked:
        return -max(ranked)[-1]
    _, best = max(((shares[c], -c) for c in free), default=(0.0, 0))
    return -best if free and shares[-best] >= PHONE_SHARE else None


def _no_phone_column(sheet: str, header: SheetRow | None, titles: Sequence[str]) -> InputError:
    where = f"row {header.row} as titles" if header else "no row of titles"
    return InputError(
        f"{_place(sheet)}, {where}: no column of phone numbers among {_listed(titles)}; "
        "say which one it is, for example with phone=B"
    )


def _listed(titles: Sequence[str]) -> str:
    named = [title or column_letter(column) for column, title in enumerate(titles)]
    return ", ".join(repr(title[:30]) for title in named[:30])


def _fields(
    titles: Sequence[str], body: Sequence[SheetRow], chosen: Mapping[int, str]
) -> tuple[Field, ...]:
    used = set(chosen.values())
    fields: list[Field] = []
    for column, title in enumerate(titles):
        if not title and not any(_cell(row, column).strip() for row in body):
            continue
        key = chosen.get(column) or _unused(column_key(title, column), used)
        used.add(key)
        shown = title or column_letter(column)
        fields.append(Field(key, shown, column, _kind(key, body, column)))
    return tuple(fields)


def _unused(key: str, used: set[str]) -> str:
    count = 1
    fresh = key
    while fresh in used:
        count += 1
        fresh = f"{key}_{count}"
    return fresh


def _kind(key: str, body: Sequence[SheetRow], column: int) -> FieldKind:
    stem = re.sub(r"_[0-9]+$", "", key)
    if stem in {PHONE, NAME}:
        return FieldKind(stem)
    cells = [cell for row in body if (cell := _cell(row, column).strip())]
    if stem in _IDENTIFIERS or not cells:
        return FieldKind.TEXT
    numbers = sum(_is_quantity(cell) for cell in cells)
    return FieldKind.NUMBER if numbers >= NUMBER_SHARE * len(cells) else FieldKind.TEXT


def _is_quantity(cell: str) -> bool:
    written_as_code = len(cell) > 1 and cell[0] == "0" and cell[1] != "."
    return len(cell) <= _LONGEST_QUANTITY and not written_as_code and as_decimal(cell) is not None
