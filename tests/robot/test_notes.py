from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kernel.clock import VirtualClock
from kernel.virtual_time import run_virtual
from robot.keeper import Keeper
from robot.notes import Notes
from scripts_dsl import AddToSuppression, Answer, Record, Say, SetResult, Text, Wav
from tests.robot.stage import START, JournalTwin, answered_call

Act = Callable[[Notes, JournalTwin, Keeper], Awaitable[None]]


def noting(act: Act) -> JournalTwin:
    async def run() -> JournalTwin:
        clock = VirtualClock(START, asyncio.get_running_loop())
        journal = JournalTwin(clock)
        keeper = Keeper(journal, clock)
        await act(Notes(answered_call({}), keeper, clock), journal, keeper)
        await keeper.aclose()
        return journal

    return run_virtual(run())


def score(value: str) -> Record:
    return Record(Answer("score", value, f"raw {value}", "key", 1.0))


def test_turns_are_numbered_and_each_is_handed_over_once() -> None:
    sizes: list[int] = []

    async def act(notes: Notes, journal: JournalTwin, keeper: Keeper) -> None:
        parts = (Wav("hello.wav", "Hello"), Text(" Ann."))
        notes.robot_said(Say("a#1", parts, "en", True, 600))
        notes.caller_said("", 0.0)
        notes.keep()
        await keeper.flush()
        assert journal.conversation is not None
        sizes.append(len(journal.conversation.turns))
        notes.caller_pressed("5")
        notes.keep("done")
        await keeper.flush()
        sizes.append(len(journal.conversation.turns))

    journal = noting(act)
    assert sizes == [2, 1]
    assert sorted(journal.turns) == [1, 2, 3]
    assert journal.transcript() == ["robot: Hello Ann.", "voice: ", "key: 5"]
    assert journal.outcome == "done"


def test_findings_are_handed_over_when_there_are_new_ones() -> None:
    saved: list[int] = []

    async def act(notes: Notes, journal: JournalTwin, keeper: Keeper) -> None:
        notes.caller_pressed("5")
        notes.keep_findings()
        await keeper.flush()
        saved.append(len(journal.saved_s))
        for value in ("5", "4"):
            notes.take(score(value))
            notes.take(SetResult("score", value))
            notes.keep_findings()
            notes.keep_findings()
            await keeper.flush()
            saved.append(len(journal.saved_s))

    journal = noting(act)
    assert saved == [0, 1, 2]
    assert journal.outcome == "open"
    assert (journal.answers["score"].value, journal.answers["score"].raw) == ("4", "raw 4")
    assert journal.results == {"score": "4"}


def test_an_opt_out_is_stored_without_waiting_for_anything() -> None:
    async def act(notes: Notes, journal: JournalTwin, keeper: Keeper) -> None:
        notes.take(AddToSuppression("asked"))
        await keeper.flush()
        assert journal.opt_outs == [(0.0, "asked")]

    assert noting(act).conversation is None
