"""Progress and aftermath of attempts, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from campaigns.redial import LeadState, NextStep
from dialer.ports import AttemptUpdate, Disposition, NewRecording
from kernel.call import AttemptState
from kernel.conversation import Conversation
from storage.attempt_patch import WITH_RESULT, AttemptPatch, fold, rises
from storage.memory.records import AttemptRecord
from storage.memory.tables import StoreInMemory

_FROM_DOUBT = frozenset({LeadState.READY, LeadState.GAVE_UP})
_CORRECTABLE = frozenset({LeadState.READY, LeadState.DONE, LeadState.GAVE_UP})


class MemoryAttemptStore(StoreInMemory):
    """The part of the engine's store that is written during and after a call."""

    async def record(self, updates: Sequence[AttemptUpdate]) -> None:
        """Apply updates; ranks only rise; ENDED, UNKNOWN and VOID also move the name."""
        for patch in fold(updates):
            attempt = self._tables.attempts.get(patch.attempt)
            if attempt is not None and attempt.state is not AttemptState.VOID:
                self._apply(attempt, patch)

    async def dispose(self, disposition: Disposition) -> None:
        """Store an agent's disposition; a result of its own also moves the name."""
        attempt = self._tables.attempt(disposition.attempt)
        self._tables.require_agent(disposition.agent)
        known = self._tables.dispositions.get(disposition.attempt)
        if known is None or known.at < disposition.at:
            self._tables.dispositions[disposition.attempt] = disposition
        self._settle_dispute(attempt)

    async def save_recording(self, recording: NewRecording) -> None:
        """Store a recording's record; repeating it changes nothing."""
        self._tables.attempt(recording.attempt)
        self._tables.recordings.setdefault(recording.id, recording)

    async def save_conversation(self, conversation: Conversation) -> None:
        """Store what a conversation has come to; repeating it changes nothing."""
        self._tables.attempt(conversation.attempt)
        known = self._tables.conversations.get(
            conversation.attempt, Conversation(conversation.attempt, "open")
        )
        self._tables.conversations[conversation.attempt] = _joined(known, conversation)

    def _apply(self, attempt: AttemptRecord, patch: AttemptPatch) -> None:
        for state, instant in patch.instants.items():
            attempt.instants[state] = min(instant, attempt.instants.get(state, instant))
        attempt.agent = attempt.agent or patch.agent
        before = attempt.state
        if not rises(before, patch.state):
            return
        attempt.state = patch.state
        if patch.state in WITH_RESULT:
            attempt.ended_at, attempt.result = patch.at, patch.result
            attempt.cause, attempt.sip_status = patch.cause, patch.sip_status
        self._tables.log(
            "attempt", attempt.id, before.name.lower(), patch.state.name.lower(), patch.at
        )
        if not attempt.is_open:
            self._tables.open_attempts[attempt.campaign].pop(attempt.id, None)
            self._move_name(attempt, before, patch.next_step)
            self._settle_dispute(attempt)

    def _move_name(
        self, attempt: AttemptRecord, before: AttemptState, step: NextStep | None
    ) -> None:
        lead = attempt.lead
        ours = lead.last_attempt == attempt.id
        if attempt.state is AttemptState.VOID:
            lead.attempts -= 1
            lead.last_attempt = None
            self._tables.move_lead(lead, LeadState.READY, lead.due_at)
            return
        assert step is not None
        from_doubt = before is AttemptState.UNKNOWN and (
            (ours and lead.state in _FROM_DOUBT)
            or (step.state is LeadState.DONE and lead.state is LeadState.READY)
        )
        if from_doubt or (ours and lead.state is LeadState.DIALING):
            self._tables.move_lead(lead, step.state, step.due_at)

    def _settle_dispute(self, attempt: AttemptRecord) -> None:
        disposition = self._tables.dispositions.get(attempt.id)
        told = disposition.result if disposition else None
        if told is None or attempt.result is None or attempt.result is told:
            return
        assert attempt.ended_at is not None
        now = self._tables.now()
        self._tables.log("attempt-result", attempt.id, attempt.result, told, now)
        attempt.result = told
        rules = self._tables.campaign(attempt.campaign).value.plan.redial
        step = rules.after(told, attempt.attempt_no, attempt.ended_at)
        lead = attempt.lead
        if lead.last_attempt == attempt.id and lead.state in _CORRECTABLE:
            self._tables.move_lead(lead, step.state, step.due_at)


def _joined(known: Conversation, told: Conversation) -> Conversation:
    turns = {turn.seq: turn for turn in (*told.turns, *known.turns)}
    answers = sorted((*known.answers, *told.answers), key=attrgetter("at"))
    return replace(
        known,
        outcome=known.outcome if told.outcome == "open" else told.outcome,
        turns=tuple(turns[seq] for seq in sorted(turns)),
        answers=tuple({answer.question: answer for answer in answers}.values()),
        results={**known.results, **told.results},
    )
