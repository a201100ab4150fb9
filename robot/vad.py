"""Is somebody speaking in this frame? WebRTC's detector, gated by energy.

WebRTC's detector (mode 3) takes the robot's own echo for speech when the line returns it with
less than about 20 dB loss, so that the robot would interrupt itself. While the robot talks, a
frame must therefore stand 6 dB above the echo that is to be expected.
"""

from __future__ import annotations

from dataclasses import dataclass

import webrtcvad

from robot.audio import FRAME_S, FRAME_SAMPLES, TELEPHONE_HZ, Samples, level_dbfs

_AGGRESSIVE = 3
_NOTHING_DBFS = -96.0


@dataclass(frozen=True, slots=True)
class VoiceOptions:
    """Levels in dB, speeds in dB per second.

    Attributes:
        floor_dbfs: quieter frames are never speech.
        echo_margin_db: how far speech must stand above the expected echo.
        echo_decay_db_s: how fast the echo of a sound played earlier fades; covers its delay.
        coupling_db: heard echo against played sound, at first; then learned within the limits.
        coupling_limits_db: lowest and highest coupling that is believed.
        coupling_fall_db_s, coupling_rise_db_s: speed of learning. Rising is slow, because the
            caller's own voice looks like coupling, too.
    """

    floor_dbfs: float = -50.0
    echo_margin_db: float = 6.0
    echo_decay_db_s: float = 60.0
    coupling_db: float = -20.0
    coupling_limits_db: tuple[float, float] = (-40.0, -6.0)
    coupling_fall_db_s: float = 20.0
    coupling_rise_db_s: float = 5.0


class EchoEstimate:
    """The level at which the robot's own voice may come back."""

    def __init__(self, options: VoiceOptions) -> None:
        self._options = options
        self._coupling_db = options.coupling_db
        self._played_dbfs = _NOTHING_DBFS
        self._heard_dbfs = _NOTHING_DBFS

    def push(self, heard_dbfs: float, played_dbfs: float | None) -> float:
        """Take one frame's levels and return the expected echo in dBFS.

        Args:
            heard_dbfs: what came from the line.
            played_dbfs: what the robot played meanwhile; None when it is silent.
        """
        fade = self._options.echo_decay_db_s * FRAME_S
        played = _NOTHING_DBFS if played_dbfs is None else played_dbfs
        self._played_dbfs = max(self._played_dbfs - fade, played)
        # Both fade alike, or every gap between syllables would look like a line without echo.
        self._heard_dbfs = max(self._heard_dbfs - fade, heard_dbfs)
        expected = self._played_dbfs + self._coupling_db
        if played > self._options.floor_dbfs:
            self._learn(self._heard_dbfs - self._played_dbfs)
        return expected

    def _learn(self, coupling_db: float) -> None:
        options = self._options
        down = self._coupling_db - options.coupling_fall_db_s * FRAME_S
        up = self._coupling_db + options.coupling_rise_db_s * FRAME_S
        lowest, highest = options.coupling_limits_db
        self._coupling_db = min(max(coupling_db, down, lowest), up, highest)


class VoiceDetector:
    """Tells speech from silence and echo, frame by frame, for one call."""

    def __init__(self, options: VoiceOptions = VoiceOptions()) -> None:
        self._options = options
        self._webrtc = webrtcvad.Vad(_AGGRESSIVE)
        self._echo = EchoEstimate(options)

    def push(self, heard: Samples, played: Samples | None = None) -> bool:
        """Whether the caller speaks in this frame.

        Args:
            heard: int16 of shape (160,) from the line.
            played: the frame the robot played at the same time; None when it is silent.
        """
        if heard.shape != (FRAME_SAMPLES,):
            raise ValueError(f"a frame is {FRAME_SAMPLES} samples, not of shape {heard.shape}")
        level = level_dbfs(heard)
        echo = self._echo.push(level, None if played is None else level_dbfs(played))
        # The detector keeps a history of its own, so it must see every frame.
        voiced = self._webrtc.is_speech(heard.tobytes(), TELEPHONE_HZ)
        gate = max(self._options.floor_dbfs, echo + self._options.echo_margin_db)
        return bool(voiced) and level > gate
