"""From what a recogniser wrote to what the caller meant: tokens, number words, matching.

Text is compared token by token: one Chinese character, one digit or one Latin word each. So
blanks between Chinese words do not matter, and `no` is not found inside `notice`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Tokens = tuple[str, ...]

# What is understood for yes and no where a script does not define its own.
BUILT_IN_WORDS: Final[dict[str, tuple[dict[str, tuple[str, ...]], str]]] = {
    "yes": (
        {"zh": ("是", "是的", "对", "对的", "可以", "好", "好的", "行"), "en": ("yes", "yeah")},
        "1",
    ),
    "no": (
        {"zh": ("不", "不是", "不对", "不可以", "不好", "不行", "没有"), "en": ("no", "nope")},
        "2",
    ),
}
NUMBER_WORDS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "zh": (
        ("零",), ("一", "幺"), ("二", "两"), ("三",), ("四",), ("五",), ("六",), ("七",),
        ("八",), ("九",), ("十",),
    ),
    "en": (
        ("zero", "oh"), ("one",), ("two",), ("three",), ("four",), ("five",), ("six",),
        ("seven",), ("eight",), ("nine",), ("ten",),
    ),
}  # fmt: skip
# Said while thinking; they change no answer. `[unk]` is vosk for a word outside its list.
_FILLERS: Final = frozenset({"嗯", "啊", "呃", "哦", "um", "uh", "er", "please", "unk"})
_TOKEN: Final = re.compile(r"[\u3400-\u9fff]|[0-9]|[^\W\d_\u3400-\u9fff]+(?:'[^\W\d_]+)?")


def tokens(text: str) -> Tokens:
    """Split into comparable tokens; case, width and punctuation are forgotten."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return tuple(_TOKEN.findall(folded))


def number_words(language: str, overrides: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Spoken forms of 0 to 10; a word set named by a number replaces that number's forms."""
    return [
        overrides.get(str(number), forms) for number, forms in enumerate(NUMBER_WORDS[language])
    ]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase stands for: which choice, with which value.

    Attributes:
        choice: position among the choices that were listened for.
        value: the answer, in the form results keep.
        part: it is one digit of a longer answer.
        urgent: it counts even inside a longer sentence.
    """

    choice: int
    value: str
    part: bool = False
    urgent: bool = False


class Lexicon:
    """The phrases that count at one moment. Built per turn: it is small."""

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self._meanings: dict[Tokens, Meaning] = {}
        for text, meaning in phrases:
            self._meanings.setdefault(tokens(text), meaning)
        self._longest = max((len(phrase) for phrase in self._meanings), default=0)

    def find(self, text: str) -> Meaning | None:
        """What was meant, or None when that is not certain.

        Everything said must belong to one meaning: 不可以 must not be taken for 可以, and
        "yes no" is no answer. An urgent phrase is the exception: it counts wherever it is said.
        """
        found, rest = self._split(tokens(text))
        for meaning in found:
            if meaning.urgent:
                return meaning
        if not found or any(token not in _FILLERS for token in rest):
            return None
        if all(meaning.part for meaning in found):
            same = {meaning.choice for meaning in found}
            digits = "".join(meaning.value for meaning in found)
            return Meaning(found[0].choice, digits, part=True) if len(same) == 1 else None
        return found[0] if len(set(found)) == 1 else None

    def _split(self, said: Sequence[str]) -> tuple[list[Meaning], list[str]]:
        found: list[Meaning] = []
        rest: list[str] = []
        start = 0
        while start < len(said):
            length = self._longest_at(said, start)
            if length:
                found.append(self._meanings[tuple(said[start : start + length])])
            else:
                rest.append(said[start])
            start += length or 1
        return found, rest

    def _longest_at(self, said: Sequence[str], start: int) -> int:
        for length in range(min(self._longest, len(said) - start), 0, -1):
            if tuple(said[start : start + length]) in self._meanings:
                return length
        return 0
