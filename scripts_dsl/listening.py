"""What counts as an answer at one moment of a call: by voice and by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scripts_dsl.phrases import Lexicon, Meaning, number_words
from scripts_dsl.program import Choice, Words

_VOICE_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase or key sequence and what it stands for."""

    text: str
    meaning: Meaning


def phrases_of(
    choices: Sequence[Choice], words: Sequence[Words], language: str
) -> tuple[Entry, ...]:
    """Every phrase that may be heard; `Meaning.choice` is the position in `choices`."""
    sets = {word_set.name: dict(word_set.phrases).get(language, ()) for word_set in words}
    numbers = number_words(language, sets)
    return tuple(
        Entry(text, meaning)
        for position, choice in enumerate(choices)
        for text, meaning in _phrases(choice, position, sets.get(choice.name, ()), numbers)
    )


def _phrases(
    choice: Choice, position: int, own: Sequence[str], numbers: Sequence[Sequence[str]]
) -> Iterator[tuple[str, Meaning]]:
    if choice.kind == "word":
        for text in own:
            yield text, Meaning(position, choice.name, urgent=choice.urgent)
    elif choice.kind == "digits":
        for digit in range(10):
            for text in numbers[digit]:
                yield text, Meaning(position, str(digit), part=True)
    else:
        for value in range(choice.low, min(choice.high, _VOICE_NUMBERS) + 1):
            for text in numbers[value]:
                yield text, Meaning(position, str(value))


def keys_of(choices: Sequence[Choice], words: Sequence[Words]) -> tuple[Entry, ...]:
    """Every key sequence of fixed text; strings of free digits are not listed."""
    keys = {word_set.name: word_set.key for word_set in words}
    entries = []
    for position, choice in enumerate(choices):
        if choice.kind == "word" and keys[choice.name]:
            entries.append(Entry(keys[choice.name], Meaning(position, choice.name)))
        elif choice.kind == "scale":
            entries += [
                Entry(str(value), Meaning(position, str(value)))
                for value in range(choice.low, choice.high + 1)
            ]
    return tuple(entries)


@dataclass(frozen=True, slots=True)
class Keyed:
    """What the digits entered so far amount to."""

    meaning: Meaning | None
    may_grow: bool


def match_keys(entered: str, choices: Sequence[Choice], words: Sequence[Words]) -> Keyed:
    """Judge the digits entered so far."""
    entries = keys_of(choices, words)
    meaning = next((entry.meaning for entry in entries if entry.text == entered), None)
    may_grow = any(entry.text.startswith(entered) and entry.text != entered for entry in entries)
    for position, choice in enumerate(choices):
        if choice.kind == "digits" and entered.isdigit():
            may_grow = may_grow or len(entered) < choice.high
            if meaning is None and choice.low <= len(entered) <= choice.high:
                meaning = Meaning(position, entered, part=True)
    return Keyed(meaning, may_grow)


def match_voice(
    text: str, choices: Sequence[Choice], words: Sequence[Words], language: str
) -> Meaning | None:
    """Judge a recogniser's text against everything that may be said now."""
    spoken = phrases_of(choices, words, language)
    # Recognisers may write a number in figures: 5, 10.
    figures = [
        (item.meaning.value, item.meaning) for item in spoken if item.meaning.value[0].isdigit()
    ]
    lexicon = Lexicon([*((item.text, item.meaning) for item in spoken), *figures])
    meaning = lexicon.find(text)
    if meaning and meaning.part:
        choice = choices[meaning.choice]
        return meaning if choice.low <= len(meaning.value) <= choice.high else None
    return meaning


def most_keys(choices: Sequence[Choice], words: Sequence[Words]) -> int:
    """The longest entry that can count."""
    fixed = [len(entry.text) for entry in keys_of(choices, words)]
    free = [choice.high for choice in choices if choice.kind == "digits"]
    return max((*fixed, *free), default=0)


def allowed_keys(choices: Sequence[Choice], words: Sequence[Words]) -> frozenset[str]:
    """The keys that can be part of an answer."""
    keys = {key for entry in keys_of(choices, words) for key in entry.text}
    if any(choice.kind == "digits" for choice in choices):
        keys |= set("0123456789")
    return frozenset(keys)
