"""The child's work, done in this process; `test_workbook` sees the real child."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from lists.read_rows import messages
from lists.sheet_rows import ReadLimits
from tests.lists.corpus import BROKEN, GOOD
from tests.lists.files import archive, old_xls, sheet_xml, with_part, xlsx

LIMITS = ReadLimits()
TABLE: list[list[object]] = [["姓名", "手机"], [], ["甲", 13812000000], ["乙", 1.5], [True, None]]


def said(content: bytes, sheet: str | None = None, limits: ReadLimits = LIMITS) -> list[Any]:
    return list(messages(io.BytesIO(content), sheet, limits))


@pytest.mark.parametrize("sheet", [None, "名单"])
def test_sheet_rows_and_end(sheet: str | None) -> None:
    assert said(xlsx(TABLE), sheet) == [
        {"sheet": "名单", "sheets": ("名单",)},
        (1, ("姓名", "手机"), ()),
        (3, ("甲", "13812000000"), (1,)),
        (4, ("乙", "1.5"), ()),
        (5, ("TRUE",), ()),
        {"end": True},
    ]


def test_csv_has_no_sheet() -> None:
    assert said(b"phone\n\n1\n") == [
        {"sheet": "", "sheets": ()},
        (1, ("phone",), ()),
        (3, ("1",), ()),
        {"end": True},
    ]
    assert said(b"phone\n", "x")[0]["error"] == "no-sheets"


def test_old_workbooks() -> None:
    assert said(old_xls([["手机"], [13812345678.0]], "旧"))[1:] == [
        (1, ("手机",), ()),
        (2, ("13812345678",), ()),
        {"end": True},
    ]


@pytest.mark.parametrize(("content", "code"), BROKEN)
def test_broken_files_end_in_a_code(content: bytes, code: str) -> None:
    assert said(content)[-1]["error"] == code


@pytest.mark.parametrize(
    ("limits", "code", "facts"),
    [
        (ReadLimits(max_rows=1), "too-many-rows", {"limit": 1}),
        (ReadLimits(max_columns=1), "too-wide", {"value": 2, "limit": 1}),
        (ReadLimits(max_entries=2), "too-many-entries", {"value": 9, "limit": 2}),
    ],
)
def test_limits(limits: ReadLimits, code: str, facts: dict[str, int]) -> None:
    assert said(GOOD, None, limits)[-1] == {"error": code, "facts": facts}


def test_limits_that_only_the_cells_show() -> None:
    body = '<sheetData><row r="1"><c r="C1"><v>1</v></c></row></sheetData>'
    hidden = with_part(GOOD, "xl/worksheets/sheet1.xml", sheet_xml(body))
    assert said(hidden, None, ReadLimits(max_columns=2))[-1]["error"] == "too-wide"
    assert said(b"a,b,c\n", None, ReadLimits(max_columns=2))[-1]["error"] == "too-wide"


def test_archives_that_lie() -> None:
    bomb = with_part(GOOD, "xl/sharedStrings.xml", b"a" * 20_000_000)
    assert said(bomb)[-1]["error"] == "ratio"
    small = ReadLimits(max_unpacked_bytes=10_000_000)
    assert said(bomb, None, small)[-1]["error"] == "unpacks-too-big"
    encrypted = bytearray(GOOD)
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    assert said(bytes(encrypted))[-1]["error"] == "password"
    assert said(archive({"xl/worksheets/sheet1.xml": b"<x/>"}))[-1]["error"] == "damaged"


def test_the_wrong_sheet() -> None:
    assert said(GOOD, "x")[-1] == {"error": "sheet-not-found", "facts": {"sheets": "名单"}}
    assert said(xlsx([]), "名单")[-1]["error"] == "no-rows-in-sheet"


def test_memory_that_runs_out_is_reported() -> None:
    class Full(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            raise MemoryError

    assert list(messages(Full(), None, LIMITS)) == [{"error": "memory", "facts": {}}]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", GOOD[:500]]))
def test_any_bytes_give_rows_or_one_error(content: bytes, start: bytes) -> None:
    *before, last = said(start + content)
    assert ("end" in last) != ("error" in last)
    assert all(isinstance(row, tuple) for row in before[1:])


@settings(deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_flipped_byte_never_passes_for_another_program_fault(place: int, byte: int) -> None:
    content = bytearray(GOOD)
    content[place] = byte
    last = said(bytes(content))[-1]
    assert ("end" in last) != ("error" in last)
