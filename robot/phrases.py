"""Phrases to listen for: checked, folded, and cut into the words a model has."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from kernel.errors import InputError

# What vosk models call everything that is none of their words.
UNKNOWN = "[unk]"
LONGEST_PHRASE = 200
MOST_PHRASES = 2000


def checked_phrases(phrases: Sequence[str]) -> tuple[str, ...]:
    """Phrases in lower case, NFKC, without punctuation and doubles.

    Raises:
        InputError: not a list of 1 to 2000 texts of at most 200 characters, or a text is empty.
    """
    if isinstance(phrases, str) or not phrases or len(phrases) > MOST_PHRASES:
        raise InputError(f"an answer needs a list of 1 to {MOST_PHRASES} phrases to listen for")
    return tuple(dict.fromkeys(_checked_phrase(n, p) for n, p in enumerate(phrases, start=1)))


def _checked_phrase(number: int, phrase: object) -> str:
    if not isinstance(phrase, str) or len(phrase) > LONGEST_PHRASE:
        raise InputError(f"phrase {number} is not a text of at most {LONGEST_PHRASE} characters")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", phrase).lower())
    letters = "".join(ch if ch.isalnum() or ch in "'-" or _is_mark(ch) else " " for ch in folded)
    clean = " ".join(letters.split())
    if not clean:
        raise InputError(f"phrase {number} has no letters to listen for")
    return clean


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def segment(text: str, knows: Callable[[str], bool]) -> list[str]:
    """Fewest known words that make up `text`; empty when there are none.

    Chinese is written without blanks, and every model cuts it into words in its own way.
    """
    best: list[list[str] | None] = [[]]
    for end in range(1, len(text) + 1):
        candidates = (
            [*before, text[start:end]]
            for start in range(end)
            if (before := best[start]) is not None and knows(text[start:end])
        )
        best.append(min(candidates, key=len, default=None))
    return best[-1] or []


def spaced(words: Sequence[str]) -> str:
    """Blanks between words, except where two Chinese words meet."""
    text = ""
    for word in words:
        if word == UNKNOWN:
            continue
        glued = not text or (_is_hanzi(text[-1]) and _is_hanzi(word[0]))
        text += word if glued else f" {word}"
    return text


def _is_hanzi(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"
