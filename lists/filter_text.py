"""A condition as people type it, and as JSON.

    age >= 30 and city in (北京, 上海) and not vip = "yes"
    年龄 >= 30 且 (城市 = 北京 或 备注 包含 "老客户")

Fields are keys or, when the list's fields are given, titles. Values with spaces or signs go in
quotes. `not` binds tightest, then `and`, then `or`. An empty text takes every row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from kernel.errors import InputError
from lists.batch import Field
from lists.filters import EVERYTHING, AllOf, AnyOf, Compare, Condition, Not, Operator

MAX_CHARS = 10_000
MAX_DEPTH = 50

_TOKEN = re.compile(
    r"""(?P<space>[\s\u3000]+)
      | (?P<quoted>"(?:[^"\\]|\\.)*" | “[^”]*” | '(?:[^'\\]|\\.)*')
      | (?P<sign>>=|<=|!=|<>|==|[=<>≥≤≠(),（），、＝＞＜])
      | (?P<word>[^\s\u3000"“'=<>!≥≤≠(),（），、＝＞＜]+)""",
    re.VERBOSE,
)
_SIGNS = MappingProxyType({
    "=": Operator.EQUALS,
    "==": Operator.EQUALS,
    "＝": Operator.EQUALS,
    "!=": Operator.DIFFERS,
    "<>": Operator.DIFFERS,
    "≠": Operator.DIFFERS,
    ">": Operator.GREATER,
    "＞": Operator.GREATER,
    ">=": Operator.AT_LEAST,
    "≥": Operator.AT_LEAST,
    "<": Operator.LESS,
    "＜": Operator.LESS,
    "<=": Operator.AT_MOST,
    "≤": Operator.AT_MOST,
})
_KEYWORDS = MappingProxyType({
    "and": "and", "且": "and", "并且": "and", "or": "or", "或": "or", "或者": "or",
    "not": "not", "非": "not", "不": "not", "in": "in", "属于": "in",
    "contains": "contains", "包含": "contains", "starts": "starts", "with": "with",
    "开头是": "starts with", "is": "is", "empty": "empty", "为空": "is empty",
    "between": "between", "介于": "between",
})  # fmt: skip
_OPEN, _CLOSE, _COMMA = frozenset("(（"), frozenset(")）"), frozenset(",，、")


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the text: `kind` is word, quoted, sign or end; `at` counts from 1."""

    kind: str
    text: str
    at: int

    @property
    def keyword(self) -> str:
        return _KEYWORDS.get(self.text.casefold(), "") if self.kind == "word" else ""


def parse_filter(text: str, fields: Sequence[Field] = ()) -> Condition:
    """Parse a condition.

    Args:
        text: as above.
        fields: when given, names are looked up among their keys and titles.

    Raises:
        InputError: names the position, counted in characters from 1, and what was expected.
    """
    if len(text) > MAX_CHARS:
        raise InputError(f"filter: longer than {MAX_CHARS} characters; save parts of it as forms")
    parser = _Parser(_tokens(text), fields)
    return parser.parse()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InputError(f"filter, position {at + 1}: a quote is not closed or a sign is wrong")
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(_Token(kind, match[0], at + 1))
        at = match.end()
    return [*tokens, _Token("end", "", len(text) + 1)]


class _Parser:
    """Recursive descent; each method takes one rule of the grammar off the front."""

    def __init__(self, tokens: Sequence[_Token], fields: Sequence[Field]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._keys = {field.title: field.key for field in fields}
        self._keys |= {field.key: field.key for field in fields}

    def parse(self) -> Condition:
        if self._peek.kind == "end":
            return EVERYTHING
        condition = self._any_of()
        if self._peek.kind != "end":
            self._expected("'and', 'or' or the end")
        return condition

    def _any_of(self) -> Condition:
        parts = [self._all_of()]
        while self._take_keyword("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all_of(self) -> Condition:
        parts = [self._negated()]
        while self._take_keyword("and"):
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _negated(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InputError(f"filter: nested deeper than {MAX_DEPTH}; save parts of it as forms")
        condition = self._not_or_group()
        self._depth -= 1
        return condition

    def _not_or_group(self) -> Condition:
        if self._take_keyword("not"):
            return Not(self._negated())
        if self._take_sign(_OPEN):
            condition = self._any_of()
            if not self._take_sign(_CLOSE):
                self._expected("')'")
            return condition
        return self._comparison()

    def _comparison(self) -> Condition:
        field = self._field()
        sign = self._peek
        if sign.kind == "sign" and sign.text in _SIGNS:
            self._next += 1
            return self._compare(field, _SIGNS[sign.text], (self._value(),))
        negated = self._take_keyword("not")
        condition = self._word_comparison(field)
        return Not(condition) if negated else condition

    def _word_comparison(self, field: str) -> Condition:
        if self._take_keyword("in"):
            return self._compare(field, Operator.IN, self._values())
        if self._take_keyword("contains"):
            return self._compare(field, Operator.CONTAINS, (self._value(),))
        if self._take_keyword("starts with") or self._take_pair("starts", "with"):
            return self._compare(field, Operator.STARTS_WITH, (self._value(),))
        if self._take_keyword("between"):
            return self._between(field)
        return self._emptiness(field)

    def _emptiness(self, field: str) -> Condition:
        empty = Compare(field, Operator.IS_EMPTY)
        if self._take_keyword("is empty"):
            return empty
        if not self._take_keyword("is"):
            self._expected("a comparison such as =, >=, in, contains or is empty")
        negated = self._take_keyword("not")
        if not self._take_keyword("empty"):
            self._expected("'empty'")
        return Not(empty) if negated else empty

    def _between(self, field: str) -> Condition:
        least = self._compare(field, Operator.AT_LEAST, (self._value(),))
        if not self._take_keyword("and"):
            self._expected("'and' and the upper bound")
        return AllOf((least, self._compare(field, Operator.AT_MOST, (self._value(),))))

    def _field(self) -> str:
        token = self._peek
        if token.kind not in {"word", "quoted"} or token.keyword:
            self._expected("the name of a field")
        self._next += 1
        name = _unquoted(token)
        if not self._keys:
            return name
        if name not in self._keys:
            known = ", ".join(list(self._keys)[:30])
            raise InputError(f"filter, position {token.at}: no field {name!r}; there are {known}")
        return self._keys[name]

    def _values(self) -> tuple[str, ...]:
        if not self._take_sign(_OPEN):
            self._expected("'(' and the values")
        values = [self._value()]
        while self._take_sign(_COMMA):
            values.append(self._value())
        if not self._take_sign(_CLOSE):
            self._expected("',' or ')'")
        return tuple(values)

    def _value(self) -> str:
        token = self._peek
        if token.kind not in {"word", "quoted"} or token.keyword:
            self._expected("a value (keywords go in quotes)")
        self._next += 1
        return _unquoted(token)

    def _compare(self, field: str, operator: Operator, values: tuple[str, ...]) -> Compare:
        at = self._tokens[self._next - 1].at
        try:
            return Compare(field, operator, values)
        except InputError as error:
            raise InputError(f"filter, position {at}: {error}") from error

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take_keyword(self, keyword: str) -> bool:
        taken = self._peek.keyword == keyword
        self._next += taken
        return taken

    def _take_pair(self, first: str, second: str) -> bool:
        taken = self._peek.keyword == first and self._tokens[self._next + 1].keyword == second
        self._next += 2 * taken
        return taken

    def _take_sign(self, signs: frozenset[str]) -> bool:
        taken = self._peek.kind == "sign" and self._peek.text in signs
        self._next += taken
        return taken

    def _expected(self, what: str) -> NoReturn:
        found = repr(self._peek.text[:30]) if self._peek.text else "the end"
        raise InputError(f"filter, position {self._peek.at}: expected {what}, found {found}")


def _unquoted(token: _Token) -> str:
    if token.kind != "quoted":
        return token.text
    inner = token.text[1:-1]
    return inner if token.text[0] == "“" else re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)
