from __future__ import annotations

from hypothesis import given, strategies as st

from api.throttle import (
    ADDRESS_TRIES,
    FIRST_WAIT_S,
    FORGET_S,
    FREE_TRIES,
    LONGEST_WAIT_S,
    SignInThrottle,
)


def _after(tries: int) -> SignInThrottle:
    throttle = SignInThrottle()
    for _ in range(tries):
        throttle.failed("a", "1", 0.0)
    return throttle


@given(st.integers(0, 3000))
def test_waits_only_grow_and_have_an_end(tries: int) -> None:
    waits = [_after(count).wait_s("a", "1", 0.0) for count in (tries, tries + 1)]
    assert 0 <= waits[0] <= waits[1] <= LONGEST_WAIT_S
    assert (waits[0] == 0) == (tries < FREE_TRIES)


def test_waits_double() -> None:
    waits = [_after(FREE_TRIES + n).wait_s("a", "1", 0.0) for n in range(4)]
    assert waits == [FIRST_WAIT_S * 2**n for n in range(4)]


def test_others_are_not_held_up_but_one_address_trying_everybody_is() -> None:
    throttle = _after(FREE_TRIES)
    assert throttle.wait_s("b", "1", 0.0) == 0
    assert throttle.wait_s("a", "2", 0.0) == 0
    for n in range(ADDRESS_TRIES):
        throttle.failed(f"user-{n}", "9", 0.0)
    assert throttle.wait_s("fresh", "9", 0.0) == FIRST_WAIT_S


def test_a_quiet_hour_and_a_right_password_forgive() -> None:
    throttle = _after(FREE_TRIES + 9)
    assert throttle.wait_s("a", "1", FORGET_S) == 0
    throttle.failed("a", "1", FORGET_S)
    assert throttle.wait_s("a", "1", FORGET_S) == 0
    throttle = _after(FREE_TRIES)
    throttle.succeeded("a", "1")
    assert throttle.wait_s("a", "1", 0.0) == 0


def test_memory_is_bounded() -> None:
    throttle = SignInThrottle()
    for n in range(12_000):
        throttle.failed(f"{n}", f"{n}", 0.0)
    assert len(throttle._tries) == 10_000
