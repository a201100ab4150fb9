"""How often somebody may guess a password. Pure: time is an argument."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

#: Wrong tries that cost nothing; people mistype.
FREE_TRIES = 5
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 900.0
#: A quiet hour forgives everything.
FORGET_S = 3600.0
#: Wrong tries from one address, whatever the user name, before it waits too.
ADDRESS_TRIES = 50
_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class _Tries:
    wrong: int
    last_s: float


class SignInThrottle:
    """Counts wrong sign-ins per user and address, and per address alone."""

    def __init__(self) -> None:
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()

    def wait_s(self, user: str, address: str, now_s: float) -> int:
        """Whole seconds until a try is looked at; 0 when it may be made now."""
        own = self._left(user, address, now_s, FREE_TRIES)
        whole_address = self._left("", address, now_s, ADDRESS_TRIES)
        return math.ceil(max(own, whole_address, 0.0))

    def failed(self, user: str, address: str, now_s: float) -> None:
        """Note a wrong try."""
        for key in ((user, address), ("", address)):
            before = self._tries.pop(key, _Tries(0, now_s))
            wrong = before.wrong if now_s - before.last_s < FORGET_S else 0
            self._tries[key] = _Tries(wrong + 1, now_s)
        while len(self._tries) > _MOST_KEYS:
            self._tries.popitem(last=False)

    def succeeded(self, user: str, address: str) -> None:
        """Forget the user's wrong tries from this address."""
        self._tries.pop((user, address), None)

    def _left(self, user: str, address: str, now_s: float, free: int) -> float:
        tries = self._tries.get((user, address))
        if tries is None or tries.wrong < free or now_s - tries.last_s >= FORGET_S:
            return 0.0
        # Capped before the power: thousands of tries must not make a float overflow.
        doublings = min(tries.wrong - free, 10)
        wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**doublings)
        return tries.last_s + wait - now_s
