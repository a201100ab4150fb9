"""One-time tickets: a browser cannot send a header with a WebSocket, and an address is logged."""

from __future__ import annotations

import secrets

from api.sessions import Caller
from kernel.clock import Clock

TICKET_S = 30
_BYTES = 32


class Tickets:
    """Issues tickets and takes each back once, within `TICKET_S`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, tuple[float, Caller]] = {}

    def issue(self, caller: Caller) -> str:
        """A ticket in the name of a caller."""
        now_s = self._clock.monotonic()
        self._open = {name: held for name, held in self._open.items() if held[0] > now_s}
        ticket = secrets.token_urlsafe(_BYTES)
        self._open[ticket] = (now_s + TICKET_S, caller)
        return ticket

    def redeem(self, ticket: str) -> Caller | None:
        """Whose ticket this is; None when it is unknown, used or too old."""
        until_s, caller = self._open.pop(ticket, (0.0, None))
        return caller if caller is not None and self._clock.monotonic() < until_s else None
