"""Put results back into the user's own list.

An .xlsx is loaded and saved by openpyxl with new columns beside the last used one: the same
rows in the same order, with styles, widths, merged cells, frozen panes and the other sheets as
they were (openpyxl does not keep charts and pictures). CSV and .xls, sheets too large for
openpyxl and workbooks that it does not understand become a new workbook with the same rows and
the columns beside them: results always get out.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import ParseError

from kernel.errors import InputError
from lists.archive_check import check_archive
from lists.batch import SourceFile
from lists.own_workbook import fill_workbook
from lists.plain_workbook import copy_rows, measure, plain_workbook
from lists.sheet_rows import ReadFailure, ReadLimits
from lists.sheet_values import CellValue, Filling, Sheet
from lists.workbook import open_sheet

__all__ = ["CellValue", "Sheet", "fill_back"]

_ZIP = b"PK\x03\x04"
#: openpyxl needs some 50 times the bytes of a sheet, and it works in the caller's process:
#: workbooks that unpack to more become a plain copy.
STYLED_UP_TO_BYTES = 100_000_000
#: What openpyxl raises on workbooks that it does not understand.
_NOT_UNDERSTOOD = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)


def fill_back(
    source: SourceFile,
    sheet: str,
    header_row: int,
    columns: Sequence[str],
    values: Mapping[int, Sequence[CellValue]],
    extra_sheets: Sequence[Sheet] = (),
) -> bytes:
    """The user's list with result columns, as the bytes of an .xlsx.

    A column whose title is there already, from an earlier round trip, is filled in place, and a
    sheet of ours with the same name and titles is replaced: filling twice gives one set.

    Args:
        source: the file as imported.
        sheet: its name, empty for CSV.
        header_row: one-based row of the titles; 0 when there is none, then no titles are
            written.
        columns: titles of the new columns, all different.
        values: one-based row of the sheet to one value per new column. Texts that a
            spreadsheet program might run as a formula get `'` before them.
        extra_sheets: sheets of our own behind the user's.

    Raises:
        InputError: the source cannot be read, has no such sheet, two columns have one title,
            or a row has not one value per column.
    """
    filling = Filling(sheet, header_row, columns, values)
    _check(filling)
    if _can_be_styled(source.content):
        try:
            return fill_workbook(source.content, filling, extra_sheets)
        except _NOT_UNDERSTOOD:
            pass
    return _plain_copy(source, filling, extra_sheets)


def _check(filling: Filling) -> None:
    if len(set(filling.columns)) != len(filling.columns):
        raise InputError("two result columns have the same title; rename one")
    for row, cells in filling.values.items():
        if row < 1 or len(cells) != len(filling.columns):
            raise InputError(f"row {row}: {len(cells)} results for {len(filling.columns)} columns")


def _can_be_styled(content: bytes) -> bool:
    """Whether openpyxl may be let loose on it in this process."""
    if not content.startswith(_ZIP):
        return False
    try:
        check_archive(content, ReadLimits(max_unpacked_bytes=STYLED_UP_TO_BYTES))
    except ReadFailure:
        return False
    return True


def _plain_copy(source: SourceFile, filling: Filling, extra_sheets: Sequence[Sheet]) -> bytes:
    wanted = filling.sheet or None
    with open_sheet(source, wanted) as opened:
        shape = measure(opened, filling.header_row)
    stream = io.BytesIO()
    with plain_workbook(stream) as workbook, open_sheet(source, wanted) as opened:
        copy_rows(workbook, opened, filling, shape)
        for extra in extra_sheets:
            workbook.write_sheet(extra)
    return stream.getvalue()
