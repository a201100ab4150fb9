from __future__ import annotations

import re

import pytest
from hypothesis import example, given, strategies as st

from lists.numbers import CleanNumber, NumberKind, clean_number
from lists.reasons import Reason

MOBILE = "+8613812345678"

SAME_MOBILE = [
    "13812345678",
    "１３８１２３４５６７８",
    "138-1234-5678",
    "138–1234—5678",
    "138.1234.5678",
    "138 1234 5678",
    "138\u00a01234\u30005678",
    "(138)12345678",
    "+86 138 1234 5678",
    "＋８６ １３８１２３４５６７８",
    "+(86)13812345678",
    "0086 13812345678",
    "+008613812345678",
    "8613812345678",
    "86-138-1234-5678",
    "+86 86 13812345678",
    "013812345678",
    "13812345678.0",
    "1.3812345678E+10",
    "1.3812345678e10",
    "13,812,345,678",
    "\u202a13812345678\u202c",
    "\u200b138\u200d12345678\ufeff",
    "'13812345678",
    "手机：13812345678（微信同号）",
    "Tel: 13812345678",
    "13812345678/13912345678",
    "13812345678 13912345678",
    "13812345678-13912345678",
    "13812345678、0755-86013388",
    "110/13812345678",
    "无,13812345678",
    "13812345678转801",
    "13812345678 ext. 12",
]


@pytest.mark.parametrize("text", SAME_MOBILE)
def test_every_way_to_write_one_mobile(text: str) -> None:
    cleaned = clean_number(text)
    assert isinstance(cleaned, CleanNumber)
    assert (cleaned.number.e164, cleaned.kind) == (MOBILE, NumberKind.MOBILE)


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("0755-86013388", "+8675586013388"),
        ("0755 8601 3388", "+8675586013388"),
        ("+86 (0)755 8601 3388", "+8675586013388"),
        ("+86 755 86013388", "+8675586013388"),
        ("0755-86013388转801", "+8675586013388"),
        ("0755-86013388-801", "+8675586013388"),
        ("（0755）86013388分机801", "+8675586013388"),
        ("75586013388", "+8675586013388"),
        ("010-62345678", "+861062345678"),
        ("+861062345678", "+861062345678"),
        ("861062345678", "+861062345678"),
        ("02166668888", "+862166668888"),
        ("2166668888.0", "+862166668888"),
        ("0531-8601338", "+865318601338"),
    ],
)
def test_fixed_lines_of_china(text: str, e164: str) -> None:
    cleaned = clean_number(text)
    assert isinstance(cleaned, CleanNumber)
    assert (cleaned.number.e164, cleaned.kind) == (e164, NumberKind.FIXED)


@pytest.mark.parametrize(
    ("text", "e164", "kind"),
    [
        ("+44 7911 123456", "+447911123456", NumberKind.MOBILE),
        ("0044 7911 123456", "+447911123456", NumberKind.MOBILE),
        ("+44 (0)20 7946 0018", "+442079460018", NumberKind.FIXED),
        ("+1 (212) 555-0123", "+12125550123", NumberKind.MOBILE),
        ("+852 9123 4567", "+85291234567", NumberKind.MOBILE),
        ("+39 06 6982 1234", "+390669821234", NumberKind.FIXED),
    ],
)
def test_other_countries(text: str, e164: str, kind: NumberKind) -> None:
    cleaned = clean_number(text)
    assert isinstance(cleaned, CleanNumber)
    assert (cleaned.number.e164, cleaned.kind) == (e164, kind)


