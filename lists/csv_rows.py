"""CSV as people have it: any of five encodings, any of three delimiters."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lists.sheet_rows import ReadFailure

DELIMITERS = ",;\t"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SNIFF_CHARS = 65_536
_SNIFF_RECORDS = 50
_SNIFF_CONTROLS = 4_096
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")
#: A few stray control characters do not make a text binary.
_STRAY_CONTROLS = 4
_WEB_PAGE = re.compile(r"<(?:!doctype html|html|head|meta|table|body)\b", re.IGNORECASE)
# ="00123" is how exporters keep Excel from taking a text for a number; Excel shows 00123.
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')
#: The longest text that an Excel cell holds.
_MAX_CELL_CHARS = 32_767


def read_csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Records with their one-based numbers, blank ones included.

    A line break inside quotes does not start a new row, as in Excel.

    Raises:
        ReadFailure: binary content, a web page, an unknown encoding, or a broken record.
    """
    text = _decode(content)
    _refuse_markup(text[:_SNIFF_CONTROLS])
    delimiter, skipped = _delimiter(text)
    csv.field_size_limit(_MAX_CELL_CHARS)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, record in enumerate(records, start=1):
            if number > skipped:
                yield number, [_cell(cell) for cell in record]
    except csv.Error as error:
        raise ReadFailure("csv", row=number + 1) from error


def _decode(content: bytes) -> str:
    """Mark, then UTF-8, then GB18030: the order that told all five encodings apart.

    GBK is read as GB18030, its superset, because names use characters that GBK lacks.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if encoding is None:
        head = content[:_SNIFF_CONTROLS]
        controls = sum(byte in _CONTROLS for byte in head)
        if controls > max(_STRAY_CONTROLS, len(head) // 20):
            raise ReadFailure("not-a-workbook")
    for candidate in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            return content.decode(candidate)
        except UnicodeDecodeError:
            continue
    raise ReadFailure("encoding")


def _refuse_markup(head: str) -> None:
    if not head.lstrip().startswith("<"):
        return
    if _WEB_PAGE.search(head):
        raise ReadFailure("html")
    if "<?xml" in head:
        raise ReadFailure("old-xml")


def _delimiter(text: str) -> tuple[str, int]:
    """The delimiter, and how many records to skip (Excel's own `sep=;` line)."""
    declared = re.match(r"sep=([,;\t])\r?\n", text)
    if declared:
        return declared[1], 1
    return max(DELIMITERS, key=lambda delimiter: _agreement(text[:_SNIFF_CHARS], delimiter)), 0


def _agreement(sample: str, delimiter: str) -> tuple[int, int]:
    """How many records have the most frequent width above one, and that width."""
    records = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        widths = Counter(len(record) for record in islice(records, _SNIFF_RECORDS))
    except csv.Error:
        return (0, 0)
    return max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))


def _cell(text: str) -> str:
    if text.startswith('="'):
        match = _QUOTED_FORMULA.fullmatch(text)
        text = match[1] if match else text
    return text.replace("\0", "")
