from __future__ import annotations

import pytest
from hypothesis import given

from lists.batch import Field, FieldKind
from lists.filter_text import parse_filter
from lists.filter_words import explain
from lists.filters import EVERYTHING, AnyOf, Condition
from lists.language import Language
from tests.lists.conditions import conditions

FIELDS = (Field("age", "年龄", 1, FieldKind.NUMBER), Field("city", "{城市}", 2, FieldKind.TEXT))


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            'age >= 30 and city in (北京, 上海) and not vip = "yes"',
            'age is at least "30" and city is one of "北京", "上海" and not (vip is "yes")',
            "age不小于“30”，并且city是“北京”、“上海”之一，并且不满足（vip等于“yes”）",
        ),
        (
            "(age > 3 or age < 1) and a is empty",
            '(age is more than "3" or age is less than "1") and a is empty',
            "（age大于“3”，或者age小于“1”），并且a为空",
        ),
        ("a contains x or a starts with y", 'a contains "x" or a starts with "y"',
         "a包含“x”，或者a以“y”开头"),
        ("a != 1 and a <= 2", 'a is not "1" and a is at most "2"',
         "a不等于“1”，并且a不大于“2”"),
    ],
)  # fmt: skip
def test_sentences(text: str, english: str, chinese: str) -> None:
    condition = parse_filter(text)
    assert explain(condition, Language.EN) == english
    assert explain(condition) == chinese


def test_titles_replace_keys_whatever_they_hold() -> None:
    condition = parse_filter("city = '{x}'", FIELDS)
    assert explain(condition, Language.ZH, FIELDS) == "{城市}等于“{x}”"


def test_everything_and_nothing() -> None:
    assert explain(EVERYTHING, Language.EN) == "every row"
    assert explain(AnyOf(())) == "没有名单"


@given(conditions)
def test_every_condition_can_be_explained(condition: Condition) -> None:
    for language in Language:
        assert explain(condition, language)
