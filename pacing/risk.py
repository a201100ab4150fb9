"""The probability that one more call, if answered, meets no agent.

At a moment when that call may be answered, A of the calls in flight were answered before it and
F busy agents came free. It meets nobody when A >= idle - waiting + F, that is when
A + (busy - F) >= idle - waiting + busy: a sum of independent coins of unequal bias, whose
distribution is called Poisson binomial. The risk is the mean over several such moments.

Both methods are monotone: a coin more, or a coin of higher bias, never lowers the risk. Rules
built on them (an idle agent never lowers the launch, a ringing call never raises it) rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# Above this many coins the normal approximation is as good and much cheaper.
EXACT_COINS: Final = 80
# Calls judged at a time by the approximation; nearly always the first few decide.
CHUNK: Final = 16


@dataclass(frozen=True, slots=True)
class Prospect:
    """What may happen until each of the moments; rows are moments.

    Attributes:
        answered: P(answered by then) of calls in flight, shape (moments, calls).
        freed: P(free by then) of busy agents, shape (moments, agents).
        fresh: P(answered by then) of a call launched now, shape (moments,).
        spare: idle agents minus waiting people; may be negative.
        evidence: answers that the answer probabilities rest on.
    """

    answered: Array
    freed: Array
    fresh: Array
    spare: int
    evidence: float


def launches_within(p: Prospect, theta: float, most: int, *, exact: bool) -> tuple[int, float]:
    """Return how many calls can be launched at a risk of at most `theta` each.

    Args:
        p: the calls and agents to reckon with.
        theta: acceptable risk.
        most: calls at most.
        exact: whether to compute the distribution itself or its normal approximation.

    Returns:
        The number, and the risk of the last call launched, or of the first refused if none is.
    """
    risks = _exact_risks(p) if exact else _normal_risks(p)
    last = coming = next(risks)
    launch = 0
    while launch < most and coming <= theta:
        last, launch, coming = coming, launch + 1, next(risks)
    return launch, last


def poisson_binomial(coins: Array) -> Array:
    """Return the distribution of the number of heads, per row.

    The characteristic function is a product over coins, inverted by a Fourier transform
    (Hong 2013, Computational Statistics & Data Analysis 59).

    Args:
        coins: P(head), shape (rows, n).

    Returns:
        Shape (rows, n + 1).
    """
    size = coins.shape[1] + 1
    transformed = np.multiply.reduce(1.0 + coins[:, :, np.newaxis] * _turns(size), axis=1)
    return np.maximum(np.fft.irfft(transformed, n=size, axis=1), 0.0)


@lru_cache(maxsize=256)
def _turns(size: int) -> NDArray[np.complex128]:
    half = np.arange(size // 2 + 1)
    return np.asarray(np.exp(-2j * np.pi * half / size) - 1.0)


def _exact_risks(p: Prospect) -> Iterator[float]:
    """Yield the risk of the first, second, ... call launched now."""
    heads = poisson_binomial(np.concatenate([p.answered, 1.0 - p.freed], axis=1))
    enough = p.spare + p.freed.shape[1]
    fresh = p.fresh[:, np.newaxis]
    while True:
        yield 1.0 if enough <= 0 else float(heads[:, enough:].sum()) / len(heads)
        grown = np.zeros((heads.shape[0], heads.shape[1] + 1))
        grown[:, :-1] = heads * (1.0 - fresh)
        grown[:, 1:] += heads * fresh
        heads = grown


def _normal_risks(p: Prospect) -> Iterator[float]:
    """Yield the risk of the first, second, ... call launched now, with continuity correction.

    An uncertain answer rate moves all calls together, so its variance grows with the square of
    the expected answers. Where the expectation is already short of agents the risk is taken as
    1: there a wider spread would look like hope.
    """
    fresh = p.fresh[:, np.newaxis]
    answered, freed = _mean_and_variance(p.answered), _mean_and_variance(p.freed)
    for first in count(step=CHUNK):
        launched = np.arange(first, first + CHUNK)
        answers = answered[0] + fresh * launched
        spread = answered[1] + freed[1] + fresh * (1.0 - fresh) * launched
        spread += answers**2 / p.evidence
        surplus = p.spare - 0.5 + freed[0] - answers
        tail = ndtr(-surplus / np.sqrt(np.maximum(spread, 1e-12)))
        yield from np.where(surplus > 0, tail, 1.0).mean(axis=0).tolist()


def _mean_and_variance(coins: Array) -> tuple[Array, Array]:
    mean = coins.sum(axis=1)
    return mean[:, np.newaxis], (mean - np.square(coins).sum(axis=1))[:, np.newaxis]
