"""Checks of what a script declares: head, fields, results, words, names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeGuard

from scripts_dsl import nodes
from scripts_dsl.compiler import ANSWER, questions_of, statements_of
from scripts_dsl.errors import Position
from scripts_dsl.findings import Findings
from scripts_dsl.phrases import tokens
from scripts_dsl.readers import LANGUAGES, READER_OF_TYPE

PURPOSES: Final = ("notice", "service", "survey", "marketing", "collection")
_MOST_TURNS: Final = 200
_LONGEST_DIGITS: Final = 32
_HIGHEST_SCALE: Final = 99
_KEYS: Final = frozenset("0123456789*#")
_BOUNDED_TYPES: Final = frozenset({"digits", "scale"})
_SPOKEN_NUMBERS: Final = frozenset(str(number) for number in range(11))


def languages_of(script: nodes.Script) -> tuple[str, ...]:
    """The languages a script speaks: those of its `lang` line, else all."""
    for setting in script.settings:
        if setting.name == "lang":
            return tuple(tag for tag in setting.values if tag in LANGUAGES)
    return LANGUAGES


def bounds_fault(kind: str, low: int, high: int) -> str:
    """What is wrong with the bounds of `digits` or `scale`; empty when nothing is."""
    least, most = (1, _LONGEST_DIGITS) if kind == "digits" else (0, _HIGHEST_SCALE)
    if low > high:
        return f"{kind}({low}..{high}) runs backwards; write the smaller number first"
    if low < least or high > most:
        return f"{kind} must lie within {least}..{most}"
    return ""


def check_declarations(script: nodes.Script, findings: Findings) -> None:
    """Check everything outside the steps."""
    _check_head(script, findings)
    _check_names(script, findings)
    for declaration in (*script.needs, *script.gives):
        _check_type(declaration, findings)
    for word_set in script.words:
        _check_words(word_set, languages_of(script), findings)
    _check_use(script, findings)


def _check_head(script: nodes.Script, findings: Findings) -> None:
    if script.version < 1:
        findings.add(script.at, "E50", "the version must be a whole number from 1")
    if not script.steps:
        findings.add(script.at, "E50", "the script has no step; add 'step NAME' with what to say")
    for setting in script.settings:
        fault = _setting_fault(setting)
        if fault:
            findings.add(setting.at, "E50", fault)


def _setting_fault(setting: nodes.Setting) -> str:
    first = setting.values[0]
    match setting.name:
        case "lang":
            unknown = [tag for tag in setting.values if tag not in LANGUAGES]
            known = ", ".join(LANGUAGES)
            return f"language '{unknown[0]}' is not known; known: {known}" if unknown else ""
        case "purpose":
            known = ", ".join(PURPOSES)
            return "" if first in PURPOSES else f"purpose '{first}' is not one of {known}"
        case _:
            whole = first.isdecimal() and 1 <= int(first) <= _MOST_TURNS
            return "" if whole else f"the limit must be 1 to {_MOST_TURNS} turns"


def _check_names(script: nodes.Script, findings: Findings) -> None:
    _check_unique("setting", ((item.name, item.at) for item in script.settings), findings)
    _check_unique("step", ((item.name, item.at) for item in script.steps), findings)
    _check_unique("word set", ((item.name, item.at) for item in script.words), findings)
    _check_unique("block", (("machine", item.at) for item in script.machines), findings)
    named = [(item.name, item.at) for item in (*script.needs, *script.gives)]
    named += [(item.name, item.at) for item in questions_of(script)]
    _check_unique("field, result or question", named, findings)
    for name, at in named:
        if name == ANSWER:
            findings.add(at, "E46", f"'{ANSWER}' always means the last answer; take another name")


def _check_unique(what: str, named: Iterable[tuple[str, Position]], findings: Findings) -> None:
    first: dict[str, Position] = {}
    for name, at in named:
        if name in first:
            findings.add(at, "E46", f"{what} '{name}' is already on line {first[name].line}")
        first.setdefault(name, at)


def _check_type(declaration: nodes.Declaration, findings: Findings) -> None:
    kind = declaration.type
    if kind.name not in READER_OF_TYPE:
        known = ", ".join(sorted(READER_OF_TYPE.keys() - {"choice"}))
        findings.add(kind.at, "E20", f"type '{kind.name}' is not known; known: {known}, or a|b|c")
    elif (kind.low is not None) != (kind.name in _BOUNDED_TYPES):
        want = "needs" if kind.name in _BOUNDED_TYPES else "takes no"
        findings.add(kind.at, "E20", f"type '{kind.name}' {want} bounds in parentheses")
    elif kind.low is not None and kind.high is not None:
        fault = bounds_fault(kind.name, kind.low, kind.high)
        if fault:
            findings.add(kind.at, "E20", fault)


def _check_words(word_set: nodes.WordSet, languages: tuple[str, ...], findings: Findings) -> None:
    name, at = word_set.name, word_set.at
    is_number = not name[0].isalpha()
    if is_number and name not in _SPOKEN_NUMBERS:
        findings.add(at, "E42", f"'{name}' names no spoken number; whole numbers 0 to 10 do")
    if word_set.key and word_set.key not in _KEYS:
        findings.add(at, "E42", f"key {word_set.key} is not on a telephone: 0-9, star or hash")
    if not word_set.phrases and not word_set.key:
        findings.add(at, "E42", f"word set '{name}' has neither a phrase nor a key")
    for _, phrases in word_set.phrases:
        for phrase in phrases:
            if not tokens(phrase):
                findings.add(at, "E42", f"word set '{name}' has a phrase without a word")
    missing = [tag for tag in languages if not word_set.phrases_in(tag)]
    if word_set.phrases and missing and not word_set.key and not is_number:
        findings.add(at, "E40", f"word set '{name}' has no phrases in '{missing[0]}'")


def _check_use(script: nodes.Script, findings: Findings) -> None:
    used = {pattern.name for pattern in patterns_of(script) if _is_word(pattern)}
    for word_set in script.words:
        if word_set.name not in used and word_set.name[0].isalpha():
            findings.add(word_set.at, "W47", f"word set '{word_set.name}' is never listened for")


def patterns_of(script: nodes.Script) -> list[nodes.Pattern]:
    """Everything a script listens for."""
    found = [branch.pattern for branch in script.anytime]
    for statement in statements_of(script):
        if isinstance(statement, nodes.Ask):
            found += [branch.pattern for branch in statement.branches]
        elif isinstance(statement, nodes.Question):
            found += statement.patterns
    return found


def _is_word(pattern: nodes.Pattern) -> TypeGuard[nodes.WordPattern]:
    return isinstance(pattern, nodes.WordPattern)
