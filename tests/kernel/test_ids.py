from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from hypothesis import given, strategies as st

from kernel.clock import VirtualClock
from kernel.ids import TimeOrderedIds, uuid7


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_version_variant_and_time_are_where_rfc_9562_puts_them(unix_ms: int, bits: int) -> None:
    made = uuid7(unix_ms, bits)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == unix_ms


def test_the_rfc_example() -> None:
    # RFC 9562, appendix A.6.
    bits = (0xCC3 << 62) | 0x18C4DC0C0C07398F
    assert str(uuid7(0x017F22E279B0, bits)) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(st.integers(), st.lists(st.floats(0, 5), max_size=50))
def test_ids_rise_even_within_a_millisecond(seed: int, waits: list[float]) -> None:
    clock = VirtualClock()
    ids = TimeOrderedIds(clock, Random(seed))
    made = [ids.new()]
    for wait in waits:
        clock.advance(wait)
        made.append(ids.new())
    assert made == sorted(set(made))


class SteppingBack:
    def __init__(self) -> None:
        self._times = iter([5_000, 1_000, 1_001])

    def now(self) -> datetime:
        return datetime.fromtimestamp(next(self._times), UTC)

    def monotonic(self) -> float:
        raise AssertionError

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


def test_a_clock_that_steps_back_does_not_turn_the_order_round() -> None:
    ids = TimeOrderedIds(SteppingBack(), Random(1))
    first, second, third = ids.new(), ids.new(), ids.new()
    assert first < second < third


def test_the_same_seed_gives_the_same_ids() -> None:
    a = TimeOrderedIds(VirtualClock(), Random(3))
    b = TimeOrderedIds(VirtualClock(), Random(3))
    assert [a.new() for _ in range(5)] == [b.new() for _ in range(5)]