@pytest.mark.parametrize("prefix", ["144", "149", "162", "165", "167", "190", "192", "196", "197"])
def test_new_mobile_prefixes_are_valid(prefix: str) -> None:
    assert isinstance(clean_number(prefix + "12345678"), CleanNumber)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.NO_NUMBER),
        ("  ", Reason.NO_NUMBER),
        ("无", Reason.NO_NUMBER),
        ("+", Reason.NO_NUMBER),
        ("1381234567", Reason.BAD_NUMBER),
        ("138123456789", Reason.BAD_NUMBER),
        ("12812345678", Reason.BAD_NUMBER),
        ("张13812345678", Reason.BAD_NUMBER),
        ("1381234567O", Reason.BAD_NUMBER),
        ("010-12345678", Reason.BAD_NUMBER),
        ("0999-12345678", Reason.BAD_NUMBER),
        ("+999 1234567", Reason.BAD_NUMBER),
        ("+44 1", Reason.BAD_NUMBER),
        ("1.38123456785E+10", Reason.BAD_NUMBER),
        ("12", Reason.SHORT_NUMBER),
        ("0", Reason.SHORT_NUMBER),
        ("+861", Reason.SHORT_NUMBER),
        ("86013388", Reason.NO_AREA_CODE),
        ("6601338", Reason.NO_AREA_CODE),
        ("1.3812E+10", Reason.DIGITS_LOST),
        ("1.38E10", Reason.DIGITS_LOST),
        ("138123456780123456789", Reason.TOO_LONG),
        ("+1234567890123456789", Reason.TOO_LONG),
        ("1" * 300, Reason.TOO_LONG),
        ("1.38123456785123E+10", Reason.BAD_NUMBER),
    ],
)
def test_what_is_refused_and_why(text: str, reason: Reason) -> None:
    assert clean_number(text) is reason


@pytest.mark.parametrize(
    "service",
    ["110", "119", "120", "122", "112", "911", "999", "114", "10000", "10010", "10086", "1008611",
     "12315", "12345", "12306", "95588", "955880", "95013812", "96110", "1069012345678",
     "4008001234", "8008101234"],
)  # fmt: skip
@pytest.mark.parametrize("decorate", ["{}", "0{}", "010{}", "0755-{}", "+86{}", "0086 {}", "{}.0"])
def test_emergency_and_service_numbers_are_never_callable(service: str, decorate: str) -> None:
    assert not isinstance(clean_number(decorate.format(service)), CleanNumber)


def test_service_numbers_are_named_as_such() -> None:
    for text in ("110", "0110", "010-110", "+86 110", "95588", "400-800-1234", "+1 800 555 1234"):
        assert clean_number(text) is Reason.SERVICE_NUMBER


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
fixed_lines = st.from_regex(r"0(?:10|2[1-5]|755|531)[2-8][0-9]{7}", fullmatch=True)


@given(st.text())
@example("²²²")
@example("1٣812345678")
@example("1.5E+99")
def test_cleaning_never_raises_and_its_output_is_stable(text: str) -> None:
    cleaned = clean_number(text)
    if isinstance(cleaned, CleanNumber):
        assert clean_number(cleaned.number.e164) == cleaned


@given(st.text(alphabet="+0123456789 -()/.eExX转０１８６", max_size=30))
def test_cleaning_is_idempotent_on_its_own_output(text: str) -> None:
    cleaned = clean_number(text)
    if isinstance(cleaned, CleanNumber):
        assert clean_number(cleaned.number.e164) == cleaned
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", cleaned.number.e164)


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


decorations = st.sampled_from([
    lambda n: f"  {n} ",
    lambda n: f"+86{n.removeprefix('0')}",
    lambda n: f"0086-{n.removeprefix('0')}",
    lambda n: f"\u200e{n}\u202c",
    lambda n: f"{n}.0",
    lambda n: f"{n} 转 8001",
    lambda n: f"{n}/110",
    lambda n: f"电话:{n}",
    lambda n: f"{n[:3]}\u2011{n[3:]}",
    _full_width,
])


@given(mobiles | fixed_lines, decorations)
def test_a_decorated_number_cleans_to_the_same_number(number: str, decorate: object) -> None:
    assert callable(decorate)
    plain = clean_number(number)
    assert isinstance(plain, CleanNumber)
    assert clean_number(decorate(number)) == plain


@given(mobiles, mobiles)
def test_the_first_of_two_numbers_is_taken(first: str, second: str) -> None:
    for between in ("/", " ", "、", "；", "\n", "或"):
        assert clean_number(first + between + second) == clean_number(first)
