"""A call's audio over chan_websocket: Asterisk keeps the queue and the pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import aiohttp
import numpy as np
import orjson

from kernel.clock import Clock
from kernel.errors import UnavailableError
from kernel.media import FRAME_MS, FRAME_SAMPLES, AudioFrame, MarkReached, MediaEvent, Samples
from telephony_adapter.inbox import Inbox

_FRAME_BYTES = FRAME_SAMPLES * 2
#: chan_websocket closes the leg on messages above 65,500 bytes; a hundred frames are 32,000.
_MESSAGE_BYTES = 100 * _FRAME_BYTES
_FRAME_S = FRAME_MS / 1000
#: Silence stands in after this gap; on a busy machine frames come up to 0.1 s late.
_GAP_S = 0.1
_ROUNDING_S = 1e-6
#: Half a minute of audio that nobody reads is stale.
_INBOX_LIMIT = 1500


class Reframer:
    """Cuts a byte stream into frames of 20 ms, whatever the chunks."""

    def __init__(self) -> None:
        self._rest = b""

    def push(self, data: bytes) -> list[Samples]:
        """Take bytes (16-bit little endian); return the frames that are complete."""
        data = self._rest + data
        whole = len(data) - len(data) % _FRAME_BYTES
        self._rest = data[whole:]
        samples = np.frombuffer(data[:whole], dtype="<i2").astype(np.int16)
        return list(samples.reshape(-1, FRAME_SAMPLES))


class SilenceFiller:
    """Tells when silence must stand in for a far end that sends no packets.

    In a bridge of two, frames come only while the other telephone sends; a muted one, or one
    with silence suppression, would stop whoever counts time in frames.

    Args:
        now_s: monotonic seconds.
    """

    def __init__(self, now_s: float) -> None:
        self._covered_s = now_s
        self._silent = False

    def heard(self, now_s: float) -> None:
        """A frame came."""
        self._covered_s = now_s
        self._silent = False

    def due(self, now_s: float) -> list[float]:
        """When each silent frame that is missing by now should have come."""
        missing_s = now_s - self._covered_s
        if missing_s + _ROUNDING_S < (_FRAME_S if self._silent else _GAP_S):
            return []
        self._silent = True
        count = int((missing_s + _ROUNDING_S) / _FRAME_S)
        times = [self._covered_s + place * _FRAME_S for place in range(1, count + 1)]
        self._covered_s = times[-1]
        return times

    def next_s(self) -> float:
        """When to ask again."""
        return self._covered_s + (_FRAME_S if self._silent else _GAP_S)


class AsteriskMedia:
    """`MediaStream` over one media WebSocket.

    Where the far end sends no packets, silent frames keep the 20 ms beat. Asterisk plays whole
    frames only, so up to 20 ms of what was sent wait for more; `mark`
    fills them up with silence.

    Args:
        ws: connected with subprotocol `media`, JSON control messages.
        clock: stamps arriving frames.
        on_close: takes the leg away on the switch.
    """

    def __init__(
        self,
        ws: aiohttp.ClientWebSocketResponse,
        clock: Clock,
        on_close: Callable[[], Awaitable[None]],
    ) -> None:
        self._ws = ws
        self._clock = clock
        self._on_close = on_close
        self._inbox: Inbox[MediaEvent] = Inbox(limit=_INBOX_LIMIT)
        self._reframer = Reframer()
        self._filler = SilenceFiller(clock.monotonic())
        self._rest = b""
        self._room = asyncio.Event()
        self._room.set()

    async def send(self, samples: Samples) -> None:
        """See `MediaStream`; waits while Asterisk holds 18 s of sound."""
        data = self._rest + np.asarray(samples, dtype="<i2").tobytes()
        whole = len(data) - len(data) % _FRAME_BYTES
        self._rest = data[whole:]
        for start in range(0, whole, _MESSAGE_BYTES):
            await self._room.wait()
            await self._send(data[start : min(whole, start + _MESSAGE_BYTES)])

    async def mark(self, mark: str) -> None:
        """See `MediaStream`; a mark that is flushed is never reached."""
        if self._rest:
            await self.send(np.zeros(FRAME_SAMPLES - len(self._rest) // 2, np.int16))
        await self._control({"command": "MARK_MEDIA", "correlation_id": mark})

    async def flush(self) -> None:
        """See `MediaStream`."""
        self._rest = b""
        await self._control({"command": "FLUSH_MEDIA"})

    def events(self) -> AsyncIterator[MediaEvent]:
        """See `MediaStream`."""
        return self._inbox.read()

    async def aclose(self) -> None:
        """See `MediaStream`."""
        self.end()
        await self._ws.close()
        await self._on_close()

    def end(self) -> None:
        """The leg is gone."""
        self._inbox.close()
        self._room.set()

    async def pump(self) -> None:
        """Read the WebSocket until it ends."""
        try:
            async for message in self._ws:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self._heard(message.data)
                elif message.type is aiohttp.WSMsgType.TEXT:
                    self._told(orjson.loads(message.data))
        finally:
            self.end()

    async def fill_gaps(self) -> None:
        """Put silence where the far end sends nothing, until the stream ends."""
        while not self._inbox.closed:
            for at_s in self._filler.due(self._clock.monotonic()):
                self._inbox.put(AudioFrame(np.zeros(FRAME_SAMPLES, np.int16), at_s))
            await self._clock.sleep(max(0.0, self._filler.next_s() - self._clock.monotonic()))

    def _heard(self, data: bytes) -> None:
        now_s = self._clock.monotonic()
        self._filler.heard(now_s)
        for samples in self._reframer.push(data):
            self._inbox.put(AudioFrame(samples, now_s))

    def _told(self, event: dict[str, str]) -> None:
        match event.get("event"):
            case "MEDIA_MARK_PROCESSED":
                self._inbox.put(MarkReached(event["correlation_id"]))
            case "MEDIA_XOFF":
                self._room.clear()
            case "MEDIA_XON":
                self._room.set()
            case _:
                pass

    async def _control(self, command: dict[str, str]) -> None:
        """Say something to the leg; a leg that is gone needs to hear nothing."""
        if self._inbox.closed or self._ws.closed:
            return
        with suppress(aiohttp.ClientError, ConnectionError):
            await self._ws.send_str(orjson.dumps(command).decode())

    async def _send(self, data: bytes) -> None:
        if self._inbox.closed or self._ws.closed:
            raise _gone()
        try:
            await self._ws.send_bytes(data)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _gone() from error


def _gone() -> UnavailableError:
    return UnavailableError("the call's audio is gone: the call has ended")
