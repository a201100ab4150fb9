"""Timed housekeeping. Whatever can ring a telephone goes through the claim, never through here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from kernel.clock import Clock

log = structlog.get_logger(__name__)

#: Spoken texts with somebody's name in them are personal data: not kept longer than needed.
SPEECH_KEPT = timedelta(days=30)


def prune_speech(folder: Path, now: datetime) -> int:
    """Delete cached speech that nobody has needed for `SPEECH_KEPT`; return how many files."""
    oldest = now - SPEECH_KEPT
    stale = [
        path
        for path in folder.glob("*/*.wav")
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < oldest
    ]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


@asynccontextmanager
async def housekeeping(data: Path, clock: Clock) -> AsyncIterator[None]:
    """Run the jobs while the product serves."""

    async def prune() -> None:
        pruned = await asyncio.to_thread(prune_speech, data / "speech", clock.now())
        log.info("speech cache pruned", files=pruned)

    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(prune, "cron", hour=3, id="prune-speech", coalesce=True)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
