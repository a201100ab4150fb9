from __future__ import annotations

from hypothesis import given, strategies as st

from dialer.line_budget import CallRate


def test_without_a_limit_everything_may_start() -> None:
    rate = CallRate(None)
    rate.spend(0.0, 10_000)
    assert rate.allowance(0.0, 500) == 500


@given(
    st.integers(1, 40),
    st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 50)), min_size=1, max_size=80),
)
def test_no_second_ever_holds_more_calls_than_the_limit(
    max_cps: int, wishes: list[tuple[float, int]]
) -> None:
    rate = CallRate(float(max_cps))
    now_s, starts = 0.0, []
    for pause_s, wanted in wishes:
        now_s += pause_s
        allowed = rate.allowance(now_s, wanted)
        assert 0 <= allowed <= wanted
        rate.spend(now_s, allowed)
        starts += [now_s] * allowed
        assert sum(1 for start in starts if start > now_s - 1.0) <= max_cps


def test_a_rate_below_one_is_one_call_in_so_many_seconds() -> None:
    rate = CallRate(0.25)
    assert rate.allowance(0.0, 3) == 1
    rate.spend(0.0, 1)
    assert rate.allowance(3.9, 3) == 0
    assert rate.allowance(4.0, 3) == 1
