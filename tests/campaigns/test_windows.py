from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from campaigns.windows import CallingWindow
from kernel.errors import InputError

ZONES = ["Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]

times = st.times().map(lambda t: t.replace(microsecond=0))
instants = st.integers(0, 3 * 366 * 86_400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def distinct(window_times: tuple[time, time]) -> bool:
    return window_times[0] != window_times[1]


usable = (
    st
    .tuples(times, times)
    .filter(distinct)
    .flatmap(
        lambda pair: st.builds(
            CallingWindow,
            st.just(min(pair)),
            st.just(max(pair)),
            st.frozensets(st.integers(1, 7), min_size=1),
            st.sampled_from(ZONES),
        )
    )
)


@given(usable, instants)
def test_open_means_inside_the_local_hours_of_a_chosen_day(
    window: CallingWindow, now: datetime
) -> None:
    local = now.astimezone(ZoneInfo(window.zone))
    inside = window.opens <= local.time() < window.closes and local.isoweekday() in window.weekdays
    assert window.is_open(now) is inside


@given(usable, instants)
def test_the_next_opening_is_open_not_before_now_and_none_is_missed(
    window: CallingWindow, now: datetime
) -> None:
    opening = window.next_opening(now)
    assert opening >= now
    assert window.is_open(opening)
    # Sampled between now and then, the window is closed throughout.
    gap = opening - now
    for part in range(1, 20):
        assert not window.is_open(now + gap * (part / 20)) or gap == timedelta(0)


def test_a_day_whose_hour_is_skipped_opens_when_the_clock_has_moved_on() -> None:
    # New York, 8 March 2026: 02:00 to 03:00 does not exist.
    window = CallingWindow(time(2, 30), time(5), zone="America/New_York")
    before = datetime(2026, 3, 8, 6, 0, tzinfo=UTC)
    assert window.next_opening(before) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_both_passes_of_a_repeated_hour_are_open() -> None:
    # London, 25 October 2026: 01:00 to 02:00 happens twice.
    window = CallingWindow(time(1), time(2), zone="Europe/London")
    for hour in (0, 1):
        assert window.is_open(datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
    assert not window.is_open(datetime(2026, 10, 25, 2, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"opens": time(9), "closes": time(9)}, "open before it closes"),
        ({"opens": time(22), "closes": time(6)}, "open before it closes"),
        ({"weekdays": frozenset()}, "weekdays"),
        ({"weekdays": frozenset({0})}, "weekdays"),
        ({"zone": "Moon/Tranquility"}, "Asia/Shanghai"),
        ({"zone": "../etc/passwd"}, "Asia/Shanghai"),
    ],
)
def test_impossible_windows_cannot_be_built(kwargs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        CallingWindow(**kwargs)  # type: ignore[arg-type]


def test_weekdays_are_local_days() -> None:
    # Friday 23:30 in London is Saturday morning in Shanghai.
    saturday = CallingWindow(time(0), time(23), frozenset({6}), "Asia/Shanghai")
    assert saturday.is_open(datetime(2026, 3, 6, 23, 30, tzinfo=UTC))
    assert date(2026, 3, 7).isoweekday() == 6
