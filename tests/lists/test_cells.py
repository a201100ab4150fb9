from __future__ import annotations

import datetime as dt

import pytest

from lists.cells import Cell, cell_text, digits_were_cut

AT = dt.datetime.fromisoformat("2026-01-02T03:04:05")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (13812345678.0, "13812345678"),
        (-3.0, "-3"),
        (1.5, "1.5"),
        (1e21, "1000000000000000000000"),
        (0.1, "0.1"),
        (7, "7"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("a\0b", "ab"),
        ("00123", "00123"),
        (AT, "2026-01-02 03:04:05"),
        (AT.replace(hour=0, minute=0, second=0), "2026-01-02"),
        (AT.date(), "2026-01-02"),
        (AT.time(), "03:04:05"),
        (dt.timedelta(hours=30, minutes=2), "30:02:00"),
    ],
)
def test_texts(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "cut"),
    [
        (13812000000.0, True),
        (8613812000000.0, True),
        (13812300000.0, False),
        (1000000.0, False),
        ("13812000000", False),
        (float("inf"), False),
    ],
)
def test_numbers_that_lost_their_last_digits(cell: Cell, cut: object) -> None:
    assert digits_were_cut(cell) is cut
