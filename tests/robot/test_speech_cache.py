from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from kernel.errors import InputError
from robot.audio import Audio
from robot.prompts import read_wav
from robot.speech_cache import SpeechCache
from robot.tts import Pyttsx3Speech, Speech, Voice, speakable

ZH = Voice("zh")


class CountingSpeech:
    """Says each text as a constant of its length, and remembers what it was asked."""

    def __init__(self, version: str = "1") -> None:
        self.asked: list[tuple[str, Voice]] = []
        self._version = version

    async def version(self) -> str:
        return self._version

    async def synthesize(self, text: str, voice: Voice) -> Audio:
        self.asked.append((text, voice))
        clean = speakable(text)
        await asyncio.to_thread(len, clean)
        return Audio(8000, np.full(100 * len(clean), len(self.asked), np.int16))


def _kept(folder: Path) -> list[Path]:
    return list(folder.rglob("*.wav"))


@pytest.fixture
def engine() -> CountingSpeech:
    return CountingSpeech()


@pytest.fixture
async def cache(engine: CountingSpeech, tmp_path: Path) -> AsyncIterator[SpeechCache]:
    made = SpeechCache(engine, tmp_path)
    yield made
    await made.aclose()


async def test_real_speech_survives_a_restart(tmp_path: Path) -> None:
    async with Pyttsx3Speech() as engine:
        first = SpeechCache(engine, tmp_path)
        assert await first.prerender(["您好", "再见", "您好"], ZH) == 2
        sound = await first.synthesize("您好", ZH)
        second = SpeechCache(engine, tmp_path)
        assert await second.prerender(["您好", "再见"], ZH) == 0
        again = await second.synthesize("您好", ZH)
    assert np.array_equal(again.samples, sound.samples)
    assert len(sound.samples) > 3000


async def test_a_text_is_spoken_once_per_voice(cache: SpeechCache, engine: CountingSpeech) -> None:
    for _ in range(3):
        await cache.synthesize("a", ZH)
        await cache.synthesize("a", Voice("zh", "f2"))
    assert engine.asked == [("a", ZH), ("a", Voice("zh", "f2"))]


async def test_another_engine_version_speaks_anew(tmp_path: Path) -> None:
    for version in ("1", "2"):
        engine = CountingSpeech(version)
        await SpeechCache(engine, tmp_path).synthesize("a", ZH)
        assert len(engine.asked) == 1
    assert len(_kept(tmp_path)) == 2


async def test_callers_at_the_same_time_share_one_synthesis(
    cache: SpeechCache, engine: CountingSpeech
) -> None:
    sounds = await asyncio.gather(*(cache.synthesize("same", ZH) for _ in range(20)))
    assert len(engine.asked) == 1
    assert all(sound is sounds[0] for sound in sounds)


async def test_a_caller_who_leaves_does_not_take_the_sound_along(
    cache: SpeechCache, engine: CountingSpeech
) -> None:
    await cache.version()
    leaving = asyncio.ensure_future(cache.synthesize("same", ZH))
    staying = asyncio.ensure_future(cache.synthesize("same", ZH))
    await asyncio.wait([leaving], timeout=0)
    leaving.cancel()
    assert len((await staying).samples) == 400
    assert len(engine.asked) == 1


async def test_memory_is_bounded_and_the_folder_helps_out(
    engine: CountingSpeech, tmp_path: Path
) -> None:
    cache = SpeechCache(engine, tmp_path, memory_items=2)
    sounds = {text: await cache.synthesize(text, ZH) for text in "abc"}
    assert await cache.synthesize("c", ZH) is sounds["c"]
    from_file = await cache.synthesize("a", ZH)
    assert from_file is not sounds["a"]
    assert np.array_equal(from_file.samples, sounds["a"].samples)
    assert len(engine.asked) == 3


async def test_a_damaged_file_is_spoken_anew_and_replaced(
    engine: CountingSpeech, tmp_path: Path
) -> None:
    await SpeechCache(engine, tmp_path).synthesize("a", ZH)
    (path,) = _kept(tmp_path)
    path.write_bytes(b"half a fi")
    audio = await SpeechCache(engine, tmp_path).synthesize("a", ZH)
    assert np.array_equal(audio.samples, np.full(100, 2))
    assert np.array_equal(read_wav(path).samples, audio.samples)


async def test_a_folder_that_cannot_be_written_does_not_silence_a_call(
    engine: CountingSpeech, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = SpeechCache(engine, tmp_path / "file")
    with capture_logs() as logs:
        assert len((await cache.synthesize("a", ZH)).samples) == 100
        await cache.synthesize("a", ZH)
    assert [entry["event"] for entry in logs] == ["speech not kept"]


async def test_errors_reach_the_caller_and_are_not_kept(
    cache: SpeechCache, engine: CountingSpeech, tmp_path: Path
) -> None:
    for _ in range(2):
        with pytest.raises(InputError, match="too long"):
            await cache.synthesize("好" * 2000, ZH)
    assert len(engine.asked) == 2
    assert len((await cache.synthesize("  ", ZH)).samples) == 0
    assert _kept(tmp_path) == []


async def test_the_cache_is_itself_an_engine(cache: SpeechCache) -> None:
    engine: Speech = cache
    assert await engine.version() == "1"
