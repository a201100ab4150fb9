"""The events WebSocket of ARI: one connection, found again after each loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from random import Random
from typing import Any

import aiohttp
import orjson

from kernel.backoff import backoff_s
from kernel.clock import Clock
from kernel.errors import UnavailableError
from telephony_adapter.address import SwitchAddress
from telephony_adapter.asterisk.rest import sign_in, unreachable, wrong_password

#: A peer that lost its power closes no connection; ping it. Longer than any honest pause.
_HEARTBEAT_S = 20.0


class EventLink:
    """Our application's event stream.

    Args:
        address: which switch, and the application's name.
        clock: waits between attempts.
        rng: jitter of those waits.
        timeout_s: longest wait for one connection.
    """

    def __init__(self, address: SwitchAddress, clock: Clock, rng: Random, timeout_s: float) -> None:
        self._address = address
        self._clock = clock
        self._rng = rng
        self._timeout_s = timeout_s
        self._session = aiohttp.ClientSession(headers=sign_in(address))
        self._ws: aiohttp.ClientWebSocketResponse | None = None

    async def connect(self) -> None:
        """Open the stream once.

        Raises:
            UnavailableError: no connection.
            InputError: wrong user or password.
        """
        await self.drop()
        url = f"ws://{self._address.host}:{self._address.port}/ari/events"
        try:
            async with asyncio.timeout(self._timeout_s):
                self._ws = await self._session.ws_connect(
                    url,
                    params={"app": self._address.app},
                    heartbeat=_HEARTBEAT_S,
                    max_msg_size=0,
                )
        except aiohttp.WSServerHandshakeError as error:
            if error.status == HTTPStatus.UNAUTHORIZED:
                raise wrong_password(self._address) from error
            raise unreachable(self._address, error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(self._address, error) from error

    async def reconnecting(self) -> AsyncIterator[None]:
        """Yield after each new connection; whoever is content stops asking."""
        for wait_s in backoff_s(self._rng):
            await self._clock.sleep(wait_s)
            try:
                await self.connect()
            except UnavailableError:
                continue
            yield

    async def read(self) -> AsyncIterator[Mapping[str, Any]]:
        """Decoded events until the connection breaks."""
        assert self._ws is not None
        async for message in self._ws:
            if message.type is aiohttp.WSMsgType.TEXT:
                yield orjson.loads(message.data)

    async def drop(self) -> None:
        """Close the connection; `read` ends."""
        if self._ws is not None:
            await self._ws.close()

    async def aclose(self) -> None:
        """Close for good."""
        await self.drop()
        await self._session.close()
