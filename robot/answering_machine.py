"""Did a person or a machine answer? A verdict from the first seconds after the answer.

People say a short hello and wait; machines read a long greeting and beep. The thresholds follow
what Asterisk's AMD and its successors use: a greeting beyond 3.5 s, a pause of 0.6 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from robot.audio import FRAME_S, FRAME_SAMPLES, TELEPHONE_HZ, Samples, level_dbfs
from robot.vad import VoiceDetector

_BIN_HZ = TELEPHONE_HZ / FRAME_SAMPLES
_WINDOW: npt.NDArray[np.float64] = np.hanning(FRAME_SAMPLES)
# A tone's power lies within two bins to each side of its peak under a Hann window.
_LOBE_BINS = 2
_ROUNDING_S = 1e-6


class Answerer(StrEnum):
    """Who answered. Callers treat `UNKNOWN` as a person, but tell it nothing private."""

    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AnswererOptions:
    """Thresholds.

    Attributes:
        greeting_s: unbroken speech beyond this is a machine's greeting.
        hello_min_s: less speech is a click or a breath.
        pause_s: this much silence after a hello means that somebody waits for us.
        limit_s: after this time the verdict is `UNKNOWN`.
        beep_s: a pure tone this long after speech is a machine.
        beep_hz: lowest and highest frequency of a beep.
        beep_purity: share of a frame's power that lies in the tone.
        beep_drift_hz: how far a tone's frequency may move between two frames.
        beep_dbfs: quieter tones are noise.
    """

    greeting_s: float = 3.5
    hello_min_s: float = 0.1
    pause_s: float = 0.6
    limit_s: float = 5.0
    beep_s: float = 0.15
    beep_hz: tuple[float, float] = (400.0, 2600.0)
    beep_purity: float = 0.95
    beep_drift_hz: float = 20.0
    beep_dbfs: float = -40.0


class BeepDetector:
    """Finds a steady pure tone; also tells when to leave a message."""

    def __init__(self, options: AnswererOptions = AnswererOptions()) -> None:
        self._options = options
        self._last_hz: float | None = None
        self._lasted_s = 0.0

    @property
    def in_tone(self) -> bool:
        """Whether the last frame was a pure tone."""
        return self._last_hz is not None

    def push(self, frame: Samples) -> bool:
        """Whether a tone has now lasted long enough to be a beep."""
        found_hz = self._tone_hz(frame)
        steady = (
            found_hz is not None
            and self._last_hz is not None
            and abs(found_hz - self._last_hz) <= self._options.beep_drift_hz
        )
        if found_hz is None:
            self._lasted_s = 0.0
        else:
            self._lasted_s = self._lasted_s + FRAME_S if steady else FRAME_S
        self._last_hz = found_hz
        return self._lasted_s >= self._options.beep_s - _ROUNDING_S

    def _tone_hz(self, frame: Samples) -> float | None:
        if level_dbfs(frame) < self._options.beep_dbfs:
            return None
        power = np.square(np.abs(np.fft.rfft(frame * _WINDOW)))
        peak = int(power.argmax())
        lobe = slice(max(0, peak - _LOBE_BINS), peak + _LOBE_BINS + 1)
        in_lobe = power[lobe]
        if in_lobe.sum() < self._options.beep_purity * power.sum():
            return None
        bins = np.arange(lobe.start, lobe.start + len(in_lobe))
        found_hz = float((bins * in_lobe).sum() / in_lobe.sum()) * _BIN_HZ
        lowest, highest = self._options.beep_hz
        return found_hz if lowest <= found_hz <= highest else None


class AnswererDetector:
    """Decides once per call.

    Args:
        answered_at_s: when the call was answered, on the same clock as the frames.
        options: thresholds.
    """

    def __init__(self, answered_at_s: float, options: AnswererOptions = AnswererOptions()) -> None:
        self._options = options
        self._voice = VoiceDetector()
        self._beep = BeepDetector(options)
        self._began_s: float | None = None
        self._spoken_until_s = answered_at_s
        self._spoken_s = 0.0
        self.deadline_s = answered_at_s + options.limit_s
        self.verdict: Answerer | None = None

    def push(self, frame: Samples, at_s: float) -> Answerer | None:
        """Take the frame that began at `at_s`; the verdict as soon as there is one."""
        if self.verdict is None:
            self.verdict = self._judge(frame, at_s)
        return self.verdict or self.tick(at_s + FRAME_S)

    def tick(self, now_s: float) -> Answerer | None:
        """Time passed; at `deadline_s` the verdict falls without frames."""
        if self.verdict is None and now_s >= self.deadline_s - _ROUNDING_S:
            self.verdict = Answerer.UNKNOWN
        return self.verdict

    def _judge(self, frame: Samples, at_s: float) -> Answerer | None:
        beep = self._beep.push(frame)
        voiced = self._voice.push(frame) and not self._beep.in_tone
        if beep and self._spoken_s >= self._options.hello_min_s:
            return Answerer.MACHINE
        if voiced:
            return self._spoke(at_s)
        if self._beep.in_tone:
            # A tone may become a beep; it is no pause in which somebody waits for us.
            self._spoken_until_s = max(self._spoken_until_s, at_s)
            return None
        return self._paused(at_s + FRAME_S)

    def _spoke(self, at_s: float) -> Answerer | None:
        if self._began_s is None:
            self._began_s = at_s
        self._spoken_until_s = at_s + FRAME_S
        self._spoken_s += FRAME_S
        lasted_s = self._spoken_until_s - self._began_s
        return Answerer.MACHINE if lasted_s > self._options.greeting_s else None

    def _paused(self, now_s: float) -> Answerer | None:
        if self._began_s is None or now_s - self._spoken_until_s < self._options.pause_s:
            return None
        if self._spoken_s >= self._options.hello_min_s:
            return Answerer.HUMAN
        self._began_s, self._spoken_s = None, 0.0
        return None
