"""Fill columns into the user's own .xlsx, leaving everything else as it is."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Sequence
from copy import copy
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kernel.errors import InputError
from lists.sheet_values import Filling, Sheet, WrittenValue, escaped, sheet_name, sheet_value

_NARROWEST, _WIDEST = 10.0, 40.0
_TEXT_FORMAT = "@"
_FORMATS: dict[type, str] = {
    str: _TEXT_FORMAT,
    dt.date: "yyyy-mm-dd",
    dt.datetime: "yyyy-mm-dd hh:mm:ss",
}


def fill_workbook(content: bytes, filling: Filling, extra_sheets: Sequence[Sheet]) -> bytes:
    """The workbook with the columns and sheets.

    Raises:
        InputError: the workbook has no such sheet.
        Exception: whatever openpyxl raises on a workbook that it does not understand.
    """
    with warnings.catch_warnings():
        # openpyxl warns of what it does not keep; the module above documents it.
        warnings.simplefilter("ignore", UserWarning)
        workbook = load_workbook(io.BytesIO(content), rich_text=True)
    sheet = workbook[filling.sheet] if filling.sheet in workbook.sheetnames else None
    if not isinstance(sheet, Worksheet):
        raise InputError(f"the workbook has no sheet {filling.sheet!r}; export to a new file")
    _fill(sheet, filling)
    for extra in extra_sheets:
        _replace_sheet(workbook, extra)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _fill(sheet: Worksheet, filling: Filling) -> None:
    # The public iterators would create every empty cell on their way to the last one.
    cells = {place: cell for place, cell in sheet._cells.items() if cell.value is not None}  # noqa: SLF001
    last_used = max((column for _, column in cells), default=0)
    merged = [area.max_col for area in sheet.merged_cells.ranges]
    titles = {
        str(cell.value).strip(): column
        for (row, column), cell in cells.items()
        if row == filling.header_row
    }
    places = filling.places(titles, max([last_used, *merged]) + 1)
    _unmerge(sheet, filling.header_row, places)
    model = max(titles.values(), default=0)
    if filling.header_row:
        for title, place in zip(filling.columns, places, strict=True):
            _write_title(sheet, filling.header_row, place, model, title)
    for row, values in filling.values.items():
        for place, value in zip(places, values, strict=True):
            _write_value(sheet, row, place, last_used, sheet_value(value))
    _widen(sheet, filling, places)


def _unmerge(sheet: Worksheet, header_row: int, places: Sequence[int]) -> None:
    """Part merged cells below the titles in our columns: each row has its own result."""
    for area in list(sheet.merged_cells.ranges):
        if area.max_row > header_row and any(area.min_col <= p <= area.max_col for p in places):
            sheet.unmerge_cells(area.coord)


def _write_title(sheet: Worksheet, row: int, place: int, model: int, title: str) -> None:
    cell = sheet.cell(row, place)
    if isinstance(cell, MergedCell):  # covered by another title, so not found as this one
        return
    if place != model and cell.value is None and model:
        _copy_style(sheet, (row, model), cell)
    _set(cell, escaped(title.strip()))


def _write_value(
    sheet: Worksheet, row: int, place: int, last_used: int, value: WrittenValue
) -> None:
    cell = sheet.cell(row, place)
    assert not isinstance(cell, MergedCell), "our columns were unmerged"
    if place > last_used > 0:
        _copy_style(sheet, (row, last_used), cell)
    _set(cell, value)
    cell.number_format = _FORMATS.get(type(value), "General")


def _copy_style(sheet: Worksheet, source: tuple[int, int], cell: Any) -> None:
    # The public properties (font, fill, ...) cost a hundred times as much per cell.
    model: Any = sheet.cell(*source)
    cell._style = copy(model._style)  # noqa: SLF001


def _set(cell: Cell, value: WrittenValue) -> None:
    cell.value = value
    if isinstance(value, str):
        # openpyxl would take "=..." for a formula and "#N/A" for an error.
        cell.data_type = "s"


def _widen(sheet: Worksheet, filling: Filling, places: Sequence[int]) -> None:
    # A second <col> element over the same column makes Excel call the file damaged.
    spans = [(d.min, d.max) for d in sheet.column_dimensions.values() if d.min and d.max]
    for title, place in zip(filling.columns, places, strict=True):
        if not any(first <= place <= last for first, last in spans):
            dimension = sheet.column_dimensions[get_column_letter(place)]
            dimension.width = min(_WIDEST, max(_NARROWEST, 2.0 * len(title) + 2))


def _replace_sheet(workbook: Workbook, extra: Sheet) -> None:
    """Put a sheet of ours in, over the one with the same name and titles if there is one."""
    titles = [escaped(title) for title in extra.columns]
    name = sheet_name(extra.name)
    position: int | None = None
    old = workbook[name] if name in workbook.sheetnames else None
    if isinstance(old, Worksheet) and _first_row(old) == titles:
        position = workbook.index(old)
        workbook.remove(old)
    sheet = workbook.create_sheet(sheet_name(name, workbook.sheetnames), position)
    for row, values in enumerate([titles, *extra.rows], start=1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            assert isinstance(cell, Cell), "a new sheet has no merged cells"
            written = sheet_value(value)
            _set(cell, written)
            cell.number_format = _FORMATS.get(type(written), "General")
    for column, title in enumerate(titles, start=1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = max(12.0, 2.0 * len(title))
    sheet.freeze_panes = "A2"


def _first_row(sheet: Worksheet) -> list[object]:
    row = next(sheet.iter_rows(max_row=1, values_only=True), ())
    return [value for value in row if value is not None]
