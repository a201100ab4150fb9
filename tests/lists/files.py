"""Spreadsheets as they come: good, broken and hostile."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable

from openpyxl import Workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def xlsx(rows: Iterable[Iterable[object]], title: str = "名单") -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The archive with one part added or replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, part)
    return stream.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return stream.getvalue()


def sheet_xml(body: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{namespace}">{body}</worksheet>'.encode()


def old_xls(rows: Iterable[Iterable[str | float]], title: str = "Sheet1") -> bytes:
    """A minimal .xls: BIFF8 records ([MS-XLS] 2.4) in a compound file ([MS-CFB] 2)."""
    bof = {
        kind: _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0)) for kind in (5, 16)
    }
    end = _record(0x000A, b"")
    name = struct.pack("<BB", len(title), 1) + title.encode("utf-16-le")
    cells = b"".join(
        _xls_cell(r, c, cell) for r, row in enumerate(rows) for c, cell in enumerate(row)
    )
    offset = len(bof[5]) + 4 + 6 + len(name) + len(end)
    bound = _record(0x0085, struct.pack("<IBB", offset, 0, 0) + name)
    return _compound_file("Workbook", bof[5] + bound + end + bof[16] + cells + end)


def _record(kind: int, payload: bytes) -> bytes:
    return struct.pack("<HH", kind, len(payload)) + payload


def _xls_cell(row: int, column: int, cell: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(cell, str):
        text = cell.encode("utf-16-le")
        return _record(0x0204, place + struct.pack("<HB", len(text) // 2, 1) + text)
    return _record(0x0203, place + struct.pack("<d", cell))


def _compound_file(name: str, stream: bytes) -> bytes:
    end, free, fat_sector, none = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
    sectors = max(8, -(-len(stream) // 512))  # shorter streams would live in the mini stream
    assert sectors + 2 <= 128, "one sector of the allocation table is enough here"
    header = OLE + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header = header.ljust(512, b"\xff")
    chain = [*range(3, sectors + 2), end]
    table = struct.pack("<128I", *([fat_sector, end, *chain] + [free] * 128)[:128])
    entries = b""
    for title, kind, child, start, size in (
        ("Root Entry", 5, 1, end, 0),
        (name, 2, none, 2, sectors * 512),
    ):
        raw = (title + "\0").encode("utf-16-le")
        entries += raw.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(raw), kind, 1, none, none, child
        )
        entries += bytes(36) + struct.pack("<IQ", start, size)
    return header + table + entries.ljust(512, b"\0") + stream.ljust(sectors * 512, b"\0")
