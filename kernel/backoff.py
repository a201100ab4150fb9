"""Seconds to wait between attempts to reach a peer; whoever waits does the sleeping."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random


def backoff_s(
    rng: Random | None = None, *, first_s: float = 0.1, longest_s: float = 5.0
) -> Iterator[float]:
    """Growing waits without end: doubling, up to `longest_s`.

    Args:
        rng: shortens each wait by up to a third, so that several processes do not knock in
            step; None for exact waits.
        first_s: the first wait; short for a switch, which hangs up calls that are answered
            while nobody listens to its events.
        longest_s: the wait that the growth ends at.
    """
    wait_s = first_s
    while True:
        yield wait_s if rng is None else wait_s * (1 - rng.random() / 3)
        wait_s = min(longest_s, wait_s * 2)
