from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError
from lists.batch import Field, FieldKind
from lists.filter_text import MAX_CHARS, parse_filter
from lists.filters import EVERYTHING, AllOf, AnyOf, Compare, Not, Operator, matches

AGE = Compare("age", Operator.AT_LEAST, ("30",))
CITY = Compare("city", Operator.IN, ("北京", "上海"))
VIP = Compare("vip", Operator.EQUALS, ("yes",))
FIELDS = (
    Field("phone", "手机号", 0, FieldKind.PHONE),
    Field("age", "年龄", 1, FieldKind.NUMBER),
    Field("city", "城市", 2, FieldKind.TEXT),
)


def test_the_sentence_of_the_manual() -> None:
    text = 'age >= 30 and city in (北京, 上海) and not vip = "yes"'
    assert parse_filter(text) == AllOf((AGE, CITY, Not(VIP)))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("", EVERYTHING),
        ("  \n", EVERYTHING),
        ("age>=30", AGE),
        ("age ≥ 30", AGE),
        ("age != 3", Compare("age", Operator.DIFFERS, ("3",))),
        ("age <> 3", Compare("age", Operator.DIFFERS, ("3",))),
        ("age < 3", Compare("age", Operator.LESS, ("3",))),
        ("age ＜ -3.5", Compare("age", Operator.LESS, ("-3.5",))),
        ("age <= 3", Compare("age", Operator.AT_MOST, ("3",))),
        ("age > 3", Compare("age", Operator.GREATER, ("3",))),
        ("age between 30 and 40 or vip = yes",
         AnyOf((AllOf((AGE, Compare("age", Operator.AT_MOST, ("40",)))), VIP))),
        ("city in （北京、上海）", CITY),
        ("city not in (北京,上海)", Not(CITY)),
        ("name contains 张", Compare("name", Operator.CONTAINS, ("张",))),
        ("name not contains 张", Not(Compare("name", Operator.CONTAINS, ("张",)))),
        ("name starts with 张", Compare("name", Operator.STARTS_WITH, ("张",))),
        ("name 开头是 张", Compare("name", Operator.STARTS_WITH, ("张",))),
        ("name is empty", Compare("name", Operator.IS_EMPTY)),
        ("name 为空", Compare("name", Operator.IS_EMPTY)),
        ("name is not empty", Not(Compare("name", Operator.IS_EMPTY))),
        ("NOT vip = yes AND age >= 30", AllOf((Not(VIP), AGE))),
        ("not (vip = yes and age >= 30)", Not(AllOf((VIP, AGE)))),
        ("vip = yes or age >= 30 and city in (北京, 上海)", AnyOf((VIP, AllOf((AGE, CITY))))),
        ("(vip = yes or age >= 30) and city in (北京, 上海)", AllOf((AnyOf((VIP, AGE)), CITY))),
        ("vip = 'a \\'b\\''", Compare("vip", Operator.EQUALS, ("a 'b'",))),
        ("vip = “老 客户”", Compare("vip", Operator.EQUALS, ("老 客户",))),
        ('"in" = "and"', Compare("in", Operator.EQUALS, ("and",))),
        ('vip = ""', Compare("vip", Operator.EQUALS, ("",))),
    ],
)  # fmt: skip
def test_every_form(text: str, condition: object) -> None:
    assert parse_filter(text) == condition


def test_titles_are_looked_up() -> None:
    parsed = parse_filter("年龄 >= 30 且 (城市 属于 (北京, 上海))", FIELDS)
    assert parsed == AllOf((AGE, CITY))


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("age >= ", 8, "expected a value"),
        ("age >= and", 8, "expected a value"),
        ("age", 4, "expected a comparison"),
        ("= 3", 1, "expected the name of a field"),
        ("age >= 30 city = 3", 11, "expected 'and', 'or' or the end"),
        ("(age >= 30", 11, "expected ')'"),
        ("age in 3", 8, "expected '('"),
        ("age in (3 4)", 11, "expected ',' or ')'"),
        ("age is 3", 8, "expected 'empty'"),
        ("age between 3 or 4", 15, "expected 'and'"),
        ('age = "3', 7, "quote is not closed"),
        ("age >= old", 8, "needs a number"),
        ("age ! 3", 5, "sign is wrong"),
    ],
)
def test_errors_name_the_position(text: str, position: int, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_filter(text)
    assert f"position {position}:" in str(caught.value)
    assert words in str(caught.value)


def test_unknown_fields_are_told_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="position 1: no field 'agee'; there are 手机号, 年龄"):
        parse_filter("agee > 3", FIELDS)


def test_bounds() -> None:
    with pytest.raises(InputError, match="longer than"):
        parse_filter("a" * (MAX_CHARS + 1))
    with pytest.raises(InputError, match="nested deeper"):
        parse_filter("(" * 60 + "a = 1" + ")" * 60)
    with pytest.raises(InputError, match="nested deeper"):
        parse_filter("not " * 2000 + "a = 1")


@given(st.text() | st.text(alphabet="ab><=!()'\",. and or not in"))
def test_any_text_parses_or_is_the_users_fault(text: str) -> None:
    try:
        condition = parse_filter(text)
    except InputError:
        return
    assert matches(condition, {}) in {True, False}


@given(st.text())
def test_any_value_can_be_quoted(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_filter(f'a = "{quoted}"') == Compare("a", Operator.EQUALS, (value,))
