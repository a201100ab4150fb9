from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dialer.campaign_runner import ABANDONMENT_PROMPT
from kernel.errors import UnavailableError
from robot.audio import TELEPHONE_HZ
from robot.prompts import read_wav
from runtime.messages import ensure_messages
from tests.runtime.silent_speech import HummingSpeech


async def test_the_message_is_spoken_once_in_both_languages(tmp_path: Path) -> None:
    speech = HummingSpeech()
    await ensure_messages(tmp_path, speech)
    assert [voice.language for _, voice in speech.said] == ["zh", "en"]
    message = read_wav(tmp_path / f"{ABANDONMENT_PROMPT}.wav")
    assert message.rate_hz == TELEPHONE_HZ
    assert np.count_nonzero(message.samples) == sum(
        len(text) * TELEPHONE_HZ // 10 for text, _ in speech.said
    )
    await ensure_messages(tmp_path, speech)
    assert len(speech.said) == 2


async def test_a_recording_of_the_users_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / f"{ABANDONMENT_PROMPT}.wav"
    path.write_bytes(b"the user's own")
    speech = HummingSpeech()
    await ensure_messages(tmp_path, speech)
    assert path.read_bytes() == b"the user's own"
    assert not speech.said


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError):
        await ensure_messages(tmp_path / "file", HummingSpeech())
