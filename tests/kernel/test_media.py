from __future__ import annotations

import pytest

from kernel.media import FRAME_MS, FRAME_SAMPLES, RATE_HZ, MediaStream
from telephony_adapter.asterisk.media import AsteriskMedia
from telephony_adapter.simulated.media import SimulatedMedia
from tests.ports import missing_from


def test_a_frame_is_twenty_milliseconds() -> None:
    assert FRAME_SAMPLES * 1000 == RATE_HZ * FRAME_MS == 160_000


@pytest.mark.parametrize("stream", [AsteriskMedia, SimulatedMedia])
def test_every_stream_offers_the_whole_port(stream: type) -> None:
    assert missing_from(MediaStream, stream) == []
