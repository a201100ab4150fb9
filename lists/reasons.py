"""Why a cell is not taken: stable codes, and their words in each language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType

from lists.batch import CellProblem
from lists.language import Language


@unique
class Reason(StrEnum):
    """What is wrong with a cell of the phone column."""

    NO_NUMBER = "no-number"
    BAD_NUMBER = "bad-number"
    SHORT_NUMBER = "short-number"
    NO_AREA_CODE = "no-area-code"
    SERVICE_NUMBER = "service-number"
    DIGITS_LOST = "digits-lost"
    TOO_LONG = "too-long"
    DUPLICATE = "duplicate"


_ENGLISH: Mapping[Reason, str] = MappingProxyType({
    Reason.NO_NUMBER: "the cell holds no phone number",
    Reason.BAD_NUMBER: "no number of this form exists; write foreign numbers with + and country",
    Reason.SHORT_NUMBER: "too few digits for a phone number",
    Reason.NO_AREA_CODE: "a local number without its area code",
    Reason.SERVICE_NUMBER: "an emergency or service number is never called",
    Reason.DIGITS_LOST: "the spreadsheet program cut the last digits; format the column as text",
    Reason.TOO_LONG: "too many digits for a phone number",
    Reason.DUPLICATE: "the same number is in row {first}",
})

_CHINESE: Mapping[Reason, str] = MappingProxyType({
    Reason.NO_NUMBER: "单元格中没有电话号码",
    Reason.BAD_NUMBER: "号码格式无效；境外号码请写成 + 和国家代码开头",
    Reason.SHORT_NUMBER: "号码位数太少",
    Reason.NO_AREA_CODE: "固定电话缺少区号",
    Reason.SERVICE_NUMBER: "紧急号码和服务短号不可外呼",
    Reason.DIGITS_LOST: "号码末尾几位已被表格软件截掉；请把该列设为文本后重新填写",
    Reason.TOO_LONG: "号码位数太多",
    Reason.DUPLICATE: "与第 {first} 行号码重复",
})

_WORDS = MappingProxyType({Language.EN: _ENGLISH, Language.ZH: _CHINESE})


def reason_text(reason: Reason, language: Language, *, first_row: int = 0) -> str:
    """Say a reason to the user.

    Args:
        reason: what is wrong.
        language: of the answer.
        first_row: for a duplicate, the one-based row that was taken.
    """
    return _WORDS[language][reason].format(first=first_row)


def problem_text(problem: CellProblem, language: Language) -> str:
    """Say a stored problem in another language; one with an unknown code as it is.

    Problems are stored in English; the only fact in one is the row of a duplicate.
    """
    if problem.code not in set(Reason):
        return problem.message
    row = re.search(r"[0-9]+", problem.message)
    return reason_text(Reason(problem.code), language, first_row=int(row[0]) if row else 0)
