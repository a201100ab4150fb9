"""A call whose caller follows a script, for tests in virtual time.

`ScriptedLine` is the call: the product's own simulated media, moved on every 20 ms, with keys
and the wish for an agent beside it. What goes out is played in real order and pace; marks come
when everything before them was played; a flush drops what was not. A test writes its caller as a
coroutine (`await line.robot_silent(); line.press("1")`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import numpy as np

from kernel.clock import VirtualClock
from kernel.conversation import (
    TransferOutcome,
)
from kernel.errors import UnavailableError
from kernel.media import FRAME_SAMPLES, RATE_HZ, MediaEvent, Samples
from kernel.service import TaskOwner
from robot.audio import level_dbfs
from telephony_adapter.simulated.media import SimulatedMedia
from tests.robot.toy_senses import word

FRAME_S = 0.02
_NOISE = np.random.default_rng(3).normal(0, 8, 20 * RATE_HZ).astype(np.int16)


class ScriptedLine:
    """`MediaStream` and `CallControl` of one call; times are seconds since the answer."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._media = SimulatedMedia(lambda _media: None)
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._said: list[tuple[float, Samples]] = []
        self._moved = asyncio.Event()
        self._hung_up = asyncio.Event()
        self.played: list[tuple[float, Samples]] = []
        self.flushed_s: list[float] = []
        self.transfers: list[tuple[float, str, dict[str, str]]] = []
        self.agents: Callable[[], Awaitable[TransferOutcome]] = self._nobody
        self.left_s: float | None = None
        self.broken = False
        self.tasks = TaskOwner("line")
        self.tasks.start("pace", self._pace())

    # --- what the product does ---------------------------------------------------------------

    async def send(self, samples: Samples) -> None:
        if self.broken:
            raise UnavailableError("the call's audio is gone")
        await self._media.send(samples)

    async def mark(self, mark: str) -> None:
        await self._media.mark(mark)

    async def flush(self) -> None:
        self.flushed_s.append(self.now_s)
        await self._media.flush()

    def events(self) -> AsyncIterator[MediaEvent]:
        return self._media.events()

    async def aclose(self) -> None:
        self.left_s = self.now_s
        await self._media.aclose()

    async def digits(self) -> AsyncIterator[str]:
        while (digit := await self._keys.get()) is not None:
            yield digit

    async def transfer(self, queue: str, carry: Mapping[str, str]) -> TransferOutcome:
        self.transfers.append((self.now_s, queue, dict(carry)))
        return await self.agents()

    # --- what the caller does ----------------------------------------------------------------

    @property
    def now_s(self) -> float:
        return self._clock.monotonic()

    async def at(self, at_s: float) -> None:
        await self._clock.sleep(max(0.0, at_s - self.now_s))

    async def wait(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def robot_speaks(self) -> float:
        """Wait until the robot is heard; returns when that was."""
        while not self._audible(1):
            await self._next_frame()
        return self.now_s

    async def robot_silent(self) -> float:
        """Wait until the robot was heard and has been silent for 0.3 s; returns since when."""
        await self.robot_speaks()
        while self._audible(15):
            await self._next_frame()
        return self.now_s - 15 * FRAME_S

    def press(self, digits: str) -> None:
        for digit in digits:
            self._keys.put_nowait(digit)

    def say(self, text: str) -> float:
        """Begin to say a word; returns when it will be over."""
        return self.sound(word(text))

    def sound(self, samples: Samples) -> float:
        self._said.append((self.now_s, samples))
        return self.now_s + len(samples) / RATE_HZ

    def hang_up(self) -> None:
        self._media.end()
        self._hung_up.set()
        self._keys.put_nowait(None)

    # --- what was heard ----------------------------------------------------------------------

    def spoke_between(self, from_s: float, to_s: float) -> float:
        """Seconds of robot that the caller heard in a stretch of time."""
        return FRAME_S * sum(
            from_s <= at_s < to_s and level_dbfs(frame) > -50 for at_s, frame in self.played
        )

    def first_sound_after(self, at_s: float) -> float:
        return next(t for t, frame in self.played if t >= at_s and level_dbfs(frame) > -50)

    def _audible(self, frames: int) -> bool:
        recent = [level for at, level in self.played if at > self.now_s - frames * FRAME_S - 1e-6]
        return any(level_dbfs(frame) > -50 for frame in recent)

    async def _next_frame(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    async def _nobody(self) -> TransferOutcome:
        try:
            async with asyncio.timeout(20.0):
                await self._hung_up.wait()
        except TimeoutError:
            return TransferOutcome.NONE
        return TransferOutcome.LEFT

    async def _pace(self) -> None:
        frames = 0
        while True:
            frames += 1
            await self.at(frames * FRAME_S)
            at_s = self.now_s
            self._media.deliver(self._caller_frame(frames), at_s)
            played = self._media.next_frame()
            if played is not None:
                self.played.append((at_s - FRAME_S, played))
            self._moved.set()

    def _caller_frame(self, number: int) -> Samples:
        first = (number - 1) * FRAME_SAMPLES
        mixed = _NOISE[first % len(_NOISE) :][:FRAME_SAMPLES].astype(np.int32)
        for at_s, samples in self._said:
            begin = round(at_s * RATE_HZ)
            piece = samples[max(0, first - begin) : max(0, first + FRAME_SAMPLES - begin)]
            place = max(0, begin - first)
            mixed[place : place + len(piece)] += piece
        return np.clip(mixed, -32768, 32767).astype(np.int16)
