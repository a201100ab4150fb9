from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from scripts_dsl.listening import match_keys, match_voice
from scripts_dsl.phrases import Lexicon, Meaning, tokens
from scripts_dsl.program import Choice, Words

WORDS = (
    Words("yes", (("zh", ("可以", "是的")), ("en", ("yes", "that's me"))), "1"),
    Words("no", (("zh", ("不可以", "不是")), ("en", ("no",))), "2"),
    Words("stop", (("zh", ("别打了",)), ("en", ("stop",))), "9"),
)
YES, NO = Choice("word", "yes", 0, 0, 0), Choice("word", "no", 0, 0, 0)
STOP = Choice("word", "stop", 0, 0, 0, urgent=True)


def meant(text: str, language: str, *choices: Choice) -> str | None:
    meaning = match_voice(text, choices, WORDS, language)
    return meaning.value if meaning else None


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("是的", "zh", "yes"), ("是 的", "zh", "yes"), (" 可 以。", "zh", "yes"),
        ("嗯可以", "zh", "yes"), ("可以可以", "zh", "yes"), ("是的 可以", "zh", "yes"),
        ("不可以", "zh", "no"), ("不 可 以", "zh", "no"),
        ("我想可以", "zh", None), ("可以不可以", "zh", None), ("", "zh", None), ("嗯", "zh", None),
        ("YES!", "en", "yes"), ("yes please", "en", "yes"), ("[unk] yes", "en", "yes"),
        ("That’s me", "en", "yes"), ("yes no", "en", None), ("notice", "en", None),
        ("yesterday", "en", None), ("never yes", "en", None),
        ("please stop calling me", "en", "stop"), ("yes stop", "en", "stop"),
        ("你们别打了行不行", "zh", "stop"), ("别 打 了", "zh", "stop"),
    ],
)  # fmt: skip
def test_a_meaning_counts_only_when_it_is_certain(
    text: str, language: str, value: str | None
) -> None:
    assert meant(text, language, YES, NO, STOP) == value


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("one two three four", "en", "1234"), ("oh one two", "en", "012"), ("1 23", "en", "123"),
        ("一二三", "zh", "123"), ("幺 零 两", "zh", "102"), ("1234", "zh", "1234"),
        ("one two", "en", None), ("one two three four five", "en", None),
        ("one yes two", "en", None), ("一百二十三", "zh", None),
    ],
)  # fmt: skip
def test_digits_are_put_together(text: str, language: str, value: str | None) -> None:
    assert meant(text, language, YES, Choice("digits", "", 3, 4, 0)) == value


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("ten", "en", "10"), ("十", "zh", "10"), ("10", "en", "10"), ("1", "en", "1"),
        ("两", "zh", "2"), ("seven", "en", "7"), ("seven eight", "en", None),
        ("二十", "zh", None), ("zero", "en", "0"),
    ],
)  # fmt: skip
def test_a_scale_takes_one_number(text: str, language: str, value: str | None) -> None:
    assert meant(text, language, Choice("scale", "", 0, 10, 0)) == value


def test_numbers_above_ten_are_for_keys() -> None:
    assert meant("twelve", "en", Choice("scale", "", 0, 20, 0)) is None
    assert meant("12", "en", Choice("scale", "", 0, 20, 0)) is None


@pytest.mark.parametrize(
    ("entered", "value", "may_grow"),
    [
        ("1", "1", True),
        ("10", "10", False),
        ("2", "2", False),
        ("11", None, False),
        ("", None, True),
    ],
)
def test_entries_grow_while_something_longer_fits(
    entered: str, value: str | None, *, may_grow: bool
) -> None:
    keyed = match_keys(entered, (Choice("scale", "", 0, 10, 0),), WORDS)
    assert (keyed.meaning.value if keyed.meaning else None) == value
    assert keyed.may_grow is may_grow


def test_digits_of_two_questions_are_no_answer() -> None:
    lexicon = Lexicon([("one", Meaning(0, "1", part=True)), ("two", Meaning(1, "2", part=True))])
    assert lexicon.find("one two") is None
    assert Lexicon([]).find("one") is None


@given(st.text("是的不可以别打了 ，。", max_size=12))
def test_blanks_and_punctuation_between_chinese_words_change_nothing(text: str) -> None:
    spaced = " ".join(text)
    assert meant(text, "zh", YES, NO, STOP) == meant(spaced, "zh", YES, NO, STOP)


@given(st.text(max_size=40), st.sampled_from(["zh", "en"]))
def test_any_text_is_judged(text: str, language: str) -> None:
    value = meant(text, language, YES, NO, STOP, Choice("digits", "", 1, 4, 0))
    assert value is None or value in {"yes", "no", "stop"} or value.isdigit()
    assert tokens(text.upper()) == tokens(text.upper().lower()) or not text.isascii()
