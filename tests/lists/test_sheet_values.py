from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from lists.sheet_values import Filling, escaped, sheet_name, sheet_value

DANGEROUS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\tx", " =1", "\u00a0=1", "\u3000=1",
    "＝1", "＋1", "－1", "＠x", "\u200b=1", "\ufeff=1", "a\n=1", "a\r\n +1", "\n=1",
    "﹣1", "+1234567x",    "+12345", "+1234567890123456", "=cmd|'/c calc'!A1",
]  # fmt: skip


@pytest.mark.parametrize("text", DANGEROUS)
def test_formulas_are_escaped(text: str) -> None:
    assert escaped(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["", "a", "a=1", "13812345678", "+8613812345678", "'=1", "a\nb", " a", "1-2", "#N/A"]
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert escaped(text) == text


@given(st.text())
def test_escaping_is_idempotent(text: str) -> None:
    assert escaped(escaped(text)) == escaped(text)


AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (-2.5, -2.5),
        (Decimal("1.5"), 1.5),
        (float("nan"), ""),
        (float("-inf"), ""),
        (10**20, "100000000000000000000"),
        (-(10**20), "'-100000000000000000000"),
        (AT, dt.datetime.fromisoformat("2026-03-02T09:00:00")),
        (dt.date(2026, 3, 2), dt.date(2026, 3, 2)),
        ("a\x00b\x1f\ud800\n", "ab\n"),
        ("x" * 40_000, "x" * 32_767),
        ("\x00=1", "'=1"),
    ],
)
def test_values_as_they_are_written(value: object, written: object) -> None:
    result = sheet_value(value)  # type: ignore[arg-type]  # the table mixes every kind
    assert result == written
    assert type(result) is type(written)


def test_sheet_names() -> None:
    assert sheet_name("a/b[c]:*?\\d") == "a b c     d"
    assert sheet_name("'x'") == "x"
    assert sheet_name("") == "Sheet"
    assert sheet_name("答卷", ["名单"]) == "答卷"
    assert sheet_name("Sheet", ["SHEET", "sheet (2)"]) == "Sheet (3)"
    assert sheet_name("长" * 40, ["长" * 31]) == "长" * 27 + " (2)"


def test_places_are_found_or_free() -> None:
    filling = Filling("s", 1, ("结果", " 次数 ", "=x"), {})
    assert filling.places({"姓名": 0, "次数": 1}, 2) == [2, 1, 3]
    assert filling.places({"'=x": 0}, 1) == [1, 2, 0]
