from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kernel.clock import VirtualClock
from runtime.housekeeping import SPEECH_KEPT, housekeeping, prune_speech

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def speech(folder: Path, name: str, age: timedelta) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    moment = (NOW - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_only_old_speech_goes(tmp_path: Path) -> None:
    minute = timedelta(minutes=1)
    old = [speech(tmp_path, f"{n}/a.wav", SPEECH_KEPT + minute) for n in range(3)]
    young = speech(tmp_path, "0/b.wav", SPEECH_KEPT - minute)
    other = speech(tmp_path, "0/notes.txt", SPEECH_KEPT + minute)
    assert prune_speech(tmp_path, NOW) == len(old)
    assert not any(path.exists() for path in old)
    assert young.exists()
    assert other.exists()


def test_a_cache_that_was_never_made_is_no_fault(tmp_path: Path) -> None:
    assert prune_speech(tmp_path / "missing", NOW) == 0


async def test_jobs_end_with_the_product(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with housekeeping(tmp_path, VirtualClock()):
        pass
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
