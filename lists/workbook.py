"""Read the user's spreadsheet: bytes in, rows of texts out, every failure one clear line.

The bytes are parsed in a child process with limits on memory and time (`lists.sandbox`),
because a 5 KB workbook can make any spreadsheet parser ask for 512 GB and abort
(calamine issue 693).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import InputError
from lists.batch import SourceFile
from lists.sandbox import start_reader
from lists.sheet_rows import ReadFailure, ReadLimits, SheetRow

__all__ = [
    "OpenSheet",
    "ReadLimits",
    "SheetRow",
    "load_source",
    "open_sheet",
    "source_from_bytes",
]

_NOT_A_LIST = "save the list in Excel as .xlsx and try again"
#: What the child may report, in words for the user; `{facts}` come from the child.
_FAILURES = {
    "empty": "the file is empty; choose the file that holds the list",
    "not-a-workbook": f"this is no Excel workbook and no CSV text; {_NOT_A_LIST}",
    "html": f"this is a web page under a spreadsheet's name; open it, {_NOT_A_LIST}",
    "old-xml": f"this is an Excel 2003 XML file; {_NOT_A_LIST}",
    "other-spreadsheet": f"this is another program's spreadsheet or a binary one; {_NOT_A_LIST}",
    "damaged": "the workbook is damaged or incomplete; save or send it again",
    "password": "the workbook is protected by a password; save it without one",
    "macros": "the workbook holds macros; save it as .xlsx without macros",
    "encoding": "the text is neither UTF-8 nor GBK; save it as CSV UTF-8 or as .xlsx",
    "csv": "row {row} cannot be read as CSV (is a quote left open?); save it as .xlsx",
    "no-sheets": "a CSV file has no sheets; leave the name of the sheet out",
    "sheet-not-found": "there is no sheet of that name; its sheets are: {sheets}",
    "no-rows": "no sheet holds any row; choose the file that holds the list",
    "no-rows-in-sheet": "the chosen sheet holds no row; its sheets are: {sheets}",
    "too-many-entries": "the workbook holds {value} parts, more than {limit}; save only the list",
    "unpacks-too-big": "the workbook unpacks to {value} bytes, more than {limit}; split the list",
    "ratio": "the workbook is packed {value} times, more than {limit} (a zip bomb?); save it again",
    "too-wide": "a sheet is {value} columns wide, more than {limit}; delete the empty columns",
    "too-many-rows": "the sheet has more than {limit} rows; split the list",
    "memory": "reading it needs more memory than allowed; delete far-off cells or split the list",
    "time": "reading it takes longer than allowed; delete other sheets or split the list",
    "stopped": "its reader stopped unexpectedly; save the list in Excel as .xlsx and try again",
}


def load_source(path: Path, limits: ReadLimits | None = None) -> SourceFile:
    """Read a file once, so that what is parsed, hashed and kept are the same bytes.

    Raises:
        InputError: the file is missing, a folder, not readable, empty or too big.
    """
    limits = limits or ReadLimits()
    try:
        if path.is_dir():
            raise InputError(f"{path.name}: this is a folder; give the file that holds the list")
        size = path.stat().st_size
        _check_size(path.name, size, limits)
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file; check the path") from error
    except PermissionError as error:
        raise InputError(f"{path}: no permission to read it; change its rights") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: the file cannot be read; copy it and try again") from error
    return source_from_bytes(path.name, content, limits)


def source_from_bytes(name: str, content: bytes, limits: ReadLimits | None = None) -> SourceFile:
    """A source from an upload.

    Args:
        name: as the user's browser gave it; folders in it are dropped.
        content: the whole file.
        limits: as for reading.

    Raises:
        InputError: the file is empty or too big.
    """
    name = name.replace("\\", "/").rsplit("/", 1)[-1] or "list"
    _check_size(name, len(content), limits or ReadLimits())
    return SourceFile(name, hashlib.sha256(content).hexdigest(), content)


def _check_size(name: str, size: int, limits: ReadLimits) -> None:
    if size == 0:
        raise InputError(f"{name}: {_FAILURES['empty']}")
    if size > limits.max_bytes:
        raise InputError(
            f"{name}: the file has {size} bytes, more than {limits.max_bytes}; split the list"
        )


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """A sheet being read.

    Attributes:
        sheet: its name, empty for CSV.
        sheets: every worksheet of the file, in order.
        rows: rows that are not blank, in order; blank ones only count in the numbering. Read
            as they are consumed; raises `InputError` where the file turns out unreadable.
    """

    sheet: str
    sheets: tuple[str, ...]
    rows: Iterator[SheetRow]


@contextmanager
def open_sheet(
    source: SourceFile, sheet: str | None = None, limits: ReadLimits | None = None
) -> Iterator[OpenSheet]:
    """Open one sheet for reading; leaving the block ends the child that reads it.

    Args:
        source: an .xlsx, .xls or CSV file (UTF-8, UTF-16 with its mark, GBK, GB18030).
        sheet: name of the sheet; by default the first visible one that holds data.
        limits: of bytes, columns, rows, memory and time.

    Raises:
        InputError: the file cannot be read as a list; says why and what to do.
    """
    try:
        with start_reader(source.content, sheet, limits or ReadLimits()) as reading:
            rows = _named(source.name, reading.rows)
            yield OpenSheet(reading.sheet, reading.sheets, rows)
    except ReadFailure as failure:
        raise _as_input_error(source.name, failure) from failure


def _named(name: str, rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
    try:
        yield from rows
    except ReadFailure as failure:
        raise _as_input_error(name, failure) from failure


def _as_input_error(name: str, failure: ReadFailure) -> InputError:
    words = _FAILURES.get(failure.code, _FAILURES["stopped"]).format_map(failure.facts)
    return InputError(f"{name}: {words}", code=failure.code)
