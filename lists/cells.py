"""Cells as the texts a person sees in the spreadsheet."""

from __future__ import annotations

import datetime as dt

#: What calamine gives for a cell. Every numeric cell is a float, in .xls files too.
Cell = float | int | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

# Eleven digits that end in six zeros, stored as a number: what is left of a phone number after
# a spreadsheet program has read "1.3812E+10" from a file.
_CUT_FROM = 1e10
_CUT_UNIT = 1e6
_MIDNIGHT = dt.time()


def cell_text(cell: Cell) -> str:
    """The text of one cell: whole numbers without `.0`, dates as ISO, TRUE and FALSE as Excel.

    NUL characters are dropped, because no database text can hold them.
    """
    if isinstance(cell, str):
        return cell.replace("\0", "") if "\0" in cell else cell
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, dt.datetime):
        return _datetime_text(cell)
    if isinstance(cell, dt.timedelta):
        return _duration_text(cell)
    return str(cell)


def digits_were_cut(cell: Cell) -> bool:
    """Whether a stored number looks like a phone number that lost its last digits."""
    return isinstance(cell, float) and cell >= _CUT_FROM and cell % _CUT_UNIT == 0


def _datetime_text(moment: dt.datetime) -> str:
    if moment.time() == _MIDNIGHT:
        return moment.date().isoformat()
    return moment.isoformat(sep=" ", timespec="seconds")


def _duration_text(duration: dt.timedelta) -> str:
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
