"""The whole product is killed in the middle of a campaign, and started again, several times.

Its own database dies with it. The world outside, which lives on, tells whom it was asked for.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from campaigns.allocation import NewAllocation, ToRobot
from campaigns.campaign import CampaignAction, CampaignState, Mode
from campaigns.results import AttemptRow
from kernel.clock import SystemClock
from kernel.ids import AllocationId, CampaignId
from lab.number_plan import Behaviour, mobile
from lab.rig import Rig
from lists.filters import EVERYTHING
from runtime.database import open_store
from runtime.installation import new_ids, prepare_folders
from runtime.settings import Settings
from tests.end_to_end.stage import (
    SCRIPT,
    calls_to,
    import_rows,
    no_channels,
    plan,
    publish,
    settings_on,
)
from tests.runtime.serving import Served

pytestmark = [pytest.mark.switch, pytest.mark.slow]
log = logging.getLogger(__name__)

SEED = 20261120
KILLS = 3
GAP_S = 6.0
ATTEMPTS = 2
#: So soon after its start the product is killed.
LIVES_S = (2.5, 7.0)
#: Every call of a dead engine has its result so soon after the next start.
RESULT_WITHIN_S = 60.0
PEOPLE = (
    Behaviour.PRESSES_1,
    Behaviour.PRESSES_2,
    Behaviour.SILENT,
    Behaviour.TALKS,
    Behaviour.BUSY,
    Behaviour.RINGS_FOREVER,
    Behaviour.REJECTS,
    Behaviour.NOT_FOUND,
    Behaviour.SONG,
    Behaviour.HANGS_UP,
    Behaviour.VACANT,
    Behaviour.UNAVAILABLE,
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that the database's user can enter."""
    path = Path(tempfile.mkdtemp(prefix="waihu-kill-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@dataclass
class Lives:
    """The product's processes, one after the other.

    Attributes:
        ready_at: when each of them was ready.
    """

    folder: Path
    rig: Rig
    ready_at: list[datetime] = field(default_factory=list)

    def begin(self) -> Served:
        served = Served(self.folder, WAIHU_SWITCH=self.rig.switch.address)
        try:
            served.wait_ready()
        except BaseException:
            served.close()
            raise
        self.ready_at.append(datetime.now(UTC))
        return served


def numbers(rng: Random) -> list[str]:
    found = [mobile(who, half_seconds=3, suffix=8000 + n) for who in PEOPLE for n in range(3)]
    rng.shuffle(found)
    return found


async def prepare(settings: Settings, called: list[str]) -> CampaignId:
    """A campaign that is started as soon as the product is."""
    prepare_folders(settings)
    ids = new_ids(SystemClock())
    async with open_store(settings) as opened:
        store = opened.store
        people: list[list[object]] = [["x", number] for number in called]
        report = await import_rows(store, ids, "killed", [["name", "phone"], *people])
        assert report.batch is not None
        script = await publish(store, ids, SCRIPT.read_text(encoding="utf-8"))
        wanted = plan("killed", Mode.ROBOT, attempts=ATTEMPTS, gap_s=GAP_S, script=script)
        campaign = CampaignId(ids.new())
        await store.create_campaign(campaign, replace(wanted, lines=10))
        await store.allocate(
            NewAllocation(AllocationId(ids.new()), campaign, report.batch, ToRobot(), EVERYTHING)
        )
        await store.act(campaign, CampaignAction.START)
    return campaign


async def test_killed_three_times(rig: Rig, folder: Path) -> None:
    await asyncio.to_thread(rig.hang_up_all)
    rng, clock = Random(SEED), SystemClock()
    settings, called = settings_on(rig, folder / "data"), numbers(rng)
    campaign = await prepare(settings, called)
    lives = Lives(folder, rig)
    begun_s = clock.monotonic()
    for _ in range(KILLS):
        served = lives.begin()
        await clock.sleep(rng.uniform(*LIVES_S))
        assert any(call.ended_at is None for call in calls_to(rig, called)), "nothing to kill"
        served.end(signal.SIGKILL)
        served.close()
    served = lives.begin()
    try:
        calls = await _until_over(settings, campaign, clock)
    finally:
        log.info("run: %.1f s", clock.monotonic() - begun_s)
        served.end(signal.SIGTERM, within_s=20)
        served.close()
    await no_channels(rig)
    _check_world(rig, called)
    _check_results(rig, lives, called, calls)


async def _until_over(
    settings: Settings, campaign: CampaignId, clock: SystemClock
) -> list[AttemptRow]:
    async with open_store(settings) as opened:
        give_up_s = clock.monotonic() + 100
        while (await opened.store.campaign(campaign)).state is not CampaignState.FINISHED:
            assert clock.monotonic() < give_up_s, await opened.store.summary(campaign)
            await clock.sleep(0.3)
        assert await opened.store.open_attempts(campaign) == []
        return list(await opened.store.attempt_history(campaign))


def _check_world(rig: Rig, called: list[str]) -> None:
    """By the world's log alone: nobody was rung again too soon, or too often."""
    for number in called:
        own = calls_to(rig, {number})
        assert len(own) <= ATTEMPTS, number
        for first, second in pairwise(own):
            assert first.ended_at is not None, number
            assert (second.invited_at - first.ended_at).total_seconds() > GAP_S - 0.5, own


def _check_results(rig: Rig, lives: Lives, called: list[str], calls: list[AttemptRow]) -> None:
    """Everybody was dialed, and whatever rang has a result, soon after the restart."""
    assert {call.number for call in calls} == set(called)
    for number in called:
        own = [call for call in calls if call.number == number]
        assert len(calls_to(rig, {number})) <= len(own) <= ATTEMPTS
    for call in calls:
        assert call.result is not None
        assert call.ended_at is not None
        started = [at for at in lives.ready_at if call.claimed_at < at <= call.ended_at]
        if started:
            assert call.ended_at - started[0] < timedelta(seconds=RESULT_WITHIN_S)
    log.info("results: %s", sorted(str(call.result) for call in calls))
