"""How many new calls the calls-per-second limit allows now. Pure."""

from __future__ import annotations

from collections import deque


class CallRate:
    """Sliding window: in no stretch of one second do more than `max_cps` calls start.

    A rate below 1 is one call per 1/rate seconds.

    Args:
        max_cps: new calls per second, or None for no limit.
    """

    def __init__(self, max_cps: float | None) -> None:
        self._calls = None if max_cps is None else max(1, int(max_cps))
        self._window_s = 1.0 if max_cps is None else max(1.0, 1.0 / max_cps)
        self._starts: deque[float] = deque()

    def allowance(self, now_s: float, wanted: int) -> int:
        """How many of `wanted` calls may start at `now_s`."""
        if self._calls is None:
            return wanted
        while self._starts and self._starts[0] <= now_s - self._window_s:
            self._starts.popleft()
        return min(wanted, self._calls - len(self._starts))

    def spend(self, now_s: float, calls: int) -> None:
        """Count calls that start now."""
        if self._calls is not None:
            self._starts.extend([now_s] * calls)
