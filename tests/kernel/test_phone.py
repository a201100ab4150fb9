from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError
from kernel.phone import PhoneNumber

numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True).filter(str.isascii)


@given(numbers)
def test_a_number_never_prints_itself_in_full(e164: str) -> None:
    number = PhoneNumber(e164)
    for text in (str(number), repr(number), f"{number}", f"{number!r}", str([number])):
        assert e164 not in text
        assert e164[1:] not in text


@given(numbers)
def test_masking_keeps_the_length_and_hides_at_least_four_digits(e164: str) -> None:
    masked = PhoneNumber(e164).masked
    assert len(masked) == len(e164)
    assert masked.count("*") >= 4
    assert masked[0] == "+"


def test_a_chinese_mobile_is_masked_as_the_trade_does() -> None:
    assert str(PhoneNumber("+8613812341234")) == "+86138****1234"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "13800138000",
        "+0123456789",
        "+12345",
        "+1234567890123456",
        "+86 138",
        "+８６１３８００１３８０００",
        "+8613800138000\n",
        "sip:x@y",
        "+861380013800;0",
    ],
)
def test_what_is_not_e164_cannot_be_built(text: str) -> None:
    with pytest.raises(InputError) as caught:
        PhoneNumber(text)
    assert not text or text not in str(caught.value)
