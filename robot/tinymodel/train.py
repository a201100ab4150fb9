"""Whole-word hidden Markov models scored by a small network.

Every word is a chain of states without branches; one more state is silence. A network tells
the states apart from 13 frames of cepstra; after each round the states are laid anew over the
speech (forced Viterbi alignment) and the network learns on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.neural_network import MLPClassifier

from robot.tinymodel.features import Features
from robot.tinymodel.speech_data import Utterance
from robot.tinymodel.vocabulary import UNKNOWN, WORDS

Labels = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

SILENCE = 0
# Frames the network sees to each side of the one it judges.
CONTEXT = 6
_HIDDEN = 192
# (epochs, batch size) before each new alignment. The last round steps more finely: a larger
# batch does what a smaller learning rate would (Smith et al. 2018, arXiv:1711.00489).
_ROUNDS = ((3, 256), (3, 256), (3, 256), (5, 1024))
# scikit-learn lays a batch's labels out as a dense frames x states table; chunks bound it.
_CHUNK = 16384
# Noise on the (standardised) cepstra, against learning the teachers' voices by heart.
_JITTER = 0.1
_SHORTEST, _LONGEST = 4, 14
_FLOOR = 1e-10


@dataclass(frozen=True, slots=True)
class States:
    """Which network outputs belong to which word: `first[word] + i` for i < `length[word]`."""

    first: dict[str, int]
    length: dict[str, int]

    @property
    def count(self) -> int:
        """All states, silence included."""
        return 1 + sum(self.length.values())

    def of(self, word: str) -> range:
        """The word's states in order."""
        return range(self.first[word], self.first[word] + self.length[word])


@dataclass(frozen=True, slots=True)
class Acoustics:
    """A trained network.

    Attributes:
        states: the meaning of the outputs.
        mean, deviation: of each cepstrum, shape (13,).
        weights: two matrices, (inputs, hidden) and (hidden, states).
        biases: two vectors, (hidden,) and (states,).
        priors: share of each state in the training speech, shape (states,).
    """

    states: States
    mean: _Floats
    deviation: _Floats
    weights: tuple[_Floats, _Floats]
    biases: tuple[_Floats, _Floats]
    priors: _Floats


def train(speech: Sequence[Utterance], seed: int) -> Acoustics:
    """Teach a network to tell the states of all words apart."""
    states = lay_out_states(speech)
    all_frames = np.concatenate([u.features for u in speech])
    mean, deviation = all_frames.mean(axis=0), all_frames.std(axis=0)
    inputs = [splice((u.features - mean) / deviation) for u in speech]
    stacked = np.concatenate(inputs)
    labels = [_spread_evenly(u, states) for u in speech]
    network = MLPClassifier((_HIDDEN,), learning_rate_init=1e-3, alpha=0.0, random_state=seed)
    rng = np.random.default_rng(seed)
    for turn, (epochs, batch) in enumerate(_ROUNDS):
        if turn:
            log_priors = np.log(_shares(np.concatenate(labels), states.count))
            labels = [
                align(_log_scores(network, x) - log_priors, states.of(u.word))
                for u, x in zip(speech, inputs, strict=True)
            ]
        network.set_params(batch_size=batch)
        targets = np.concatenate(labels)
        for _ in range(epochs):
            _one_epoch(network, stacked, targets, states.count, rng)
    return Acoustics(
        states,
        mean,
        deviation,
        (network.coefs_[0], network.coefs_[1]),
        (network.intercepts_[0], network.intercepts_[1]),
        _shares(np.concatenate(labels), states.count),
    )


def lay_out_states(speech: Sequence[Utterance]) -> States:
    """About one state for three frames of a quickly spoken word; one for everything unknown."""
    durations = defaultdict[str, list[int]](list)
    for utterance in speech:
        durations[utterance.word].append(utterance.speech[1] - utterance.speech[0])
    first: dict[str, int] = {}
    length: dict[str, int] = {}
    free = SILENCE + 1
    for word in WORDS:
        wanted = int(np.percentile(durations[word], 20) / 3)
        length[word] = 1 if word == UNKNOWN else min(_LONGEST, max(_SHORTEST, wanted))
        first[word] = free
        free += length[word]
    return States(first, length)


def splice(features: Features) -> Features:
    """Each frame beside its `CONTEXT` neighbours, shape (frames, 13 * (2 * CONTEXT + 1))."""
    count = len(features)
    window = np.arange(count)[:, None] + np.arange(-CONTEXT, CONTEXT + 1)
    neighbours: Features = features[np.clip(window, 0, count - 1)].reshape(count, -1)
    return neighbours.astype(np.float32)


def align(scores: npt.NDArray[np.floating], word: range) -> Labels:
    """Best path silence, word's states in order, silence (Viterbi).

    Args:
        scores: log likelihood of each state in each frame, shape (frames, states).
        word: the states that must all be passed.

    Returns:
        The state of each frame, shape (frames,).
    """
    path = np.array([SILENCE, *word, SILENCE])
    chain = scores[:, path]
    count, width = chain.shape
    moved = np.zeros((count, width), bool)
    best = np.full(width, -np.inf)
    best[0] = chain[0, 0]
    for t in range(1, count):
        from_left = np.concatenate(([-np.inf], best[:-1]))
        moved[t] = from_left > best
        best = np.maximum(from_left, best) + chain[t]
    labels = np.empty(count, np.int64)
    at = width - 1
    for t in range(count - 1, -1, -1):
        labels[t] = path[at]
        at -= int(moved[t, at])
    return labels


def _spread_evenly(utterance: Utterance, states: States) -> Labels:
    """First guess: the word's states share its frames equally."""
    labels = np.full(len(utterance.features), SILENCE, np.int64)
    first, end = utterance.speech
    word = states.of(utterance.word)
    labels[first:end] = word.start + np.arange(end - first) * len(word) // (end - first)
    return labels


def _log_scores(network: MLPClassifier, inputs: Features) -> _Floats:
    # The softmax underflows to zero where it is sure; a path must stay possible nevertheless.
    scores: _Floats = np.log(np.maximum(network.predict_proba(inputs), _FLOOR))
    return scores


def _one_epoch(
    network: MLPClassifier,
    inputs: Features,
    targets: Labels,
    state_count: int,
    rng: np.random.Generator,
) -> None:
    for chosen in _chunks(rng.permutation(len(inputs))):
        noise = rng.standard_normal((len(chosen), inputs.shape[1]), np.float32) * _JITTER
        network.partial_fit(inputs[chosen] + noise, targets[chosen], classes=np.arange(state_count))


def _chunks(order: Labels) -> Iterator[Labels]:
    yield from np.array_split(order, -(-len(order) // _CHUNK))


def _shares(labels: Labels, state_count: int) -> _Floats:
    counts = np.bincount(labels, minlength=state_count) + 0.5
    shares: _Floats = counts / counts.sum()
    return shares
