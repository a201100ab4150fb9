"""What calls leave behind, on PostgreSQL: dispositions, recordings, conversations."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from dialer.ports import Disposition, NewRecording
from kernel.call import Result
from kernel.conversation import Conversation
from kernel.ids import AttemptId
from storage.postgres.database import StoreOnDatabase
from storage.postgres.rows import redial_of
from storage.sql import queries

_SQL = queries("engine")


class PostgresCallStore(StoreOnDatabase):
    """The part of the engine's store that is written after a call."""

    async def dispose(self, disposition: Disposition) -> None:
        """Store an agent's disposition; a result of its own also moves the name.

        Raises:
            InputError: no such attempt or agent.
        """
        await self._database.fetch(
            _SQL["save_disposition"],
            disposition.attempt,
            disposition.agent,
            disposition.code,
            disposition.at,
            disposition.result.value if disposition.result else None,
            disposition.note,
        )
        await self._settle_dispute(disposition.attempt)

    async def save_recording(self, recording: NewRecording) -> None:
        """Store a recording's record; repeating it changes nothing."""
        await self._database.fetch(
            _SQL["save_recording"],
            recording.id,
            recording.attempt,
            recording.path,
            recording.seconds,
            recording.at,
        )

    async def save_conversation(self, conversation: Conversation) -> None:
        """Store what a conversation has come to; repeating it changes nothing."""
        await self._database.fetch(
            _SQL["save_conversation"],
            conversation.attempt,
            conversation.outcome,
            dict(conversation.results),
            *_turns(conversation),
            *_answers(conversation),
        )

    async def _settle_dispute(self, attempt: AttemptId) -> None:
        """Let the agent's result stand where it differs from the switch's.

        The rules decide here; the statement stores only if nothing moved in between.
        """
        row = await self._database.fetch_row(_SQL["disputed_result"], attempt)
        if row is None:
            return
        step = redial_of(row).after(Result(row["result"]), row["attempt_no"], row["ended_at"])
        await self._database.fetch(
            _SQL["correct_result"],
            attempt,
            row["result"],
            step.state.value,
            step.due_at,
            self._now(),
        )


def _turns(conversation: Conversation) -> Iterator[list[object]]:
    names = ("seq", "at", "speaker", "text", "source", "confidence")
    return ([getattr(turn, name) for turn in conversation.turns] for name in names)


def _answers(conversation: Conversation) -> Iterator[list[object]]:
    ordered = sorted(conversation.answers, key=attrgetter("at"))
    latest = {answer.question: answer for answer in ordered}.values()
    names = ("question", "value", "raw", "source", "confidence", "at")
    return ([getattr(answer, name) for answer in latest] for name in names)
