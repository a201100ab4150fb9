from __future__ import annotations

import pytest

from scripts_dsl.program import Kind
from scripts_dsl.values import fits, holds


@pytest.mark.parametrize(
    ("value", "kind", "fitting"),
    [
        ("0012", Kind("digits", 4, 6), True),
        ("12", Kind("digits", 4, 6), False),
        ("１２３４", Kind("digits", 4, 6), False),
        ("3.0", Kind("scale", 1, 5), True),
        ("3.5", Kind("scale", 1, 5), False),
        ("6", Kind("scale", 1, 5), False),
        ("1,234.50", Kind("money"), True),
        ("much", Kind("money"), False),
        ("24:00", Kind("time"), False),
        ("138 0013 8000", Kind("phone"), True),
        ("none", Kind("phone"), False),
        ("b", Kind("choice", choices=("a", "b")), True),
        ("c", Kind("choice", choices=("a", "b")), False),
        ("", Kind("text"), True),
    ],
)
def test_a_value_fits_its_type(value: str, kind: Kind, *, fitting: bool) -> None:
    assert fits(value, kind) is fitting


def test_values_compare_by_what_they_mean() -> None:
    assert holds("9", "<", "10", Kind("number"))
    assert holds("2026-9-30", "<", "2026-10-01", Kind("date"))
    assert holds("9:05", ">=", "09:05", Kind("time"))
    assert holds("a", "!=", "b", Kind("text"))


def test_what_is_no_value_of_the_type_compares_to_nothing() -> None:
    for operator in ("=", "!=", "<", ">="):
        assert not holds("soon", operator, "3", Kind("number"))
        assert not holds("3", operator, "soon", Kind("number"))
