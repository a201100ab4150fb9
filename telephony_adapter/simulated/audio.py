"""Moves sound between legs and robots every 20 ms, only while a robot has a call's audio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kernel.media import FRAME_MS, FRAME_SAMPLES
from telephony_adapter.simulated.agenda import Agenda
from telephony_adapter.simulated.leg import Leg
from telephony_adapter.simulated.media import SimulatedMedia, SpeechDetector
from telephony_adapter.simulated.people import HeardSpeech, SpeechOver

_FRAME_S = FRAME_MS / 1000
#: Farther behind than this (a frozen switch, a busy machine), frames are lost, as on a network.
_LATE_FRAMES = 10


@dataclass(eq=False)
class _Line:
    leg: Leg
    media: SimulatedMedia
    position: int
    detector: SpeechDetector = field(default_factory=SpeechDetector)


class AudioDesk:
    """Every open media stream of one switch, on one tick.

    Args:
        agenda: the switch's timers.
        clock_s: monotonic seconds.
    """

    def __init__(self, agenda: Agenda, clock_s: Callable[[], float]) -> None:
        self._agenda = agenda
        self._clock_s = clock_s
        self._lines: list[_Line] = []
        self._next_s = 0.0

    def open(self, leg: Leg) -> SimulatedMedia:
        """Give a robot the audio of a leg."""
        media = SimulatedMedia(self._closed)
        now_s = self._clock_s()
        if not self._lines:
            self._next_s = now_s
            self._arm(now_s)
        self._lines.append(_Line(leg, media, leg.position(now_s)))
        return media

    def end(self, leg: Leg) -> None:
        """The leg is gone: its streams end."""
        for line in self._lines:
            if line.leg is leg:
                line.media.end()
        self._lines = [line for line in self._lines if line.leg is not leg]

    def forget(self) -> None:
        """The switch died: every stream ends."""
        for line in self._lines:
            line.media.end()
        self._lines.clear()

    def _closed(self, media: SimulatedMedia) -> None:
        self._lines = [line for line in self._lines if line.media is not media]

    def _arm(self, now_s: float) -> None:
        self._next_s += _FRAME_S
        if now_s - self._next_s > _LATE_FRAMES * _FRAME_S:
            self._next_s = now_s + _FRAME_S
        self._agenda.after(max(0.0, self._next_s - now_s), self._tick)

    def _tick(self) -> None:
        now_s = self._clock_s()
        for line in list(self._lines):
            self._move(line, now_s)
        if self._lines:
            self._arm(now_s)

    def _move(self, line: _Line, now_s: float) -> None:
        leg = line.leg
        # The frame that ends now; behind or ahead by too much, jump to the present.
        due = leg.position(now_s) - FRAME_SAMPLES
        if abs(due - line.position) > _LATE_FRAMES * FRAME_SAMPLES:
            line.position = due
        line.media.deliver(leg.said.read(line.position, FRAME_SAMPLES), now_s)
        frame = line.media.next_frame()
        if frame is not None:
            leg.heard.add(line.position, frame)
        line.position += FRAME_SAMPLES
        if leg.tape is None:
            leg.said.forget(line.position)
            leg.heard.forget(line.position)
        began = line.detector.push(frame)
        if began is not None and leg.presence is not None:
            leg.presence.notice(HeardSpeech() if began else SpeechOver())
