"""A WebSocket client that talks ASGI to the application, on the test's own event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from kernel.service import TaskOwner


class RefusedError(Exception):
    """The server closed the connection, before or after it was accepted."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Socket:
    """One connection."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.from_app: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()

    async def say(self, message: object) -> None:
        await self.to_app.put({"type": "websocket.receive", "text": json.dumps(message)})

    async def hear(self, seconds: float = 3.0) -> dict[str, Any]:
        """The next message. Raises `RefusedError` when there is none because of a close."""
        async with asyncio.timeout(seconds):
            message = await self.from_app.get()
        if message["type"] == "websocket.close":
            await self.to_app.put({"type": "websocket.disconnect", "code": message["code"]})
            raise RefusedError(message["code"])
        heard = json.loads(message["text"])
        assert isinstance(heard, dict)
        return heard

    async def hear_until(self, wanted: Mapping[str, object]) -> list[dict[str, Any]]:
        """Messages up to the first that has all of these members."""
        heard = [await self.hear()]
        while not wanted.items() <= heard[-1].items():
            heard.append(await self.hear())
        return heard


@asynccontextmanager
async def connected(
    app: FastAPI, address: str = "/api/v1/live", **headers: str
) -> AsyncIterator[Socket]:
    """Connect; raises `RefusedError` when the handshake is refused."""
    path, _, query = address.partition("?")
    pairs = {"host": "waihu.test", **headers}
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "server": ("waihu.test", 80),
        "client": ("10.0.0.1", 5000),
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), text.encode()) for name, text in pairs.items()],
        "subprotocols": [],
        "extensions": {},
    }
    socket, tasks = Socket(), TaskOwner("socket")
    await socket.to_app.put({"type": "websocket.connect"})
    serving = tasks.start("app", app(scope, socket.to_app.get, socket.from_app.put))
    try:
        first = await socket.from_app.get()
        if first["type"] == "websocket.close":
            raise RefusedError(first["code"])
        assert first["type"] == "websocket.accept"
        yield socket
        await socket.to_app.put({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(3):
            await serving
    finally:
        await tasks.aclose()
