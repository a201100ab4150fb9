"""Seconds to wait between attempts to reach a peer; whoever waits does the sleeping."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random


def backoff_s(rng: Random, *, first_s: float = 0.1, longest_s: float = 5.0) -> Iterator[float]:
    """Growing waits without end: doubling, up to `longest_s`, each shortened by up to a third.

    The first wait is short because a switch hangs up calls that are answered while nobody
    listens to its events; the jitter keeps several engines from knocking in step.
    """
    wait_s = first_s
    while True:
        yield wait_s * (1 - rng.random() / 3)
        wait_s = min(longest_s, wait_s * 2)
