"""A workbook for somebody who may not see phone numbers: every one in it is masked."""

from __future__ import annotations

import io
import zipfile
from itertools import chain

import openpyxl
from openpyxl.cell import Cell

from api.masking import mask_text
from kernel.errors import InputError
from lists.fill_back import STYLED_UP_TO_BYTES


def mask_workbook(content: bytes) -> bytes:
    """Mask phone numbers in every cell, note and link of every sheet.

    Args:
        content: an .xlsx of our own making.

    Raises:
        InputError: it is too large to be masked cell by cell.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > STYLED_UP_TO_BYTES:
            raise InputError(
                "the list is too large to be exported with masked numbers; "
                "an administrator can export it"
            )
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = chain.from_iterable(row for sheet in book.worksheets for row in sheet.iter_rows())
    for cell in cells:
        if isinstance(cell, Cell):
            _mask(cell)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _mask(cell: Cell) -> None:
    if cell.hyperlink is not None:
        cell.hyperlink = None
    if cell.comment is not None:
        cell.comment = None
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return
    text = value if isinstance(value, str) else f"{value:.0f}"
    masked = mask_text(text)
    if masked != text:
        cell.value = masked
