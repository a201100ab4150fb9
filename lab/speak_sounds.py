"""Make the lab's sounds: `python -m lab.speak_sounds OUT_DIR`.

Runs as a program only. It loads espeak-ng, which is GPL-3.0, and nothing of the product imports
it or is imported by it.
"""

from __future__ import annotations

import ctypes
import sys
import wave
from pathlib import Path
from typing import Any

import espeakng_loader
import numpy as np
import numpy.typing as npt
from scipy import signal

RATE_HZ = 8_000

PHRASES = {
    "hello": "喂,你好,哪位?",
    "goodbye": "好的,我知道了,谢谢,再见。",
    "yes": "可以。",
    "no": "不需要。",
    "vacant": "您好,您拨打的号码是空号,请核对后再拨。",
    "switched-off": "您好,您拨打的电话已关机。",
    "unreachable": "您好,您拨打的电话暂时无法接通,请稍后再拨。",
    "voicemail": "您好,我现在不方便接听电话,请在提示音之后留言。",
}

Samples = npt.NDArray[np.float64]  # shape (n,), full scale is 1

# Names and values of espeak-ng's speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_CHARS_UTF8 = 1
_SYNTH_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Voice:
    """espeak-ng's Mandarin voice."""

    def __init__(self) -> None:
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self._rate_hz = self._library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0)
        if self._rate_hz <= 0 or self._library.espeak_SetVoiceByName(b"cmn") != 0:
            raise SystemExit("espeak-ng has no Mandarin voice (cmn)")
        self._heard: list[npt.NDArray[np.int16]] = []
        self._callback = _SYNTH_CALLBACK(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str) -> Samples:
        """Speak `text`; half scale, 8 kHz."""
        self._heard.clear()
        data = text.encode() + b"\0"
        self._library.espeak_Synth(data, len(data), 0, 1, 0, _CHARS_UTF8, None, None)
        samples = np.concatenate(self._heard).astype(np.float64)
        resampled: Samples = signal.resample_poly(samples, RATE_HZ, self._rate_hz)
        loudest = float(np.abs(resampled).max())
        return resampled * (0.5 / loudest)

    def _hear(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0


def tone(frequency_hz: float, seconds: float, level: float = 0.3) -> Samples:
    """A sine."""
    at_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return level * np.sin(2 * np.pi * frequency_hz * at_s)


def song() -> Samples:
    """Two bars of a ringback song: notes with two overtones, as music has and tones have not."""
    notes_hz = (523.25, 587.33, 659.26, 783.99, 659.26, 587.33, 523.25, 392.0)
    fade = np.exp(-3 * np.linspace(0, 1, int(0.4 * RATE_HZ)))
    bars = [
        fade * (tone(note, 0.4) + tone(2 * note, 0.4, 0.15) + tone(3 * note, 0.4, 0.08))
        for note in notes_hz
    ]
    return np.concatenate(bars)


def comfort_noise(seconds: float = 10.0) -> Samples:
    """Noise 60 dB below full scale: far below what any detector takes for speech."""
    return np.random.default_rng(139).normal(0.0, 0.001, int(seconds * RATE_HZ))


def write_wav(path: Path, samples: Samples) -> None:
    """Write 16-bit mono."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())


def main(out_dir: Path) -> None:
    """Write every sound into `out_dir`."""
    voice = Voice()
    sounds = {name: voice.say(text) for name, text in PHRASES.items()}
    sounds["beep"] = tone(950, 0.4)
    sounds["tone1000"] = tone(1000, 60)
    # Music classes play whole folders.
    sounds["comfort/noise"] = comfort_noise()
    sounds["song/song"] = song()
    sounds["hold/hold"] = song()
    for name, samples in sounds.items():
        write_wav(out_dir / f"{name}.wav", samples)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder]:
            main(Path(folder))
        case _:
            raise SystemExit("usage: python -m lab.speak_sounds OUT_DIR")
