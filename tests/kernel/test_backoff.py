from __future__ import annotations

from itertools import islice, pairwise
from random import Random

from hypothesis import given, strategies as st

from kernel.backoff import backoff_s


@given(st.integers())
def test_waits_grow_from_the_first_to_the_longest(seed: int) -> None:
    waits = list(islice(backoff_s(Random(seed), first_s=0.1, longest_s=5.0), 20))

    assert 0.06 < waits[0] <= 0.1
    assert all(2 / 3 * 5.0 <= wait <= 5.0 for wait in waits[-5:])
    # Jitter takes a third at most, doubling gives more.
    assert all(later > earlier for earlier, later in pairwise(waits[:6]))


def test_without_jitter_waits_double_exactly() -> None:
    waits = list(islice(backoff_s(first_s=0.5, longest_s=3.0), 5))
    assert waits == [0.5, 1.0, 2.0, 3.0, 3.0]
