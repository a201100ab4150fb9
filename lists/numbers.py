"""Clean the phone numbers that people type into spreadsheets.

`clean_number` turns one cell into one callable number, or says why it cannot. Numbers without
a country are Chinese ones. Mobiles and fixed lines of mainland China are recognised here: the
metadata of phonenumbers lags behind the Ministry's new prefixes (it calls 144 and 149 invalid)
and costs 20 times as much. Every other country goes through phonenumbers.

A cell with two numbers gives its first callable one; the cell itself is kept with the row, so
nothing is lost. Extensions are dropped, because E.164 has none and they cannot be dialed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, unique

import phonenumbers
from phonenumbers import PhoneNumberType

from kernel.phone import PhoneNumber
from lists.area_codes import is_fixed_line
from lists.reasons import Reason


@unique
class NumberKind(StrEnum):
    """What kind of line a callable number is."""

    MOBILE = "mobile"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class CleanNumber:
    """A callable number and its kind."""

    number: PhoneNumber
    kind: NumberKind


Cleaned = CleanNumber | Reason

#: Longer cells hold a story, not a number; refusing them keeps every pattern below linear.
MAX_CELL_CHARS = 200
#: ITU-T E.164.
MAX_DIGITS = 15

_CHINA = "86"
_SHORTEST_LOCAL, _LONGEST_LOCAL, _SHORTEST_WITH_AREA = 7, 8, 10

_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
# Emergency (110, 119, 120, 122, and those of other countries that people know), operators and
# hotlines (10xxx, 11x, 12xxx), banks and airlines (95xxx, 96xxx), message ports (106...) and
# freephone (400, 800).
_SERVICE = re.compile(
    r"000|108|911|999|1[12][0-9]{1,4}|10[0-9]{1,6}|106[0-9]{5,17}|1[0-9]{4}|9[56][0-9]{3,6}"
    r"|[48]00[0-9]{7}"
)
_AREA_OR_TRUNK = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})?")

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc\u2500]")
_LABEL = re.compile(
    r"^(?:手机|电话|移动|联系|座机|固话|办公|家庭|号码?|方式|tel|telephone|mobile|phone|cell|no"
    r"|[\s.:'\"])+(?=[+(\d])",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\([^()\d]*\)|[\"']$")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.0+)?")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]{1,20}))?[eE]\+?([0-9]{1,2})")
_FLOAT_TAIL = re.compile(r"(?<=[0-9])\.0+$")
_BETWEEN_NUMBERS = re.compile(r"[/\\|,;、\n\r\t&]|或者?|和|及|\bor\b|\band\b", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?<=[0-9)])[\s,;-]*(?:转|分机|extension|ext|x|#)[\s.:号]*[0-9]{1,6}$", re.IGNORECASE
)
# 0755-86013388-801: the usual way to write an extension in China.
_DASHED_EXTENSION = re.compile(r"^(\(?0[0-9]{2,3}\)?[\s-]?[0-9]{7,8})-[0-9]{1,6}$")
_DECORATION = re.compile(r"[\s\-.()\[\]{}·_]+")
_INTERNATIONAL = re.compile(r"(?:\+0{0,2}|00)(?=[1-9])")

_FOREIGN_KINDS = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    # North American numbers do not tell; the stricter rules for mobiles then apply.
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    PhoneNumberType.VOIP: NumberKind.FIXED,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.FIXED,
}


def clean_number(text: str) -> Cleaned:
    """Clean one cell.

    Never raises. Cleaning the E.164 form of a cleaned number gives the same number.
    """
    if _MOBILE.fullmatch(text):
        return _chinese(text, NumberKind.MOBILE)
    if len(text) > MAX_CELL_CHARS:
        return Reason.TOO_LONG
    plain = _plain_text(text)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    return _first_callable(_BETWEEN_NUMBERS.split(_EXTENSION.sub("", plain)))


def _plain_text(text: str) -> str:
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _DASHES.sub("-", visible).strip()


def _first_callable(parts: Iterable[str]) -> Cleaned:
    """The first callable part; else the first complaint that is about a number."""
    complaint = Reason.NO_NUMBER
    for part in parts:
        cleaned = _clean_part(part)
        if isinstance(cleaned, CleanNumber):
            return cleaned
        if complaint is Reason.NO_NUMBER:
            complaint = cleaned
    return complaint


def _clean_part(part: str) -> Cleaned:
    cleaned = _clean_one(part)
    if cleaned not in {Reason.BAD_NUMBER, Reason.TOO_LONG}:
        return cleaned
    # "13812345678 13912345678": only the spaces tell where the first number ends.
    for piece in re.split(r"[\s-]+", part.strip()):
        if _MOBILE.fullmatch(piece):
            return _chinese(piece, NumberKind.MOBILE)
    return cleaned


def _clean_one(part: str) -> Cleaned:
    bare = _NOTE.sub("", _LABEL.sub("", part.strip())).strip()
    scientific = _SCIENTIFIC.fullmatch(bare)
    if scientific:
        return _from_scientific(bare, scientific)
    bare = _EXTENSION.sub("", _FLOAT_TAIL.sub("", bare))
    compact = _DECORATION.sub("", _DASHED_EXTENSION.sub(r"\1", bare))
    if re.fullmatch(r"\+?[0-9]+", compact, re.ASCII):
        return _classify(compact)
    return Reason.BAD_NUMBER if any(c.isdigit() for c in compact) else Reason.NO_NUMBER


def _from_scientific(text: str, match: re.Match[str]) -> Cleaned:
    digits_shown = 1 + len(match[2] or "")
    if digits_shown < int(match[3]) + 1:
        return Reason.DIGITS_LOST
    number = Decimal(text)
    if number != number.to_integral_value():
        return Reason.BAD_NUMBER
    return _classify(f"{number:.0f}")


def _classify(compact: str) -> Cleaned:
    if _SERVICE.fullmatch(compact):
        return Reason.SERVICE_NUMBER
    prefix = _INTERNATIONAL.match(compact)
    digits = compact[prefix.end() :] if prefix else compact.removeprefix("+")
    if prefix and not digits.startswith(_CHINA):
        return _classify_foreign(digits)
    with_country = prefix is not None or (
        digits.startswith(_CHINA) and len(digits) >= len(_CHINA) + _SHORTEST_WITH_AREA
    )
    national = re.sub(r"^(?:86){1,2}(?=[0-9])", "", digits) if with_country else digits
    return _classify_chinese(national, zero_needed=not with_country)


def _classify_chinese(national: str, *, zero_needed: bool) -> Cleaned:
    subscriber = national.removeprefix("0")
    if _MOBILE.fullmatch(subscriber):
        return _chinese(subscriber, NumberKind.MOBILE)
    is_fixed = is_fixed_line(subscriber)
    # Beijing's 010-6234 5678 without its zero would read as the message port 1062345678.
    if is_fixed and (national != subscriber or not zero_needed):
        return _chinese(subscriber, NumberKind.FIXED)
    if _is_service(national):
        return Reason.SERVICE_NUMBER
    # A spreadsheet that took 075586013388 for a number has dropped its zero.
    if is_fixed:
        return _chinese(subscriber, NumberKind.FIXED)
    return _complaint(len(national), starts_with_zero=national != subscriber)


def _is_service(national: str) -> bool:
    """Whether the digits, with or without an area code or trunk zero, reach a service."""
    area = _AREA_OR_TRUNK.match(national)
    starts = {0, 1 if national.startswith("0") else 0, area.end() if area else 0}
    return any(_SERVICE.fullmatch(national, start) for start in starts)


def _complaint(length: int, *, starts_with_zero: bool) -> Reason:
    if length > MAX_DIGITS:
        return Reason.TOO_LONG
    if length < _SHORTEST_LOCAL:
        return Reason.SHORT_NUMBER
    if length <= _LONGEST_LOCAL and not starts_with_zero:
        return Reason.NO_AREA_CODE
    return Reason.BAD_NUMBER


def _classify_foreign(digits: str) -> Cleaned:
    if len(digits) > MAX_DIGITS:
        return Reason.TOO_LONG
    try:
        parsed = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return Reason.BAD_NUMBER
    if not phonenumbers.is_valid_number(parsed):
        return Reason.BAD_NUMBER
    kind = _FOREIGN_KINDS.get(phonenumbers.number_type(parsed))
    if kind is None:
        return Reason.SERVICE_NUMBER  # freephone, premium rate, shared cost, pager, voicemail
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return CleanNumber(PhoneNumber(e164), kind)


def _chinese(subscriber: str, kind: NumberKind) -> CleanNumber:
    return CleanNumber(PhoneNumber("+86" + subscriber), kind)
