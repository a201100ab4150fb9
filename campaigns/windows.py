"""When a campaign may ring: one window a day, on chosen weekdays, in one time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.errors import InputError

EVERY_DAY = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class CallingWindow:
    """Local hours in which calls may start.

    Attributes:
        opens, closes: local wall times; the window is [opens, closes), on one calendar day.
        weekdays: ISO weekdays, Monday 1 to Sunday 7.
        zone: IANA name of the time zone.

    Raises:
        InputError: the window is empty or its zone unknown.
    """

    opens: time = time(9, 0)
    closes: time = time(21, 0)
    weekdays: frozenset[int] = EVERY_DAY
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise InputError("the calling window must open before it closes, on one day")
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise InputError("the calling window needs weekdays between 1 (Monday) and 7")
        try:
            ZoneInfo(self.zone)
        except (ValueError, KeyError, OSError) as error:
            raise InputError(
                f"unknown time zone {self.zone!r}; use a name like Asia/Shanghai"
            ) from error

    def is_open(self, now: datetime) -> bool:
        """Whether a call may start at the aware instant `now`."""
        local = now.astimezone(ZoneInfo(self.zone))
        return local.isoweekday() in self.weekdays and self.opens <= local.time() < self.closes

    def next_opening(self, now: datetime) -> datetime:
        """The first instant, not before `now`, at which calls may start (UTC).

        On a day whose clocks change, the opening is looked for on the real time line, so an
        hour that does not exist is skipped and a repeated one opens at its first pass.
        """
        if self.is_open(now):
            return now.astimezone(UTC)
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date()
        for ahead in range(9):
            opening = datetime.combine(day + timedelta(days=ahead), self.opens, zone).astimezone(
                UTC
            )
            if opening < now:
                continue
            if self.is_open(opening):
                return opening
        raise AssertionError("a window with a weekday opens within nine days")
