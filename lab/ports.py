"""Reserve ports that no other instance on this machine will take."""

from __future__ import annotations

import socket
from random import SystemRandom
from types import TracebackType
from typing import Self

from kernel.errors import UnavailableError

# Below Linux's ephemeral ports (32768 and up), so that no outgoing connection takes one between
# our choosing it and Asterisk's binding it.
_FIRST, _LAST, _SIZE = 10_000, 32_000, 1_000


class PortBlock:
    """A thousand ports held until closed: SIP, HTTP and the rest for RTP (two for each call).

    A block belongs to whoever binds an abstract Unix socket named after it. The kernel frees
    that name with the process, so nothing is left behind whatever is killed.

    Raises:
        UnavailableError: every block is taken.
    """

    def __init__(self) -> None:
        bases = list(range(_FIRST, _LAST, _SIZE))
        SystemRandom().shuffle(bases)
        for base in bases:
            guard = _claim(base)
            if guard is not None:
                self._guard, self.base = guard, base
                return
        raise UnavailableError(
            f"no free ports between {_FIRST} and {_LAST}: stop other lab instances"
        )

    @property
    def sip(self) -> int:
        """UDP port of the SIP transport."""
        return self.base

    @property
    def http(self) -> int:
        """TCP port of the HTTP server."""
        return self.base + 1

    @property
    def rtp(self) -> tuple[int, int]:
        """First and last UDP port for media."""
        return self.base + 10, self.base + _SIZE - 1

    def close(self) -> None:
        """Give the ports back."""
        self._guard.close()

    def __enter__(self) -> Self:
        """Hold the ports for a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the ports back."""
        self.close()


def _claim(base: int) -> socket.socket | None:
    guard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        guard.bind(f"\0waihu-lab-ports-{base}")
        _probe(socket.SOCK_DGRAM, base)
        _probe(socket.SOCK_STREAM, base + 1)
    except OSError:
        guard.close()
        return None
    return guard


def _probe(kind: socket.SocketKind, port: int) -> None:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", port))
