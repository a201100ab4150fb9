from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from kernel.clock import VirtualClock
from kernel.conversation import AnsweredCall, Conversation
from kernel.errors import CommitUnknownError, PeerError, UnavailableError
from kernel.ids import AttemptId
from kernel.virtual_time import run_virtual
from robot.keeper import Keeper
from tests.robot.stage import START, answered_call


@dataclass
class Journal:
    """Fails with the errors it is given, one for each try, then stores."""

    errors: list[Exception] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    tries: int = 0

    async def save_conversation(self, conversation: Conversation) -> None:
        self._try()
        self.stored.append(conversation.outcome)

    async def opt_out(self, call: AnsweredCall, reason: str) -> None:
        self._try()
        self.stored.append(f"opt-out {reason}")

    def _try(self) -> None:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)


def conversation(outcome: str) -> Conversation:
    return Conversation(AttemptId(UUID(int=1)), outcome)


def with_keeper(journal: Journal, act: Callable[[Keeper, VirtualClock], Awaitable[None]]) -> None:
    async def run() -> None:
        clock = VirtualClock(START, asyncio.get_running_loop())
        keeper = Keeper(journal, clock)
        await act(keeper, clock)
        await keeper.aclose()

    run_virtual(run())


def test_writes_keep_their_order_and_opt_outs_come_first() -> None:
    async def act(keeper: Keeper, clock: VirtualClock) -> None:
        for outcome in ("one", "two", "three"):
            keeper.save(conversation(outcome))
        keeper.opt_out(answered_call({}), "asked")
        await keeper.flush()

    journal = Journal()
    with_keeper(journal, act)
    assert journal.stored == ["opt-out asked", "one", "two", "three"]


@pytest.mark.parametrize("error", [UnavailableError, CommitUnknownError])
def test_a_database_that_is_away_is_tried_again_ever_more_slowly(
    error: type[Exception],
) -> None:
    async def act(keeper: Keeper, clock: VirtualClock) -> None:
        keeper.save(conversation("one"))
        await keeper.flush()
        assert clock.monotonic() == pytest.approx(0.1 + 0.2 + 0.4)

    journal = Journal([error("away"), error("away"), error("away")])
    with_keeper(journal, act)
    assert journal.stored == ["one"]


@pytest.mark.parametrize("error", [PeerError("refused"), ValueError("a defect")])
def test_notes_that_are_refused_do_not_keep_back_others(error: Exception) -> None:
    async def act(keeper: Keeper, clock: VirtualClock) -> None:
        keeper.save(conversation("one"))
        keeper.save(conversation("two"))
        await keeper.flush()

    journal = Journal([error])
    with capture_logs() as logs:
        with_keeper(journal, act)
    assert journal.stored == ["two"]
    assert [entry["log_level"] for entry in logs] == ["error"]


def test_stopping_stores_what_is_queued() -> None:
    async def act(keeper: Keeper, clock: VirtualClock) -> None:
        keeper.save(conversation("one"))

    journal = Journal([UnavailableError("away")])
    with_keeper(journal, act)
    assert journal.stored == ["one"]


def test_stopping_does_not_wait_for_ever() -> None:
    async def act(keeper: Keeper, clock: VirtualClock) -> None:
        keeper.save(conversation("one"))
        keeper.save(conversation("two"))
        await keeper.aclose(within_s=7.0)
        assert clock.monotonic() == pytest.approx(7.0)

    journal = Journal([UnavailableError("away") for _ in range(1000)])
    with capture_logs() as logs:
        run_virtual(_alone(journal, act))
    assert logs[-1]["writes"] == 2


async def _alone(journal: Journal, act: Callable[[Keeper, VirtualClock], Awaitable[None]]) -> None:
    clock = VirtualClock(START, asyncio.get_running_loop())
    await act(Keeper(journal, clock), clock)
