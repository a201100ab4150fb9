"""A call's audio for a robot: what it sends is queued and played in real (or virtual) time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import numpy as np

from kernel.errors import UnavailableError
from kernel.media import FRAME_SAMPLES, RATE_HZ, AudioFrame, MarkReached, MediaEvent, Samples
from telephony_adapter.inbox import Inbox

#: As in Asterisk's chan_websocket: stop sending at 900 queued frames, go on below 800.
_HIGH_WATER = 900 * FRAME_SAMPLES
_LOW_WATER = 800 * FRAME_SAMPLES
#: Half a minute of audio that nobody reads is stale.
INBOX_LIMIT = 1500


class SimulatedMedia:
    """`MediaStream` on a simulated leg.

    Args:
        on_close: told when the robot leaves the call's audio.
    """

    def __init__(self, on_close: Callable[[SimulatedMedia], None]) -> None:
        self._on_close = on_close
        self._inbox: Inbox[MediaEvent] = Inbox(limit=INBOX_LIMIT)
        self._queue: deque[Samples | str] = deque()
        self._queued = 0
        self._room = asyncio.Event()
        self._room.set()

    async def send(self, samples: Samples) -> None:
        """See `MediaStream`; waits while 18 s of sound are queued."""
        await self._room.wait()
        if self._inbox.closed:
            raise UnavailableError("the call's audio is gone: the call has ended")
        self._queue.append(np.array(samples, np.int16))
        self._queued += len(samples)
        if self._queued >= _HIGH_WATER:
            self._room.clear()

    async def mark(self, mark: str) -> None:
        """See `MediaStream`; a mark that is flushed is never reached."""
        if self._queue:
            self._queue.append(mark)
        else:
            self._inbox.put(MarkReached(mark))

    async def flush(self) -> None:
        """See `MediaStream`."""
        self._queue.clear()
        self._take_off(self._queued)

    def events(self) -> AsyncIterator[MediaEvent]:
        """See `MediaStream`."""
        return self._inbox.read()

    async def aclose(self) -> None:
        """See `MediaStream`."""
        if not self._inbox.closed:
            self.end()
            self._on_close(self)

    # --- the switch's side -------------------------------------------------------------------

    def end(self) -> None:
        """The leg is gone."""
        self._inbox.close()
        self._room.set()

    def deliver(self, samples: Samples, at_s: float) -> None:
        """A frame from the far end."""
        self._inbox.put(AudioFrame(samples, at_s))

    def next_frame(self) -> Samples | None:
        """Play 20 ms: up to 160 samples, or None when nothing is queued."""
        pieces: list[Samples] = []
        wanted = FRAME_SAMPLES
        while self._queue and wanted:
            head = self._queue.popleft()
            if isinstance(head, str):
                self._inbox.put(MarkReached(head))
                continue
            if len(head) > wanted:
                self._queue.appendleft(head[wanted:])
                head = head[:wanted]
            pieces.append(head)
            wanted -= len(head)
        self._release_marks()
        if not pieces:
            return None
        frame = np.concatenate(pieces)
        self._take_off(len(frame))
        return frame

    def _release_marks(self) -> None:
        while self._queue and isinstance(self._queue[0], str):
            self._inbox.put(MarkReached(str(self._queue.popleft())))

    def _take_off(self, samples: int) -> None:
        self._queued -= samples
        if self._queued <= _LOW_WATER:
            self._room.set()


#: A talker counts as silent after this long without sound.
_HANGOVER_FRAMES = 300 * RATE_HZ // 1000 // FRAME_SAMPLES
#: About -40 dBFS: above line noise, below any speech.
_LOUD = 300.0


class SpeechDetector:
    """Says when sound towards a person begins and when it has been over for 0.3 s."""

    def __init__(self) -> None:
        self._quiet_frames = _HANGOVER_FRAMES
        self._speaking = False

    def push(self, frame: Samples | None) -> bool | None:
        """Take 20 ms; True when speech begins, False when it is over, None when all goes on."""
        if frame is not None and float(np.abs(frame.astype(np.int32)).mean()) > _LOUD:
            self._quiet_frames = 0
        else:
            self._quiet_frames += 1
        speaking = self._quiet_frames < _HANGOVER_FRAMES
        if speaking is self._speaking:
            return None
        self._speaking = speaking
        return speaking
