from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import given, strategies as st

from robot.tinymodel.speech_data import Utterance
from robot.tinymodel.train import CONTEXT, SILENCE, align, lay_out_states, splice
from robot.tinymodel.vocabulary import UNKNOWN, WORDS


def test_states_are_laid_out_without_gaps(utterances: list[Utterance]) -> None:
    states = lay_out_states(utterances)
    taken = [state for word in WORDS for state in states.of(word)]
    assert taken == list(range(SILENCE + 1, states.count))
    assert len(states.of(UNKNOWN)) == 1
    assert all(4 <= len(states.of(word)) <= 14 for word in WORDS if word != UNKNOWN)
    assert len(states.of("再说一遍")) > len(states.of("no"))


def test_spliced_frames_hold_their_neighbours() -> None:
    features = np.arange(20 * 13, dtype=np.float32).reshape(20, 13)
    rows = splice(features).reshape(20, 2 * CONTEXT + 1, 13)
    assert np.array_equal(rows[:, CONTEXT], features)
    assert np.array_equal(rows[10], features[10 - CONTEXT : 11 + CONTEXT])
    assert np.array_equal(rows[0, 0], features[0])
    assert np.array_equal(rows[-1, -1], features[-1])


def paths(frames: int, states: range) -> list[list[int]]:
    """All ways through silence, every state in order, silence."""
    chain = [SILENCE, *states, SILENCE]
    cuts: list[list[int]] = [[0]]
    for _ in range(frames - 1):
        cuts = [[*cut, cut[-1] + step] for cut in cuts for step in (0, 1)]
    return [[chain[i] for i in cut] for cut in cuts if max(cut) == len(chain) - 1]


@given(st.integers(4, 9), st.integers(1, 2), st.integers(0, 2**31))
def test_alignment_is_the_best_of_all_paths(frames: int, length: int, seed: int) -> None:
    word = range(2, 2 + length)
    scores = np.random.default_rng(seed).normal(size=(frames, 5))

    def total(path: list[int]) -> float:
        return float(scores[np.arange(frames), path].sum())

    found = align(scores, word).tolist()
    assert found in paths(frames, word)
    assert np.isclose(total(found), max(map(total, paths(frames, word))))


def test_alignment_finds_a_clear_boundary() -> None:
    scores: npt.NDArray[np.float64] = np.full((12, 4), -5.0)
    truth = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 0, 0]
    scores[np.arange(12), truth] = 0.0
    found = align(scores, range(1, 4))
    assert found.tolist() == truth
    assert all(b - a in {0, 1} or b == SILENCE for a, b in pairwise(truth))
