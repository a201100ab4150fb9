from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError
from lists.batch import FieldKind
from lists.columns import Layout, guess_layout
from lists.sheet_rows import SheetRow
from lists.titles import column_key, column_letter, known_key


def sheet(*rows: tuple[str, ...]) -> list[SheetRow]:
    return [SheetRow(number, cells) for number, cells in enumerate(rows, start=1) if cells]


def keys(layout: Layout) -> list[str]:
    return [field.key for field in layout.fields]


ROW = ("甲", "13812345678", "北京", "35", "某公司", "说明")


def test_a_usual_list() -> None:
    layout = guess_layout(sheet(("姓名", "手机号", "城市", "年龄", "公司", "备注"), ROW))
    assert keys(layout) == ["name", "phone", "city", "age", "company", "remark"]
    assert [field.kind for field in layout.fields] == [
        FieldKind.NAME,
        FieldKind.PHONE,
        FieldKind.TEXT,
        FieldKind.NUMBER,
        FieldKind.TEXT,
        FieldKind.TEXT,
    ]
    assert (layout.header_row, layout.phone) == (1, 1)


@pytest.mark.parametrize(
    "title",
    ["手机", "手机号", "手机号码", "电话", "联系电话", "联系方式", "phone", "MOBILE", "Tel.",
     "Phone Number", "*手机号（必填）", "客户手机号码1", "mobile_phone", "电话 号码"],
)  # fmt: skip
def test_phone_titles(title: str) -> None:
    assert known_key(title) == "phone"


@pytest.mark.parametrize("title", ["手机型号", "电话状态", "phone type", "手机归属地", "颜色", ""])
def test_titles_that_are_no_phone(title: str) -> None:
    assert known_key(title) != "phone"


def test_a_heading_above_the_titles() -> None:
    layout = guess_layout(
        sheet(
            ("2026 年客户名单",),
            (),
            ("制表：张", "某部"),
            ("姓名", "联系电话"),
            ("甲", "0755-86013388"),
        )
    )
    assert (layout.header_row, layout.phone) == (4, 1)


def test_unknown_titles_get_letters_and_plain_latin_ones_their_own_name() -> None:
    layout = guess_layout(
        sheet(("手机", "VIP", "喜好", "Order No", "", "1st", "喜好"),
              ("13812345678", "yes", "茶", "A1", "x", "y", "z"))
    )  # fmt: skip
    assert keys(layout) == ["phone", "vip", "col_c", "order_no", "col_e", "col_f", "col_g"]
    assert layout.fields[4].title == "E"


def test_the_phone_column_is_found_by_content() -> None:
    layout = guess_layout(
        sheet(("甲方", "乙方", "丙方"), ("a", "13812345678", "1"), ("b", "110", "2"),
              ("c", "13812345679", "3"))
    )  # fmt: skip
    assert (layout.header_row, layout.phone) == (1, 1)
    assert keys(layout) == ["col_a", "phone", "col_c"]


def test_a_list_without_titles() -> None:
    layout = guess_layout(sheet(("13812345678", "甲"), ("13812345679", "乙")))
    assert (layout.header_row, layout.phone) == (0, 0)
    assert [(f.key, f.title) for f in layout.fields] == [("phone", "A"), ("col_b", "B")]


def test_a_dirty_first_row_is_not_taken_for_titles() -> None:
    layout = guess_layout(sheet(("110", "甲"), ("13812345679", "乙")))
    assert layout.header_row == 0


def test_mobile_comes_before_fixed_line_and_full_before_empty() -> None:
    both = sheet(("电话", "手机"), ("0755-86013388", "13812345678"))
    assert keys(guess_layout(both)) == ["phone_2", "phone"]
    no_mobiles = sheet(("电话", "手机"), ("0755-86013388", ""))
    assert keys(guess_layout(no_mobiles)) == ["phone", "phone_2"]


def test_a_phone_title_wins_over_content_even_when_every_number_is_bad() -> None:
    layout = guess_layout(sheet(("手机", "x"), ("110", "a"), ("1", "b")))
    assert layout.phone == 0


def test_mapping_by_title_and_letter() -> None:
    rows = sheet(("甲方", "联系", "手机"), ("a", "13812345678", "13812345679"))
    layout = guess_layout(rows, mapping={"phone": "联系", "name": "a", "other": "C"})
    assert keys(layout) == ["name", "phone", "other"]
    assert layout.phone == 1
    assert layout.fields[0].kind is FieldKind.NAME


def test_a_mapped_title_finds_the_header_row() -> None:
    rows = sheet(("x", "y", "z"), ("某某", "某号"), ("a", "1381234567"))
    assert guess_layout(rows, mapping={"phone": "某号"}).header_row == 2


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"phone": "nothing"}, "has no column 'nothing' for 'phone'; it has '姓名', '手机'"),
        ({"Phone": "手机"}, "column key 'Phone': use lower-case"),
        ({"phone": "手机", "other": "B"}, "is meant for 'phone' and 'other'"),
    ],
)
def test_wrong_mappings(mapping: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        guess_layout(sheet(("姓名", "手机"), ("甲", "13812345678")), mapping=mapping)


def test_no_phone_column_names_the_place_and_the_titles() -> None:
    with pytest.raises(InputError) as caught:
        guess_layout(sheet((), ("姓名", "城市"), ("甲", "北京")), sheet="客户")
    assert str(caught.value).startswith(
        "sheet '客户', row 2 as titles: no column of phone numbers among '姓名', '城市'; say which"
    )


def test_no_phone_column_and_no_titles() -> None:
    with pytest.raises(
        InputError, match="its only table, no row of titles: no column of phone numbers"
    ):
        guess_layout(sheet(("1", "2"), ("3", "4")))


@pytest.mark.parametrize(
    ("title", "cells", "kind"),
    [
        ("消费", ("1", "-2.5", "+3", "x", "5"), FieldKind.NUMBER),
        ("消费", ("1", "x", "y"), FieldKind.TEXT),
        ("邮编", ("0123", "0456"), FieldKind.TEXT),
        ("折扣", ("0.5", "0"), FieldKind.NUMBER),
        ("身份证号", ("11010119900101", "1"), FieldKind.TEXT),
        ("卡号", ("6222021234567890123",), FieldKind.TEXT),
        ("空", ("", ""), FieldKind.TEXT),
    ],
)
def test_kinds(title: str, cells: tuple[str, ...], kind: FieldKind) -> None:
    rows = [("手机", title)] + [("13812345678", cell) for cell in cells]
    assert guess_layout(sheet(*rows)).fields[1].kind is kind


@pytest.mark.parametrize(("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (16383, "XFD")])
def test_column_letters(column: int, letters: str) -> None:
    assert column_letter(column) == letters


@given(st.text(), st.integers(0, 16383))
def test_keys_are_always_legal(title: str, column: int) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column_key(title, column), re.ASCII)


@given(st.lists(st.lists(st.text(max_size=4), max_size=5).map(tuple), min_size=1, max_size=8))
def test_any_sheet_gives_unique_keys_or_the_users_fault(rows: list[tuple[str, ...]]) -> None:
    try:
        layout = guess_layout(sheet(("手机",), *rows) or sheet(("手机",)))
    except InputError:
        return
    assert len(set(keys(layout))) == len(layout.fields)
    assert keys(layout).count("phone") == 1
    assert layout.fields[keys(layout).index("phone")].column == layout.phone
