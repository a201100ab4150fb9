from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from kernel.errors import InputError
from robot.audio import Audio, Samples, frames
from robot.hearing import Heard, KeysOnlyHearing, Partial, Recognizer, VoskHearing
from robot.tinymodel.speech_data import Utterance
from robot.tinymodel.vocabulary import ENGLISH, MANDARIN, UNKNOWN

YES_NO = ("yes", "no", "是的", "不是")
SILENCE = np.zeros(4000, np.int16)


def listen(recognizer: Recognizer, samples: Samples) -> Heard:
    for frame in frames(Audio(8000, samples)):
        recognizer.push(frame)
    return recognizer.finish()


def said(utterances: Sequence[Utterance], word: str) -> Samples:
    return next(u.samples for u in utterances if u.word == word)


@pytest.mark.parametrize("word", YES_NO)
def test_hears_yes_and_no_in_both_languages(
    hearing: VoskHearing, utterances: list[Utterance], word: str
) -> None:
    heard = listen(hearing.start(YES_NO, "zh"), said(utterances, word))
    assert heard.text == word
    assert 0.5 < heard.confidence <= 1


def test_hears_most_words_of_its_vocabulary(
    hearing: VoskHearing, utterances: list[Utterance]
) -> None:
    words = (*ENGLISH, *MANDARIN)
    recognizer = hearing.start(words, "en")
    right = sum(listen(recognizer, said(utterances, word)).text == word for word in words)
    assert right >= 0.9 * len(words)


def test_one_recognizer_serves_many_answers(
    hearing: VoskHearing, utterances: list[Utterance]
) -> None:
    recognizer = hearing.start(YES_NO, "zh")
    for word in [*YES_NO, *YES_NO]:
        assert listen(recognizer, said(utterances, word)).text == word


def test_partials_come_before_the_end_and_only_when_they_change(
    hearing: VoskHearing, utterances: list[Utterance]
) -> None:
    recognizer = hearing.start(("再说一遍", "人工"), "zh")
    sound = np.concatenate([said(utterances, "再说一遍"), SILENCE])
    partials = [recognizer.push(frame) for frame in frames(Audio(8000, sound))]
    changes = [p.text for p in partials if p is not None]
    assert changes[-1] == "再说一遍"
    assert all(a != b for a, b in pairwise(changes))
    assert isinstance(next(p for p in partials if p), Partial)


def test_a_pause_between_two_words_loses_neither(
    hearing: VoskHearing, utterances: list[Utterance]
) -> None:
    sound = np.concatenate([said(utterances, "one"), SILENCE, SILENCE, said(utterances, "two")])
    assert listen(hearing.start(("one", "two"), "en"), sound).text == "one two"


def test_reset_forgets(hearing: VoskHearing, utterances: list[Utterance]) -> None:
    recognizer = hearing.start(YES_NO, "zh")
    for frame in frames(Audio(8000, said(utterances, "yes"))):
        recognizer.push(frame)
    recognizer.reset()
    assert listen(recognizer, said(utterances, "不是")).text == "不是"
    assert listen(recognizer, SILENCE) == Heard("", 0.0)


def test_something_else_is_not_taken_for_an_answer(
    hearing: VoskHearing, utterances: list[Utterance]
) -> None:
    others = [u.samples for u in utterances if u.word == UNKNOWN]
    recognizer = hearing.start(("yes", "no"), "en")
    wrong = sum(listen(recognizer, samples).text != "" for samples in others)
    assert wrong <= len(others) // 3


