from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError
from robot.phrases import checked_phrases, segment, spaced

words = st.lists(
    st.sampled_from(["是", "是的", "的", "不是", "不", "可以"]), min_size=1, max_size=6
)


def test_fullwidth_letters_and_doubles_are_folded() -> None:
    assert checked_phrases(("ＹＥＳ", "yes", "Yes.")) == ("yes",)
    assert checked_phrases(("don't know",)) == ("don't know",)


def test_a_fault_names_the_phrase() -> None:
    with pytest.raises(InputError, match="phrase 2 has no letters"):
        checked_phrases(("yes", "?!"))


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5))
def test_checking_twice_changes_nothing(phrases: list[str]) -> None:
    try:
        once = checked_phrases(phrases)
    except InputError:
        return
    assert checked_phrases(once) == once


@given(words)
def test_what_is_made_of_known_words_is_cut_into_the_fewest(parts: list[str]) -> None:
    known = {"是", "是的", "的", "不是", "不", "可以"}
    found = segment("".join(parts), known.__contains__)
    assert "".join(found) == "".join(parts)
    assert set(found) <= known
    assert len(found) <= len(parts)


def test_what_is_not_made_of_known_words_is_not_cut() -> None:
    assert segment("是吗", {"是"}.__contains__) == []
    assert segment("", {"是"}.__contains__) == []


def test_blanks_stand_between_words_but_not_inside_chinese() -> None:
    assert spaced(["one", "two"]) == "one two"
    assert spaced(["不是", "可以"]) == "不是可以"
    assert spaced(["是的", "ok", "可以", "[unk]"]) == "是的 ok 可以"
