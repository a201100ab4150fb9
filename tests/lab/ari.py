"""Just enough ARI to dial through the switch and watch."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

Event = dict[str, Any]


class Ari:
    """One application connected to the switch. What it dialed and left is hung up at the end."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._base = f"http://{address.hostname}:{address.port}/ari"
        self._app = address.path.lstrip("/")
        login = aiohttp.encode_basic_auth(address.username or "", address.password or "")
        self._http = aiohttp.ClientSession(headers={"Authorization": login})
        self._channels: list[str] = []
        self.events: list[Event] = []

    async def __aenter__(self) -> Self:
        self._socket = await self._http.ws_connect(f"{self._base}/events?app={self._app}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for channel in self._channels:
            await self._http.delete(f"{self._base}/channels/{channel}")
        await self._socket.close()
        await self._http.close()

    async def post(self, path: str, **parameters: str) -> Any:
        async with self._http.post(self._base + path, params=parameters) as answer:
            body = await answer.text()
            assert answer.status < 300, f"{path} answered {answer.status}: {body}"
            return await answer.json() if body else None

    async def dial(self, endpoint: str, *, timeout_s: int = 30, caller: str = "4001") -> str:
        """Originate and return the channel's id."""
        channel = await self.post(
            "/channels", endpoint=endpoint, app=self._app, timeout=str(timeout_s), callerId=caller
        )
        self._channels.append(channel["id"])
        return str(channel["id"])

    async def call(self, number: str, *, timeout_s: int = 30) -> str:
        return await self.dial(f"PJSIP/{number}@trunk", timeout_s=timeout_s)

    async def hang_up(self, channel: str, *, last: str = "ChannelDestroyed") -> Event:
        """Hang up and return the channel's last event (StasisEnd for a call that came in)."""
        await self._http.delete(f"{self._base}/channels/{channel}")
        return await self.wait(last, channel)

    async def wait(self, kind: str, channel: str, *, count: int = 1) -> Event:
        """The channel's event number `count` of this kind."""
        async with asyncio.timeout(30):
            while True:
                found = [event for event in self.of(channel) if event["type"] == kind]
                if len(found) >= count:
                    return found[count - 1]
                await self.next()

    async def next(self) -> Event:
        """The next event of any channel."""
        async with asyncio.timeout(30):
            event: Event = await self._socket.receive_json()
        self.events.append(event)
        return event

    def websocket(self, path: str) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """Another WebSocket of the same server, such as a media connection."""
        address = self._base.removesuffix("/ari") + path
        return self._http.ws_connect(address, protocols=("media",))

    def of(self, channel: str) -> list[Event]:
        """The events of one channel so far."""
        return [event for event in self.events if _channel(event) == channel]

    def dial_progress(self, channel: str) -> list[str]:
        return [event["dialstatus"] for event in self.of(channel) if event["type"] == "Dial"]

    async def bridge(self, *channels: str) -> None:
        bridge = await self.post("/bridges", type="mixing")
        await self.post(f"/bridges/{bridge['id']}/addChannel", channel=",".join(channels))

    async def record(self, channel: str, name: str, seconds: int) -> None:
        """Record what arrives on a channel for `seconds` of received audio."""
        await self.post(
            f"/channels/{channel}/record",
            name=name,
            format="wav",
            maxDurationSeconds=str(seconds),
        )
        finished = ("RecordingFinished", name)
        while finished != _recording(await self.next()):
            pass


def _channel(event: Event) -> str | None:
    subject = event.get("channel") or event.get("peer") or {}
    found = subject.get("id")
    if found is None and "playback" in event:
        found = event["playback"]["target_uri"].removeprefix("channel:")
    return found


def _recording(event: Event) -> tuple[str, str | None]:
    return event["type"], event.get("recording", {}).get("name")
