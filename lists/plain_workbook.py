"""Write workbooks of our own, row by row, in constant memory."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from lists.sheet_values import CellValue, Filling, Sheet, escaped, sheet_name, sheet_value
from lists.workbook import OpenSheet

#: No text ever turns into a formula, a link or a number on its way.
_OPTIONS: Mapping[str, object] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_COLUMN_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Styles:
    """The formats of one workbook, as xlsxwriter knows them."""

    title: Any
    date: Any
    moment: Any
    marked: Any


class PlainWorkbook:
    """A workbook being written; rows must come in order."""

    def __init__(self, stream: io.BytesIO) -> None:
        self._workbook = xlsxwriter.Workbook(stream, dict(_OPTIONS))
        self._names: list[str] = []
        self.styles = Styles(
            title=self._workbook.add_format({"bold": True}),
            date=self._workbook.add_format({"num_format": "yyyy-mm-dd"}),
            moment=self._workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            marked=self._workbook.add_format({"bg_color": "#FFC7CE"}),
        )

    def add_sheet(self, name: str, width: int, header_row: int) -> PlainSheet:
        """A new sheet, its columns wide enough to read, its titles frozen."""
        fresh = sheet_name(name, self._names)
        self._names.append(fresh)
        sheet = self._workbook.add_worksheet(fresh)
        sheet.set_column(0, max(0, width - 1), _COLUMN_WIDTH)
        if header_row:
            sheet.freeze_panes(header_row, 0)
        return PlainSheet(sheet, self.styles)

    def write_sheet(self, extra: Sheet) -> None:
        """A whole sheet of ours."""
        sheet = self.add_sheet(extra.name, len(extra.columns), 1)
        sheet.write_titles(1, dict(enumerate(extra.columns)))
        for row, values in enumerate(extra.rows, start=2):
            sheet.write_row(row, dict(enumerate(values)))

    def close(self) -> None:
        """Finish the file."""
        self._workbook.close()


class PlainSheet:
    """A sheet being written; rows are one-based, columns zero-based."""

    def __init__(self, sheet: Any, styles: Styles) -> None:
        self._sheet = sheet
        self._styles = styles

    def write_titles(self, row: int, cells: Mapping[int, CellValue]) -> None:
        """A row of titles."""
        for column, value in cells.items():
            self._write(row, column, value, self._styles.title)

    def write_row(
        self, row: int, cells: Mapping[int, CellValue], marked: Sequence[int] = ()
    ) -> None:
        """A row of values; `marked` columns are shown in red."""
        for column, value in cells.items():
            self._write(row, column, value, self._styles.marked if column in marked else None)

    def _write(self, row: int, column: int, value: CellValue, style: Any) -> None:
        written = sheet_value(value)
        if written in {None, ""}:
            self._sheet.write_blank(row - 1, column, None, style)
        elif isinstance(written, bool):
            self._sheet.write_boolean(row - 1, column, written, style)
        elif isinstance(written, dt.date):
            is_moment = isinstance(written, dt.datetime)
            style = style or (self._styles.moment if is_moment else self._styles.date)
            self._sheet.write_datetime(row - 1, column, written, style)
        elif isinstance(written, str):
            self._sheet.write_string(row - 1, column, written, style)
        else:
            self._sheet.write_number(row - 1, column, written, style)


@contextmanager
def plain_workbook(stream: io.BytesIO) -> Iterator[PlainWorkbook]:
    """A workbook that is finished when the block ends without an error."""
    workbook = PlainWorkbook(stream)
    yield workbook
    workbook.close()


def copy_rows(
    workbook: PlainWorkbook, opened: OpenSheet, filling: Filling, widths: SheetShape
) -> None:
    """The user's rows with the columns beside them, in one pass."""
    places = filling.places(widths.titles, widths.width)
    sheet = workbook.add_sheet(
        opened.sheet or "Sheet1", max([widths.width, *places], default=0) + 1, filling.header_row
    )
    for row in opened.rows:
        cells: dict[int, CellValue] = dict(enumerate(row.cells))
        # As texts, numbers that were cut would pass for whole ones in a later import.
        cells |= {column: float(row.cells[column]) for column in row.cut}
        if row.row == filling.header_row:
            cells |= {p: escaped(t) for p, t in zip(places, filling.columns, strict=True)}
            sheet.write_titles(row.row, cells)
        else:
            cells |= dict(zip(places, filling.values.get(row.row, ()), strict=False))
            sheet.write_row(row.row, cells)


@dataclass(frozen=True, slots=True)
class SheetShape:
    """What a first pass over a sheet tells.

    Attributes:
        width: columns in use.
        titles: title to zero-based column, of the header row.
    """

    width: int
    titles: Mapping[str, int]


def measure(opened: OpenSheet, header_row: int) -> SheetShape:
    """Read a sheet once for its width and titles."""
    width = 0
    titles: dict[str, int] = {}
    for row in opened.rows:
        width = max(width, len(row.cells))
        if row.row == header_row:
            titles = {cell.strip(): column for column, cell in enumerate(row.cells) if cell}
    return SheetShape(width, titles)
