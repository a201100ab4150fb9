"""Filter conditions as SQL; tests hold the meaning to `lists.filters.matches`.

Only literal text of this file reaches the statement; fields and values travel as parameters.
"""

from __future__ import annotations

from typing import LiteralString

from kernel.errors import DefectError
from lists.filters import ORDERED, AllOf, AnyOf, Compare, Condition, Not, Operator, as_decimal

#: What `str.strip` strips (Unicode White_Space and the four ASCII separators).
_SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
#: A longer "number" overflows PostgreSQL's type; no cell of a spreadsheet holds one.
_LONGEST_NUMBER: LiteralString = "10000"
_PLAIN_NUMBER: LiteralString = r"'^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$'"

_ORDER: dict[Operator, LiteralString] = {
    Operator.GREATER: ">",
    Operator.AT_LEAST: ">=",
    Operator.LESS: "<",
    Operator.AT_MOST: "<=",
}
_DIGITS: tuple[LiteralString, ...] = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")


class ConditionCompiler:
    """Compiles conditions over the rows `m` of list_member.

    Attributes:
        parameters: the statement's parameters, those of the conditions at the end.

    Args:
        *parameters: the statement's own parameters, $1 and on.
    """

    def __init__(self, *parameters: object) -> None:
        self.parameters: list[object] = list(parameters)

    def compile(self, condition: Condition) -> LiteralString:
        """SQL that is true, or false, never null."""
        match condition:
            case AllOf(parts):
                return self._join(" AND ", "TRUE", parts)
            case AnyOf(parts):
                return self._join(" OR ", "FALSE", parts)
            case Not(part):
                return "(NOT " + self.compile(part) + ")"
            case Compare():
                return self._compare(condition)

    def _join(
        self, word: LiteralString, when_empty: LiteralString, parts: tuple[Condition, ...]
    ) -> LiteralString:
        if not parts:
            return when_empty
        return "(" + word.join([self.compile(part) for part in parts]) + ")"

    def _compare(self, comparison: Compare) -> LiteralString:
        cell = "coalesce(m.fields ->> " + self._text(comparison.field) + ", '')"
        match comparison.operator:
            case Operator.IS_EMPTY:
                return "(" + self._stripped(cell) + " = '')"
            case Operator.IN:
                values = self._parameter(list(comparison.values))
                return "(" + cell + " = ANY (" + values + "::text[]))"
            case operator if operator in ORDERED:
                return self._ordered(cell, comparison)
            case operator:
                return self._against_text(cell, operator, self._text(comparison.values[0]))

    @staticmethod
    def _against_text(
        cell: LiteralString, operator: Operator, value: LiteralString
    ) -> LiteralString:
        match operator:
            case Operator.EQUALS:
                return "(" + cell + " = " + value + ")"
            case Operator.DIFFERS:
                return "(" + cell + " <> " + value + ")"
            case Operator.CONTAINS:
                return "(strpos(" + cell + ", " + value + ") > 0)"
            case Operator.STARTS_WITH:
                return "starts_with(" + cell + ", " + value + ")"
            case _:
                raise DefectError(f"no meaning in SQL for {operator}")

    def _ordered(self, cell: LiteralString, comparison: Compare) -> LiteralString:
        bound = as_decimal(comparison.values[0])
        assert bound is not None  # Compare refuses anything else
        number = self._stripped(cell)
        value = self._text(format(bound, "f"))
        sign = _ORDER[comparison.operator]
        # CASE, because AND may evaluate its sides in any order and the cast may fail.
        return (
            "(CASE WHEN length(" + cell + ") <= " + _LONGEST_NUMBER + " AND " + number
            + " ~ " + _PLAIN_NUMBER + " THEN " + number + "::numeric " + sign + " " + value
            + "::numeric ELSE FALSE END)"
        )  # fmt: skip

    def _stripped(self, cell: LiteralString) -> LiteralString:
        return "btrim(" + cell + ", " + self._text(_SPACES) + ")"

    def _text(self, value: str) -> LiteralString:
        return self._parameter(value) + "::text"

    def _parameter(self, value: object) -> LiteralString:
        self.parameters.append(value)
        number: LiteralString = ""
        for digit in str(len(self.parameters)):
            number += _DIGITS[int(digit)]
        return "$" + number
