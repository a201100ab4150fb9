from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from kernel.media import FRAME_SAMPLES
from telephony_adapter.asterisk.media import Reframer, SilenceFiller


@given(st.lists(st.integers(0, 900), max_size=30))
def test_any_chunks_give_the_same_frames(sizes: list[int]) -> None:
    stream = np.arange(sum(sizes), dtype=np.int64).astype("<u1").tobytes()
    reframer = Reframer()
    frames = []
    start = 0
    for size in sizes:
        frames += reframer.push(stream[start : start + size])
        start += size

    whole = len(stream) // (2 * FRAME_SAMPLES)
    assert len(frames) == whole
    assert all(frame.shape == (FRAME_SAMPLES,) for frame in frames)
    joined = b"".join(frame.tobytes() for frame in frames)
    assert joined == stream[: whole * 2 * FRAME_SAMPLES]


def test_silence_stands_in_after_a_gap_and_keeps_the_beat() -> None:
    filler = SilenceFiller(0.0)
    assert filler.due(0.09) == []
    assert [round(at, 2) for at in filler.due(0.1)] == [0.02, 0.04, 0.06, 0.08, 0.1]
    assert filler.due(0.11) == []
    assert [round(at, 2) for at in filler.due(0.12)] == [0.12]


def test_frames_that_come_need_no_silence() -> None:
    filler = SilenceFiller(0.0)
    for place in range(1, 50):
        filler.heard(place * 0.02)
        assert filler.due(place * 0.02 + 0.05) == []
    assert filler.next_s() > 1.0