def test_one_model_serves_threads(hearing: VoskHearing, utterances: list[Utterance]) -> None:
    results: dict[int, list[str]] = {}

    def call(number: int) -> None:
        recognizer = hearing.start(YES_NO, "zh")
        results[number] = [listen(recognizer, said(utterances, word)).text for word in YES_NO]

    threads = [threading.Thread(target=call, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: list(YES_NO) for n in range(4)}


def test_a_model_for_16_khz_gets_the_sound_it_needs(
    tiny_model: Path, tmp_path: Path, utterances: list[Utterance]
) -> None:
    wide = tmp_path / "wide"
    shutil.copytree(tiny_model, wide)
    conf = wide / "conf" / "mfcc.conf"
    lines = [line for line in conf.read_text().splitlines() if "upsample" not in line]
    lines = [line for line in lines if "downsample" not in line]
    conf.write_text("\n".join(lines).replace("=8000", "=16000") + "\n")
    recognizer = VoskHearing(wide).start(YES_NO, "zh")
    assert [listen(recognizer, said(utterances, word)).text for word in YES_NO] == list(YES_NO)


def test_phrases_are_cut_into_the_models_words(hearing: VoskHearing) -> None:
    fitted = hearing.fit(("Yes, please", "是的可以", "不是 不行!", "ONE two", "yes", "是的，可以"))
    assert fitted.heard == ("是的 可以", "不是 不行", "one two", "yes")
    assert fitted.unheard == ("yes please",)


def test_phrases_without_any_known_word_leave_a_recognizer_that_hears_nothing(
    hearing: VoskHearing, utterances: list[Utterance]
) -> None:
    recognizer = hearing.start(("我要投诉",), "zh")
    assert listen(recognizer, said(utterances, "yes")) == Heard("", 0.0)


@pytest.mark.parametrize(
    "phrases", [(), "yes", ("",), ("yes", 3), ("。，",), ("x" * 201,), ("a",) * 2001, (None,)]
)
def test_phrase_lists_that_would_kill_vosk_are_refused(
    hearing: VoskHearing, phrases: tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match="phrase"):
        hearing.start(phrases, "zh")
    with pytest.raises(InputError, match="phrase"):
        KeysOnlyHearing().start(phrases, "zh")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_no_script_author_can_crash_the_process(phrases: list[str]) -> None:
    hearing = _shared_hearing()
    try:
        recognizer = hearing.start(tuple(phrases), "zh")
    except InputError:
        return
    assert listen(recognizer, SILENCE[:800]) == Heard("", 0.0)


def test_frames_must_be_20_ms(hearing: VoskHearing) -> None:
    for recognizer in (hearing.start(("yes",), "en"), KeysOnlyHearing().start(("yes",), "en")):
        with pytest.raises(ValueError, match="160 samples"):
            recognizer.push(np.zeros(80, np.int16))


def test_keys_only_says_that_it_cannot_hear(hearing: VoskHearing) -> None:
    keys = KeysOnlyHearing()
    assert hearing.can_hear
    assert not keys.can_hear
    assert listen(keys.start(("yes",), "en"), SILENCE) == Heard("", 0.0)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("missing folder", "no such folder"),
        ("no graph", "lacks graph/Gr.fst"),
        ("cut network", "cannot read this model"),
        ("odd rate", "for 11025 Hz"),
    ],
)
def test_a_damaged_model_is_refused(
    tiny_model: Path, tmp_path: Path, damage: str, complaint: str
) -> None:
    model = tmp_path / "model"
    if damage != "missing folder":
        shutil.copytree(tiny_model, model)
    if damage == "no graph":
        (model / "graph" / "Gr.fst").unlink()
    if damage == "cut network":
        network = (model / "am" / "final.mdl").read_bytes()
        (model / "am" / "final.mdl").write_bytes(network[: len(network) // 2])
    if damage == "odd rate":
        conf = model / "conf" / "mfcc.conf"
        conf.write_text(conf.read_text().replace("=8000", "=11025"))
    with pytest.raises(InputError, match=complaint) as caught:
        VoskHearing(model)
    assert str(model) in str(caught.value)


def test_a_model_by_name_is_never_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="absolute path"):
        VoskHearing(Path("vosk-model-small-cn-0.22"))


_shared: list[VoskHearing] = []


@pytest.fixture(autouse=True)
def _share(hearing: VoskHearing) -> None:
    # hypothesis wants no function-scoped fixture; the session's hearing is shared through here.
    _shared[:] = [hearing]


def _shared_hearing() -> VoskHearing:
    return _shared[0]
