"""Results of a campaign, from memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from campaigns.results import AnswerSheetRow, AttemptRow, CampaignSummary, NameResult
from kernel.call import AttemptState, Result
from kernel.conversation import Conversation
from kernel.ids import BatchId, CampaignId
from storage.memory.records import AttemptRecord, LeadRecord
from storage.memory.tables import StoreInMemory


class MemoryResults(StoreInMemory):
    """What came of a campaign (the reports of `campaigns.ports.CampaignStore`)."""

    async def name_results(
        self, campaign: CampaignId, batch: BatchId | None = None
    ) -> Sequence[NameResult]:
        """What became of each name, by batch and row."""
        return [
            self._name_result(lead)
            for lead in self._tables.leads_of(campaign)
            if batch in {None, lead.batch}
        ]

    async def attempt_history(self, campaign: CampaignId) -> Sequence[AttemptRow]:
        """Every dial of the campaign, by time of its claim; void ones never were."""
        attempts = sorted(self._attempts(campaign), key=lambda a: (a.claimed_at, a.id))
        return [_attempt_row(attempt) for attempt in attempts]

    async def answer_sheet(self, campaign: CampaignId) -> Sequence[AnswerSheetRow]:
        """Every survey answer, by row and time."""
        rows = [
            AnswerSheetRow(
                row=attempt.lead.member.row,
                number=attempt.number.e164,
                question=answer.question,
                value=answer.value,
                raw=answer.raw,
                source=answer.source,
                confidence=answer.confidence,
                answered_at=answer.at,
            )
            for attempt, conversation in self._conversations(campaign)
            for answer in conversation.answers
        ]
        return sorted(rows, key=lambda row: (row.row, row.answered_at, row.question))

    async def summary(self, campaign: CampaignId) -> CampaignSummary:
        """Counts of the campaign."""
        states = {s: n for s, n in self._tables.lead_counts[campaign].items() if n}
        attempts = list(self._attempts(campaign))
        ends = [attempt.ended_at for attempt in attempts if attempt.ended_at is not None]
        return CampaignSummary(
            names=sum(states.values()),
            by_state=states,
            dialed=sum(attempt.state is not AttemptState.INTENT for attempt in attempts),
            answered=sum(attempt.answered_at is not None for attempt in attempts),
            connected=sum(AttemptState.CONNECTED in attempt.instants for attempt in attempts),
            abandoned=sum(_was_abandoned(attempt) for attempt in attempts),
            results=Counter(a.result for a in attempts if a.result is not None),
            survey=self._survey(campaign),
            agent_seconds=self._agent_seconds(campaign),
            talk_s=sum(attempt.talk_s or 0.0 for attempt in attempts),
            first_at=min((attempt.claimed_at for attempt in attempts), default=None),
            last_at=max(ends, default=None),
        )

    def _name_result(self, lead: LeadRecord) -> NameResult:
        last_first = [a for a in reversed(lead.history) if a.state is not AttemptState.VOID]
        conversations = self._tables.conversations
        talked = next((conversations[a.id] for a in last_first if a.id in conversations), None)
        return NameResult(
            batch=lead.batch,
            row=lead.member.row,
            number=lead.number.e164,
            state=lead.state,
            attempts=lead.attempts,
            result=next((a.result for a in last_first if a.result is not None), None),
            called_at=last_first[0].claimed_at if last_first else None,
            talk_s=next((a.talk_s for a in last_first if a.talk_s is not None), 0.0),
            tag=next((tag for a in last_first if (tag := self._tag(a)) is not None), ""),
            answers={a.question: a.value for a in talked.answers} if talked else {},
        )

    def _tag(self, attempt: AttemptRecord) -> str | None:
        disposition = self._tables.dispositions.get(attempt.id)
        if disposition is not None:
            return disposition.code
        conversation = self._tables.conversations.get(attempt.id)
        if conversation is None or conversation.outcome == "open":
            return None
        return conversation.outcome

    def _attempts(self, campaign: CampaignId) -> Iterator[AttemptRecord]:
        for lead in self._tables.leads[campaign].values():
            yield from (a for a in lead.history if a.state is not AttemptState.VOID)

    def _conversations(self, campaign: CampaignId) -> Iterator[tuple[AttemptRecord, Conversation]]:
        for attempt_id, conversation in self._tables.conversations.items():
            attempt = self._tables.attempts[attempt_id]
            if attempt.campaign == campaign:
                yield attempt, conversation

    def _survey(self, campaign: CampaignId) -> dict[str, dict[str, int]]:
        survey: dict[str, Counter[str]] = defaultdict(Counter)
        for _, conversation in self._conversations(campaign):
            for answer in conversation.answers:
                survey[answer.question][answer.value] += 1
        return {question: dict(values) for question, values in survey.items()}

    def _agent_seconds(self, campaign: CampaignId) -> dict[str, float]:
        now = self._tables.now()
        seconds: dict[str, float] = defaultdict(float)
        for intervals in self._tables.intervals.values():
            for part in intervals:
                if part.campaign == campaign:
                    end = part.ended_at or max(part.started_at, now)
                    seconds[part.state.value] += (end - part.started_at).total_seconds()
        return dict(seconds)


def _was_abandoned(attempt: AttemptRecord) -> bool:
    if attempt.result is not None:
        return attempt.result is Result.ABANDONED
    return AttemptState.ABANDONED in attempt.instants


def _attempt_row(attempt: AttemptRecord) -> AttemptRow:
    return AttemptRow(
        attempt=attempt.id,
        batch=attempt.lead.batch,
        row=attempt.lead.member.row,
        number=attempt.number.e164,
        claimed_at=attempt.claimed_at,
        sent_at=attempt.instants.get(AttemptState.SENT),
        ringing_at=attempt.instants.get(AttemptState.RINGING),
        early_at=attempt.instants.get(AttemptState.EARLY),
        answered_at=attempt.answered_at,
        connected_at=attempt.instants.get(AttemptState.CONNECTED),
        ended_at=attempt.ended_at,
        result=attempt.result,
        cause=attempt.cause,
        sip_status=attempt.sip_status,
        agent=attempt.agent,
    )
