"""Speaks many short texts with eSpeak NG; runs as `python -m robot.tinymodel.voice_worker`.

Standard input: one JSON object per line, `{"text", "voice", "rate_wpm", "pitch"}`.
Standard output, per line: a little-endian uint32 count and that many int16 samples at 22,050 Hz.
Synchronous synthesis straight from the library: two thousand words in a few seconds.
"""

from __future__ import annotations

import ctypes
import json
import struct
import sys
from collections.abc import Callable

from robot.espeak_library import load

# speak_lib.h: AUDIO_OUTPUT_SYNCHRONOUS, espeakRATE, espeakPITCH, POS_CHARACTER, espeakCHARS_UTF8
_SYNCHRONOUS = 2
_RATE = 1
_PITCH = 3
_POS_CHARACTER = 1
_CHARS_UTF8 = 1
_SEED = 1

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def speaker() -> Callable[[str, str, int, int], bytes]:
    """Start the library and return a function (text, voice, rate_wpm, pitch) -> samples."""
    library = load()
    espeak = library.handle
    if espeak.espeak_Initialize(_SYNCHRONOUS, 0, str(library.data_path).encode(), 0) <= 0:
        raise RuntimeError("eSpeak NG does not start")
    # Initialisation seeds the breath noise from the clock; training data must be repeatable.
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
    heard = bytearray()

    def collect(samples: object, count: int, _events: object) -> int:
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, count * 2))  # type: ignore[arg-type]  # pointer
        return 0

    callback = _Callback(collect)
    espeak.espeak_SetSynthCallback(callback)

    def say(text: str, voice: str, rate_wpm: int, pitch: int) -> bytes:
        _ = callback  # the library keeps only a bare pointer to it
        heard.clear()
        if espeak.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"eSpeak NG has no voice {voice!r}")
        espeak.espeak_SetParameter(_RATE, rate_wpm, 0)
        espeak.espeak_SetParameter(_PITCH, pitch, 0)
        encoded = text.encode()
        size = ctypes.c_size_t(len(encoded) + 1)
        espeak.espeak_Synth(encoded, size, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        return bytes(heard)

    return say


def main() -> None:
    """Answer every line of standard input."""
    say = speaker()
    for line in sys.stdin:
        request = json.loads(line)
        samples = say(request["text"], request["voice"], request["rate_wpm"], request["pitch"])
        sys.stdout.buffer.write(struct.pack("<I", len(samples) // 2) + samples)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
