from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from scripts_dsl.readers import LANGUAGES, READERS, parse_date, parse_number, read_aloud

SPOKEN = [
    ("1234.50", "money", "一千二百三十四元五角",
     "one thousand two hundred thirty-four yuan fifty fen"),
    ("¥1,234.05", "money", "一千二百三十四元零五分",
     "one thousand two hundred thirty-four yuan five fen"),
    ("0.5", "money", "五角", "fifty fen"),
    ("2", "money", "两元", "two yuan"),
    ("0", "money", "零元", "zero yuan"),
    ("-3.14", "money", "负三元一角四分", "minus three yuan fourteen fen"),
    ("0", "number", "零", "zero"),
    ("10", "number", "十", "ten"),
    ("19", "number", "十九", "nineteen"),
    ("112", "number", "一百一十二", "one hundred twelve"),
    ("2002", "number", "两千零二", "two thousand two"),
    ("100010", "number", "十万零一十", "one hundred thousand ten"),
    ("120000", "number", "十二万", "one hundred twenty thousand"),
    ("2020000", "number", "二百零二万", "two million twenty thousand"),
    ("200000000", "number", "两亿", "two hundred million"),
    ("1000000010", "number", "十亿零一十", "one billion ten"),
    ("-3.14", "number", "负三点一四", "minus three point one four"),
    ("13800138000", "digits", "幺三八零零幺三八零零零",
     "one three eight zero zero one three eight zero zero zero"),
    ("138-001", "digits", "幺三八零零幺", "one three eight zero zero one"),
    ("2026-11-20", "date", "二零二六年十一月二十日", "November twentieth, twenty twenty-six"),
    ("2005/1/2", "date", "二零零五年一月二日", "January second, two thousand five"),
    ("1900-02-21", "date", "一九零零年二月二十一日", "February twenty-first, nineteen hundred"),
    ("1905-03-12", "date", "一九零五年三月十二日", "March twelfth, nineteen oh five"),
    ("2026-11-20 10:05", "date", "二零二六年十一月二十日", "November twentieth, twenty twenty-six"),
    ("10:05", "time", "十点零五分", "ten oh five a m"),
    ("2:00", "time", "两点整", "two o'clock a m"),
    ("14:30:59", "time", "十四点三十分", "two thirty p m"),
    ("2026-11-20 00:15", "time", "零点十五分", "twelve fifteen a m"),
    ("王芳", "plain", "王芳", "王芳"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "reader", "zh", "en"), SPOKEN)
def test_values_are_read_the_way_people_say_them(value: str, reader: str, zh: str, en: str) -> None:
    assert read_aloud(value, reader, "zh") == zh
    assert read_aloud(value, reader, "en") == en


@pytest.mark.parametrize(
    ("value", "reader"),
    [
        ("soon", "money"), ("12a", "number"), ("-", "digits"), ("2026-02-30", "date"),
        ("20.11.26", "date"), ("25:00", "time"), ("10:61", "time"), ("noon", "time"),
        ("1e9", "number"), ("９", "number"),
    ],
)  # fmt: skip
def test_a_value_its_reader_cannot_understand_is_said_as_it_stands(value: str, reader: str) -> None:
    assert read_aloud(value, reader, "zh") == value


@given(st.text(max_size=30), st.sampled_from(READERS), st.sampled_from(LANGUAGES))
def test_no_cell_of_a_list_can_stop_a_reader(value: str, reader: str, language: str) -> None:
    assert isinstance(read_aloud(value, reader, language), str)


_ZH_UNITS = {"十": 10, "百": 100, "千": 1000}
_ZH_GROUPS = {"万": 10**4, "亿": 10**8}


def _zh_value(text: str) -> int:
    """Independent reading of a Chinese numeral, for the round trip."""
    total = group = digit = 0
    for char in text:
        if char in _ZH_UNITS:
            group += (digit or 1) * _ZH_UNITS[char]
            digit = 0
        elif char in _ZH_GROUPS:
            total += (group + digit) * _ZH_GROUPS[char]
            group = digit = 0
        else:
            digit = 2 if char == "两" else "零一二三四五六七八九".index(char)
    return total + group + digit


@given(st.integers(0, 10**12 - 1))
def test_a_chinese_numeral_read_back_is_the_number(value: int) -> None:
    assert _zh_value(read_aloud(str(value), "number", "zh")) == value


@given(st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1))
def test_different_numbers_sound_different(one: int, other: int) -> None:
    for language in LANGUAGES:
        same = read_aloud(str(one), "number", language) == read_aloud(
            str(other), "number", language
        )
        assert same == (one == other)


def test_a_number_is_a_number_only_in_plain_notation() -> None:
    assert parse_number(" 1,000 ") == 1000
    assert parse_number("NaN") is None
    assert parse_number("1" * 16) is None
    assert parse_date("2026-1-5") is not None
