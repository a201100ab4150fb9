from __future__ import annotations

from collections import Counter

import numpy as np

from robot.tinymodel.features import CEPSTRA, mfcc
from robot.tinymodel.speech_data import Utterance, record
from robot.tinymodel.vocabulary import (
    EXAMINERS,
    OTHER_ENGLISH,
    OTHER_MANDARIN,
    TEACHERS,
    UNKNOWN,
    WORDS,
)


def test_every_word_is_recorded_as_often_as_asked(utterances: list[Utterance]) -> None:
    counts = Counter(utterance.word for utterance in utterances)
    assert counts.pop(UNKNOWN) == len(OTHER_ENGLISH) + len(OTHER_MANDARIN)
    assert counts == dict.fromkeys(WORDS[:-1], 1)


def test_recordings_repeat_exactly(utterances: list[Utterance]) -> None:
    again = record(("+f2",), takes=1, seed=11, snr_db=25)
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(utterances, again, strict=True))


def test_the_word_lies_where_it_is_said_to_lie(utterances: list[Utterance]) -> None:
    for utterance in utterances:
        first, end = utterance.speech
        assert 0 < first < end < len(utterance.features)
        power = np.square(utterance.samples.astype(float))
        inside = power[first * 80 : end * 80].mean()
        outside = np.concatenate([power[: (first - 2) * 80], power[(end + 4) * 80 :]]).mean()
        assert inside > 20 * outside


def test_the_line_carries_only_its_band(utterances: list[Utterance]) -> None:
    for utterance in utterances:
        power = np.square(np.abs(np.fft.rfft(utterance.samples)))
        hz = np.fft.rfftfreq(len(utterance.samples), 1 / 8000)
        assert power[hz < 150].sum() < 0.05 * power.sum()


def test_a_louder_noise_is_a_louder_noise() -> None:
    clear, noisy = (record(("+f2",), takes=1, seed=4, snr_db=snr)[0] for snr in (40, 10))
    pause = slice(0, clear.speech[0] * 80 - 160)
    quiet = np.std(clear.samples[pause].astype(float))
    loud = np.std(noisy.samples[pause].astype(float))
    assert loud > 10 * quiet


def test_examiners_never_teach() -> None:
    assert not set(TEACHERS) & set(EXAMINERS)


def test_cepstra_come_every_10_ms_and_do_not_depend_on_a_constant_gain() -> None:
    noise = np.random.default_rng(0).normal(0, 1000, 8000)
    quiet, loud = mfcc(noise.astype(np.int16)), mfcc((noise * 4).astype(np.int16))
    assert quiet.shape == ((8000 - 200) // 80 + 1, CEPSTRA)
    assert quiet.dtype == np.float32
    # Gain is a shift of the first cepstrum only.
    assert np.allclose(quiet[:, 1:], loud[:, 1:], atol=0.2)
    assert np.std(loud[:, 0] - quiet[:, 0]) < 0.05
    assert mfcc(np.zeros(100, np.int16)).shape == (0, CEPSTRA)
