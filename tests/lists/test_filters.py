from __future__ import annotations

import pytest
from hypothesis import given

from kernel.errors import InputError
from lists.filter_text import parse_filter
from lists.filters import EVERYTHING, AllOf, AnyOf, Compare, Condition, Not, Operator, matches
from tests.lists.conditions import conditions

ROW = {"age": "35", "city": "北京", "name": "张三", "note": " ", "price": "1.50"}


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("age >= 35", True),
        ("age > 35", False),
        ("age <= 35.0", True),
        ("age < 35", False),
        ("price = 1.5", False),
        ("price >= 1.5 and price <= 1.5", True),
        ("city > 3", False),
        ("city = 北京", True),
        ("city != 北京", False),
        ("city in (上海, 北京)", True),
        ("name contains 三", True),
        ("name starts with 三", False),
        ("note is empty and nothing is empty", True),
        ("not (age > 30 or city = 上海)", False),
        ("nothing < 3", False),
    ],
)
def test_meaning(text: str, takes: object) -> None:
    assert matches(parse_filter(text), ROW) is takes


def test_the_empty_ones() -> None:
    assert matches(EVERYTHING, {})
    assert not matches(AnyOf(()), ROW)


@given(conditions, conditions)
def test_laws_of_logic(one: Condition, other: Condition) -> None:
    for row in (ROW, {}):
        both = matches(AllOf((one, other)), row)
        neither = matches(Not(AnyOf((one, other))), row)
        assert both == (matches(one, row) and matches(other, row))
        assert neither == (not matches(one, row) and not matches(other, row))


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        (Operator.EQUALS, ()),
        (Operator.EQUALS, ("a", "b")),
        (Operator.IS_EMPTY, ("a",)),
        (Operator.IN, ()),
        (Operator.GREATER, ("x",)),
        (Operator.GREATER, ("1-1",)),
    ],
)
def test_comparisons_that_mean_nothing(operator: Operator, values: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="filter on 'age'"):
        Compare("age", operator, values)
