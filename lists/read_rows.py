"""The child that parses a file: `python -m lists.read_rows ORDER`, see `lists.sandbox`.

It limits itself before it reads a byte, so that a hostile file ends the child, not the server.
"""

from __future__ import annotations

import io
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import orjson
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from lists.archive_check import check_archive
from lists.cells import cell_text, digits_were_cut
from lists.csv_rows import read_csv
from lists.sheet_rows import ReadFailure, ReadLimits, SheetRow

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: The stream that holds an .xlsx with a password inside an OLE file (MS-OFFCRYPTO 2.3.4.4).
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
#: Once this much is written it goes to the parent, so both work at the same time.
_FLUSH_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class OpenedSheet:
    """A sheet and its rows that are not blank."""

    sheet: str
    sheets: tuple[str, ...]
    rows: Iterator[SheetRow]


def open_content(content: bytes, sheet: str | None, limits: ReadLimits) -> OpenedSheet:
    """Tell the kind of file by its bytes, whatever its name says, and open it.

    Raises:
        ReadFailure: the file cannot be read as a list; also raised while rows are read.
    """
    if content.startswith(_ZIP):
        check_archive(content, limits)
        return _open_workbook(content, sheet, limits)
    if content.startswith(_OLE):
        if _ENCRYPTED_PACKAGE in content:
            raise ReadFailure("password")
        return _open_workbook(content, sheet, limits)
    if sheet:
        raise ReadFailure("no-sheets")
    rows = _not_blank(((n, cells, ()) for n, cells in read_csv(content)), limits)
    first = next(rows, None)
    if first is None:
        raise ReadFailure("no-rows")
    return OpenedSheet("", (), _chain(first, rows))


def _chain(first: SheetRow, rest: Iterator[SheetRow]) -> Iterator[SheetRow]:
    yield first
    yield from rest


def _open_workbook(content: bytes, wanted: str | None, limits: ReadLimits) -> OpenedSheet:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [s for s in workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
        names = tuple(sheet.name for sheet in sheets)
        if wanted is not None and wanted not in names:
            raise ReadFailure("sheet-not-found", sheets=", ".join(names))
        visible = [s.name for s in sheets if s.visible == SheetVisibleEnum.Visible]
        for name in [wanted] if wanted is not None else visible:
            opened = workbook.get_sheet_by_name(name)
            rows = _not_blank(_calamine_rows(opened, limits), limits)
            first = next(rows, None)
            if first is not None:
                return OpenedSheet(name, names, _chain(first, rows))
    except PasswordError as error:
        raise ReadFailure("password") from error
    except CalamineError as error:
        raise ReadFailure("damaged") from error
    raise ReadFailure("no-rows-in-sheet" if wanted else "no-rows", sheets=", ".join(names))


NumberedCells = tuple[int, list[str], tuple[int, ...]]


def _calamine_rows(sheet: CalamineSheet, limits: ReadLimits) -> Iterator[NumberedCells]:
    start, end = sheet.start, sheet.end
    if start is None or end is None:
        return
    if end[1] >= limits.max_columns:
        raise ReadFailure("too-wide", value=end[1] + 1, limit=limits.max_columns)
    # calamine leaves out empty columns on the left, but not empty rows above.
    margin, shift = [""] * start[1], start[1]
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        cut = tuple(i + shift for i, cell in enumerate(cells) if digits_were_cut(cell))
        yield number, margin + [cell_text(cell) for cell in cells], cut


def _not_blank(rows: Iterator[NumberedCells], limits: ReadLimits) -> Iterator[SheetRow]:
    for number, cells, cut in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if number > limits.max_rows:
            raise ReadFailure("too-many-rows", limit=limits.max_rows)
        if len(cells) > limits.max_columns:
            raise ReadFailure("too-wide", value=len(cells), limit=limits.max_columns)
        yield SheetRow(number, tuple(cells), cut)


def limit_self(limits: ReadLimits) -> None:
    """Bound this process's memory and time, and let it leave no core file."""
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
    ):
        _, hard = resource.getrlimit(kind)
        # Only the soft limit: lowering the hard one of the processor kills without a signal
        # that tells time from memory.
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (soft, hard))
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)


def messages(file: IO[bytes], sheet: str | None, limits: ReadLimits) -> Iterator[Any]:
    """What the child says, in order: the sheet, its rows, the end; or the failure."""
    try:
        opened = open_content(file.read(), sheet, limits)
        yield {"sheet": opened.sheet, "sheets": opened.sheets}
        for row in opened.rows:
            yield (row.row, row.cells, row.cut)
        yield {"end": True}
    except ReadFailure as failure:
        yield {"error": failure.code, "facts": failure.facts}
    except MemoryError:
        yield {"error": "memory", "facts": {}}


def main() -> None:
    """Read the file on standard input and write JSON lines."""
    order = orjson.loads(sys.argv[1])
    limits = ReadLimits(**order["limits"])
    limit_self(limits)
    pending = bytearray()
    for message in messages(sys.stdin.buffer, order["sheet"], limits):
        pending += orjson.dumps(message) + b"\n"
        if len(pending) >= _FLUSH_BYTES:
            sys.stdout.buffer.write(pending)
            pending.clear()
    sys.stdout.buffer.write(pending)


if __name__ == "__main__":
    main()
