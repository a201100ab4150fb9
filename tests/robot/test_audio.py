from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from robot.audio import Audio, Doubler, frames, level_dbfs, resample, to_int16

RATES = (8000, 11025, 16000, 22050, 44100, 48000)


def tone(hz: float, seconds: float, rate_hz: int = 8000, peak: float = 8000.0) -> Audio:
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    return Audio(rate_hz, to_int16(peak * np.sin(2 * np.pi * hz * t)))


@given(st.sampled_from(RATES), st.sampled_from(RATES), st.integers(0, 3000))
def test_resampled_length_is_the_duration_rounded_up(source: int, target: int, count: int) -> None:
    audio = resample(Audio(source, np.ones(count, np.int16)), target)
    assert audio.rate_hz == target
    assert len(audio.samples) == -(-count * target // source)


@pytest.mark.parametrize("rate_hz", RATES)
def test_resampling_keeps_a_tone(rate_hz: int) -> None:
    heard = resample(tone(1000, 0.5, rate_hz)).samples[400:-400]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert spectrum.argmax() * 8000 / len(heard) == pytest.approx(1000, abs=5)
    assert np.abs(heard).max() == pytest.approx(8000, rel=0.02)


def test_resampling_removes_what_a_telephone_cannot_carry() -> None:
    assert level_dbfs(resample(tone(6000, 0.5, 22050)).samples) < -50


@given(st.integers(0, 2000), st.sampled_from((10, 20, 30)))
def test_frames_put_together_are_the_sound_and_silence(count: int, frame_ms: int) -> None:
    samples = np.arange(count).astype(np.int16)
    cut = list(frames(Audio(8000, samples), frame_ms))
    assert all(piece.shape == (8 * frame_ms,) for piece in cut)
    whole = np.concatenate([np.zeros(0, np.int16), *cut])
    assert np.array_equal(whole[:count], samples)
    assert not whole[count:].any()
    assert len(whole) - count < 8 * frame_ms


@given(st.lists(st.integers(0, 300), max_size=8), st.integers(0, 2**31))
def test_doubling_in_any_chunks_is_doubling_at_once(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    pieces = [rng.integers(-9000, 9000, size).astype(np.int16) for size in sizes]
    whole = np.concatenate([np.zeros(0, np.int16), *pieces])
    doubler = Doubler()
    chunked = np.concatenate([np.zeros(0, np.int16), *(doubler.push(p) for p in pieces)])
    assert np.array_equal(chunked, Doubler().push(whole))
    assert len(chunked) == 2 * len(whole)


def test_doubling_keeps_level_and_pitch() -> None:
    heard = Doubler().push(tone(1000, 0.5).samples)[100:]
    spectrum = np.abs(np.fft.rfft(heard))
    assert spectrum.argmax() * 16000 / len(heard) == pytest.approx(1000, abs=5)
    assert np.abs(heard).max() == pytest.approx(8000, rel=0.02)


def test_loud_sound_is_clipped_not_wrapped() -> None:
    assert to_int16(np.array([1e6, -1e6, 0.6])).tolist() == [32767, -32768, 1]


def test_level_of_silence_and_of_full_scale() -> None:
    assert level_dbfs(np.zeros(160, np.int16)) == -96
    assert level_dbfs(np.full(160, 32767, np.int16)) == pytest.approx(0)
    assert level_dbfs(np.zeros(0, np.int16)) == -96


@pytest.mark.parametrize("samples", [np.zeros(3), np.zeros((2, 2), np.int16)])
def test_audio_is_one_row_of_16_bit_samples(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="int16 array"):
        Audio(8000, samples)
    with pytest.raises(ValueError, match="positive"):
        Audio(0, np.zeros(3, np.int16))
    with pytest.raises(ValueError, match="at least one sample"):
        list(frames(Audio(8000, np.zeros(3, np.int16)), 0))
