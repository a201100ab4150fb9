"""Labelled speech through a simulated telephone line.

eSpeak voices say every word; the line limits the band to 250-3500 Hz, adds coloured noise and
codes in mu-law (ITU-T G.711).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, resample_poly, sosfilt

from robot.audio import PCM_PEAK, TELEPHONE_HZ, Samples, to_int16
from robot.tinymodel.features import FRAMES_PER_S, Features, mfcc
from robot.tinymodel.vocabulary import (
    ENGLISH,
    ENGLISH_ACCENTS,
    MANDARIN,
    MANDARIN_ACCENT,
    OTHER_ENGLISH,
    OTHER_MANDARIN,
    UNKNOWN,
)

_Wave = npt.NDArray[np.float64]

# 22,050 Hz to 8,000 Hz.
_UP, _DOWN = 160, 441
_AUDIBLE = 0.01
_MU = 255.0
_TELEPHONE_BAND = butter(4, [250, 3500], "bandpass", fs=TELEPHONE_HZ, output="sos")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One word as heard on the line.

    Attributes:
        word: a member of `vocabulary.WORDS`.
        samples: 8 kHz int16, shape (n,).
        features: `mfcc(samples)`.
        speech: first and one-past-last feature frame that hold the word.
    """

    word: str
    samples: Samples
    features: Features
    speech: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Request:
    text: str
    voice: str
    rate_wpm: int
    pitch: int


def record(
    variants: Sequence[str], takes: int, seed: int, snr_db: float | None = None
) -> list[Utterance]:
    """Every word, in every voice variant, `takes` times.

    Args:
        variants: eSpeak voice variants, such as "+f2".
        takes: repetitions with another pace, pitch, loudness and noise.
        seed: makes everything repeatable.
        snr_db: signal-to-noise ratio; None draws 12 to 40 dB anew for each take.
    """
    rng = np.random.default_rng(seed)
    lines = list(_lines(variants, takes, rng))
    spoken = _speak([request for _, request in lines])
    return [
        _through_telephone(word, wave, line_rng, snr_db)
        for (word, _), wave, line_rng in zip(lines, spoken, rng.spawn(len(lines)), strict=True)
    ]


def _lines(
    variants: Sequence[str], takes: int, rng: np.random.Generator
) -> Iterator[tuple[str, _Request]]:
    english = [(word, word) for word in ENGLISH] + [(UNKNOWN, text) for text in OTHER_ENGLISH]
    mandarin = [(word, word) for word in MANDARIN] + [(UNKNOWN, text) for text in OTHER_MANDARIN]
    for word, text in english + mandarin:
        accents = ENGLISH_ACCENTS if text.isascii() else (MANDARIN_ACCENT,)
        for variant in variants:
            for _ in range(takes):
                voice = str(rng.choice(accents)) + variant
                pace, pitch = int(rng.integers(130, 210)), int(rng.integers(35, 70))
                yield word, _Request(text, voice, pace, pitch)


def _speak(requests: Sequence[_Request]) -> Iterator[_Wave]:
    """Let the voice worker say everything; waves at 22,050 Hz between -1 and 1."""
    lines = "".join(json.dumps(asdict(request)) + "\n" for request in requests)
    worker = subprocess.run(
        [sys.executable, "-m", "robot.tinymodel.voice_worker"],
        input=lines.encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    answer, at = worker.stdout, 0
    for _ in requests:
        count = int.from_bytes(answer[at : at + 4], "little")
        yield np.frombuffer(answer, "<i2", count, at + 4) / (PCM_PEAK + 1)
        at += 4 + 2 * count


def _through_telephone(
    word: str, wave: _Wave, rng: np.random.Generator, snr_db: float | None
) -> Utterance:
    loud = _trimmed(resample_poly(wave, _UP, _DOWN))
    loud = loud * (rng.uniform(0.1, 0.5) / max(1e-6, float(np.abs(loud).max())))
    before, after = int(rng.uniform(1200, 3200)), int(rng.uniform(1600, 4000))
    line = sosfilt(_TELEPHONE_BAND, np.pad(loud, (before, after)))
    noisy = line + _noise(line, rng.uniform(12, 40) if snr_db is None else snr_db, rng)
    samples = to_int16(_mu_law(noisy) * PCM_PEAK)
    features = mfcc(samples)
    count = len(features)
    first = max(1, before * FRAMES_PER_S // TELEPHONE_HZ - 1)
    end = count - after * FRAMES_PER_S // TELEPHONE_HZ
    return Utterance(word, samples, features, (first, min(count - 1, max(first + 5, end))))


def _trimmed(wave: _Wave) -> _Wave:
    audible = np.flatnonzero(np.abs(wave) > _AUDIBLE * np.abs(wave).max(initial=1e-6))
    return wave[audible[0] : audible[-1] + 1] if len(audible) else wave


def _noise(line: _Wave, snr_db: float, rng: np.random.Generator) -> _Wave:
    """Noise between white and pink, `snr_db` below the power of the audible samples."""
    audible = line[np.abs(line) > _AUDIBLE]
    power = float(np.mean(audible**2)) if len(audible) else 1e-3
    spectrum = np.fft.rfft(rng.standard_normal(len(line)))
    tilt = np.maximum(np.arange(len(spectrum)), 1) ** rng.uniform(0, 0.6)
    noise = np.fft.irfft(spectrum / tilt, len(line))
    scale: float = np.sqrt(power / 10 ** (snr_db / 10) / np.mean(noise**2))
    return noise * scale


def _mu_law(wave: _Wave) -> _Wave:
    """Code to 8 bits and back, as the network does between two exchanges."""
    clipped = np.clip(wave, -1, 1)
    coded = np.sign(clipped) * np.log1p(_MU * np.abs(clipped)) / np.log1p(_MU)
    steps = np.round((coded + 1) * 127.5) / 127.5 - 1
    decoded: _Wave = np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(_MU)) / _MU
    return decoded
