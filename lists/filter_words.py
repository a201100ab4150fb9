"""Say a condition in plain words, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from lists.batch import Field
from lists.filters import AllOf, AnyOf, Compare, Condition, Not, Operator
from lists.language import Language

_ENGLISH: Mapping[Operator, str] = MappingProxyType({
    Operator.EQUALS: "{field} is {value}",
    Operator.DIFFERS: "{field} is not {value}",
    Operator.GREATER: "{field} is more than {value}",
    Operator.AT_LEAST: "{field} is at least {value}",
    Operator.LESS: "{field} is less than {value}",
    Operator.AT_MOST: "{field} is at most {value}",
    Operator.IN: "{field} is one of {value}",
    Operator.CONTAINS: "{field} contains {value}",
    Operator.STARTS_WITH: "{field} starts with {value}",
    Operator.IS_EMPTY: "{field} is empty",
})
_CHINESE: Mapping[Operator, str] = MappingProxyType({
    Operator.EQUALS: "{field}等于{value}",
    Operator.DIFFERS: "{field}不等于{value}",
    Operator.GREATER: "{field}大于{value}",
    Operator.AT_LEAST: "{field}不小于{value}",
    Operator.LESS: "{field}小于{value}",
    Operator.AT_MOST: "{field}不大于{value}",
    Operator.IN: "{field}是{value}之一",
    Operator.CONTAINS: "{field}包含{value}",
    Operator.STARTS_WITH: "{field}以{value}开头",
    Operator.IS_EMPTY: "{field}为空",
})


class _Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        chinese = language is Language.ZH
        self.comparisons = _CHINESE if chinese else _ENGLISH
        self.both = "，并且" if chinese else " and "
        self.either = "，或者" if chinese else " or "
        self.negation = "不满足（{}）" if chinese else "not ({})"
        self.group = "（{}）" if chinese else "({})"
        self.quoted = "“{}”" if chinese else '"{}"'
        self.comma = "、" if chinese else ", "
        self.everything = "全部名单" if chinese else "every row"
        self.nothing = "没有名单" if chinese else "no row"


def explain(
    condition: Condition, language: Language = Language.ZH, fields: Sequence[Field] = ()
) -> str:
    """Say in one sentence which rows a condition takes.

    Args:
        condition: to be explained.
        language: of the sentence.
        fields: of the list; their titles replace the keys.
    """
    titles = {field.key: field.title for field in fields}
    return _say(condition, _Words(language), titles)


def _say(condition: Condition, words: _Words, titles: Mapping[str, str]) -> str:
    match condition:
        case AllOf(parts):
            return _join(parts, words.both, words.everything, words, titles)
        case AnyOf(parts):
            return _join(parts, words.either, words.nothing, words, titles)
        case Not(part):
            return words.negation.format(_say(part, words, titles))
        case Compare():
            return _say_comparison(condition, words, titles)


def _join(
    parts: Sequence[Condition], between: str, none: str, words: _Words, titles: Mapping[str, str]
) -> str:
    said = [_say(part, words, titles) for part in parts]
    if len(parts) > 1:
        said = [
            words.group.format(text) if isinstance(part, AllOf | AnyOf) and part.parts else text
            for part, text in zip(parts, said, strict=True)
        ]
    return between.join(said) or none


def _say_comparison(condition: Compare, words: _Words, titles: Mapping[str, str]) -> str:
    # Braces in titles and values are the user's text, so they go in by replacement fields.
    return words.comparisons[condition.operator].format(
        field=titles.get(condition.field, condition.field),
        value=words.comma.join(words.quoted.format(value) for value in condition.values),
    )
