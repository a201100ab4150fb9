from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from dialer.journal import CONGESTED_AT, Entry, WriteJournal
from dialer.ports import AttemptUpdate, EngineStore, SeatChange
from dialer.seat import SeatState
from kernel.call import AttemptState
from kernel.clock import VirtualClock
from kernel.errors import CommitUnknownError, InputError, UnavailableError
from kernel.ids import AgentId, AttemptId, CampaignId
from kernel.service import TaskOwner
from kernel.virtual_time import run_virtual

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def update(number: int) -> AttemptUpdate:
    return AttemptUpdate(AttemptId(UUID(int=number)), AttemptState.RINGING, NOON)


SEAT = SeatChange(AgentId(UUID(int=1)), CampaignId(UUID(int=2)), SeatState.READY, NOON)


class Paper:
    """The part of the store that a journal writes on."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.refuses: set[AttemptId] = set()
        self.written: list[object] = []
        self.slow_s = 0.0

    async def record(self, updates: Sequence[AttemptUpdate]) -> None:
        await asyncio.sleep(self.slow_s)
        if self.errors:
            raise self.errors.pop(0)
        if any(u.attempt in self.refuses for u in updates):
            raise InputError("this update cannot be")
        self.written += updates

    async def change_seat(self, change: SeatChange) -> None:
        await asyncio.sleep(self.slow_s)
        self.written.append(change)


async def with_journal(paper: Paper) -> tuple[WriteJournal, TaskOwner]:
    store: EngineStore = paper  # type: ignore[assignment] # all that a journal uses here
    journal = WriteJournal(store, VirtualClock(loop=asyncio.get_running_loop()))
    owner = TaskOwner("journal")
    owner.start("writer", journal.run())
    return journal, owner


@pytest.mark.parametrize("error", [UnavailableError("away"), CommitUnknownError("in doubt")])
def test_everything_is_written_in_order_however_often_it_takes(error: Exception) -> None:
    async def story() -> None:
        paper = Paper(*[error] * 5)
        journal, owner = await with_journal(paper)
        entries: list[Entry] = [update(1), update(2), SEAT, update(3)]
        for entry in entries:
            journal.put(entry)
        assert journal.attempts() == {AttemptId(UUID(int=n)) for n in (1, 2, 3)}
        await journal.flush()
        assert paper.written == entries
        assert len(journal) == 0
        await owner.aclose()

    run_virtual(story())


def test_one_refused_update_takes_no_other_along() -> None:
    async def story() -> None:
        paper = Paper()
        paper.refuses = {AttemptId(UUID(int=2))}
        journal, owner = await with_journal(paper)
        for number in (1, 2, 3):
            journal.put(update(number))
        journal.put(SEAT)
        await journal.flush()
        assert paper.written == [update(1), update(3), SEAT]
        await owner.aclose()

    run_virtual(story())


def test_a_flush_waits_for_what_was_there_and_not_for_what_keeps_coming() -> None:
    async def story() -> None:
        paper = Paper()
        paper.slow_s = 0.01
        journal, owner = await with_journal(paper)

        async def never_quiet() -> None:
            while True:
                journal.put(SEAT)
                await asyncio.sleep(0.004)

        owner.start("noise", never_quiet())
        await asyncio.sleep(1.0)
        async with asyncio.timeout(10.0):
            await journal.flush()
        assert len(journal) > 0
        await owner.aclose()

    run_virtual(story())


def test_too_many_waiting_writes_are_congestion() -> None:
    async def story() -> None:
        journal, owner = await with_journal(Paper())
        for number in range(CONGESTED_AT):
            assert not journal.congested
            journal.put(update(number))
        assert journal.congested
        await journal.flush()
        assert not journal.congested
        await owner.aclose()

    run_virtual(story())
