"""Sends ARI requests: one answer or one error each, never a repetition."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import aiohttp
import orjson

from kernel.errors import InputError, PeerError, UnavailableError
from telephony_adapter.address import SwitchAddress
from telephony_adapter.asterisk.requests import Request

#: Asterisk serves each connection with a thread; more only moves the queue into the switch.
CONNECTIONS = 25
#: Shorter than Asterisk's own keep-alive (15 s), so that we never write into a closing one.
KEEP_ALIVE_S = 10.0


class RefusedError(PeerError):
    """Asterisk answered with an error status.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, request: Request, status: int, reason: str) -> None:
        # The path may carry our own ids, never a number: those travel in the query.
        super().__init__(
            f"Asterisk refused {request.method} {request.path}: {status} {reason}", status=status
        )
        self.status = status


class AriRest:
    """The REST half of ARI.

    Args:
        address: which switch.
        timeout_s: longest wait for an answer.
    """

    def __init__(self, address: SwitchAddress, timeout_s: float) -> None:
        self._address = address
        self._base = f"http://{address.host}:{address.port}/ari"
        self._session = aiohttp.ClientSession(
            headers=sign_in(address),
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S),
            timeout=aiohttp.ClientTimeout(total=timeout_s),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def send(self, request: Request) -> Any:
        """Send a request once and return the decoded answer (None when it is empty).

        Raises:
            UnavailableError: no answer; the request may have been carried out.
            RefusedError: Asterisk answered with an error.
            InputError: wrong user or password.
        """
        if self._session.closed:
            raise UnavailableError("not connected to Asterisk: start the adapter first")
        try:
            async with self._session.request(
                request.method,
                self._base + request.path,
                params=dict(request.params),
                json=request.body,
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(self._address, error) from error
        if response.status == HTTPStatus.UNAUTHORIZED:
            raise wrong_password(self._address)
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise RefusedError(request, response.status, _reason(body))
        return orjson.loads(body) if body else None

    async def attempt(self, request: Request) -> bool:
        """Send a request whose refusal is no error (what it names is gone already)."""
        try:
            await self.send(request)
        except RefusedError:
            return False
        return True


def sign_in(address: SwitchAddress) -> dict[str, str]:
    """Headers that carry user and password (RFC 7617)."""
    return {"Authorization": aiohttp.encode_basic_auth(address.user, address.password)}


def unreachable(address: SwitchAddress, error: BaseException) -> UnavailableError:
    """The error for a switch that does not answer."""
    return UnavailableError(
        f"Asterisk at {address.host}:{address.port} does not answer "
        f"({type(error).__name__}): check that it runs and that its HTTP server is enabled"
    )


def wrong_password(address: SwitchAddress) -> InputError:
    """The error for a switch that knows us not."""
    return InputError(
        f"Asterisk at {address.host}:{address.port} refuses user {address.user!r}: "
        "check user and password against its ari.conf"
    )


def _reason(body: bytes) -> str:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(answer, dict):
        return ""
    return str(answer.get("message") or answer.get("error") or "")[:200]
