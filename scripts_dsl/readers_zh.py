"""Mandarin readings of digits, numbers, money, dates and times."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

DIGITS: Final = "零一二三四五六七八九"
# On the telephone 1 is said yao: yi and qi (7) are easily confused on a narrow-band line.
_TELEPHONE_DIGITS: Final = "零幺二三四五六七八九"
_UNITS: Final = ("", "十", "百", "千")
_GROUPS: Final = ("", "万", "亿", "万亿")
_GROUP_SIZE: Final = 10_000


def read_digits(digits: str) -> str:
    """Read one by one: 10086 -> 幺零零八六."""
    return "".join(_TELEPHONE_DIGITS[int(digit)] for digit in digits)


def read_whole(value: int) -> str:
    """Read a whole number from 0 to 10**16 - 1: 10_203 -> 一万零二百零三."""
    groups: list[int] = []
    rest = value
    while rest:
        rest, group = divmod(rest, _GROUP_SIZE)
        groups.append(group)
    text, gap = "", False
    for power in range(len(groups) - 1, -1, -1):
        group = groups[power]
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < _GROUP_SIZE // 10):
            text += "零"
        text += _read_group(group, leading=not text) + _GROUPS[power]
        gap = False
    return _with_liang(text) or "零"


def read_number(value: Decimal) -> str:
    """Read a number; decimals one by one: -3.14 -> 负三点一四."""
    sign = "负" if value < 0 else ""
    whole, _, decimals = format(abs(value), "f").partition(".")
    tail = "点" + "".join(DIGITS[int(digit)] for digit in decimals) if decimals else ""
    return sign + read_whole(int(whole)) + tail


def read_money(value: Decimal) -> str:
    """Read an amount of yuan: 1234.50 -> 一千二百三十四元五角."""
    sign = "负" if value < 0 else ""
    fen_total = int(abs(value) * 100)
    yuan, fen_rest = divmod(fen_total, 100)
    jiao, fen = divmod(fen_rest, 10)
    text = _counted(yuan) + "元" if yuan or not fen_rest else ""
    if jiao:
        text += _counted(jiao) + "角"
    elif yuan and fen:
        text += "零"
    if fen:
        text += DIGITS[fen] + "分"
    return sign + text


def read_date(year: int, month: int, day: int) -> str:
    """Read a day: 2026, 11, 20 -> 二零二六年十一月二十日."""
    years = "".join(DIGITS[int(digit)] for digit in f"{year:04d}")
    return f"{years}年{read_whole(month)}月{read_whole(day)}日"


def read_time(hour: int, minute: int) -> str:
    """Read a time of day: 10, 5 -> 十点零五分."""
    hours = _counted(hour) + "点"
    if minute == 0:
        return hours + "整"
    filler = "零" if minute < 10 else ""  # noqa: PLR2004 - two written digits, two spoken
    return f"{hours}{filler}{read_whole(minute)}分"


def _read_group(group: int, *, leading: bool) -> str:
    text, gap = "", False
    for power in range(3, -1, -1):
        digit = group // 10**power % 10
        if not digit:
            gap = bool(text)
            continue
        if gap:
            text += "零"
            gap = False
        text += DIGITS[digit] + _UNITS[power]
    # 12 is 十二, but 112 is 一百一十二 and 100_010 is 十万零一十.
    return text.removeprefix("一") if leading and text.startswith("一十") else text


def _with_liang(text: str) -> str:
    for unit in ("千", "万", "亿"):
        text = text.replace("二" + unit, "两" + unit)
    # 十二万 and 二百零二万 keep 二: it is the last digit of a longer group.
    for before in "十零":
        text = text.replace(before + "两万", before + "二万").replace(
            before + "两亿", before + "二亿"
        )
    return text


def _counted(value: int) -> str:
    return "两" if value == 2 else read_whole(value)  # noqa: PLR2004 - 两 counts, 二 numbers
