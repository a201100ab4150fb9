"""Results of a campaign, from PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from asyncpg import Record

from campaigns.redial import LeadState
from campaigns.results import AnswerSheetRow, AttemptRow, CampaignSummary, NameResult
from kernel.call import Result
from kernel.ids import AgentId, AttemptId, BatchId, CampaignId
from storage.postgres.database import StoreOnDatabase
from storage.sql import queries

_SQL = queries("results")


class PostgresResults(StoreOnDatabase):
    """What came of a campaign (the reports of `campaigns.ports.CampaignStore`)."""

    async def name_results(
        self, campaign: CampaignId, batch: BatchId | None = None
    ) -> Sequence[NameResult]:
        """What became of each name, by batch and row."""
        rows = await self._bulk("name_results", campaign, batch)
        return [
            NameResult(
                batch=BatchId(row["batch_id"]),
                row=row["row_no"],
                number=row["phone"],
                state=LeadState(row["state"]),
                attempts=row["attempts"],
                result=Result(row["result"]) if row["result"] else None,
                called_at=row["called_at"],
                talk_s=row["talk_s"],
                tag=row["tag"],
                answers=row["answers"],
            )
            for row in rows
        ]

    async def attempt_history(self, campaign: CampaignId) -> Sequence[AttemptRow]:
        """Every dial of the campaign, by time of its claim; void ones never were."""
        rows = await self._bulk("attempt_history", campaign)
        return [
            AttemptRow(
                attempt=AttemptId(row["id"]),
                batch=BatchId(row["batch_id"]),
                row=row["row_no"],
                number=row["phone"],
                claimed_at=row["claimed_at"],
                sent_at=row["sent_at"],
                ringing_at=row["ringing_at"],
                early_at=row["early_at"],
                answered_at=row["answered_at"],
                connected_at=row["connected_at"],
                ended_at=row["ended_at"],
                result=Result(row["result"]) if row["result"] else None,
                cause=row["cause"],
                sip_status=row["sip_status"],
                agent=AgentId(row["agent_id"]) if row["agent_id"] else None,
            )
            for row in rows
        ]

    async def answer_sheet(self, campaign: CampaignId) -> Sequence[AnswerSheetRow]:
        """Every survey answer, by row and time."""
        rows = await self._bulk("answer_sheet", campaign)
        return [
            AnswerSheetRow(
                row=row["row_no"],
                number=row["phone"],
                question=row["question"],
                value=row["value"],
                raw=row["raw"],
                source=row["source"],
                confidence=row["confidence"],
                answered_at=row["at"],
            )
            for row in rows
        ]

    async def summary(self, campaign: CampaignId) -> CampaignSummary:
        """Counts of the campaign."""
        states = await self._bulk("lead_states", campaign)
        [counts] = await self._bulk("attempt_counts", campaign)
        results = await self._bulk("attempt_results", campaign)
        survey = await self._bulk("survey", campaign)
        seconds = await self._bulk("agent_seconds", campaign, self._now())
        return CampaignSummary(
            names=sum(row["count"] for row in states),
            by_state={LeadState(row["state"]): row["count"] for row in states},
            dialed=counts["dialed"],
            answered=counts["answered"],
            connected=counts["connected"],
            abandoned=counts["abandoned"],
            results={Result(row["result"]): row["count"] for row in results},
            survey=_survey(survey),
            agent_seconds={row["state"]: row["seconds"] for row in seconds},
            talk_s=counts["talk_s"],
            first_at=counts["first_at"],
            last_at=counts["last_at"],
        )

    async def _bulk(self, name: str, *arguments: object) -> list[Record]:
        return await self._database.fetch(
            _SQL[name], *arguments, timeout_s=self._database.options.bulk_timeout_s
        )


def _survey(rows: Sequence[Record]) -> dict[str, dict[str, int]]:
    survey: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        survey[row["question"]][row["value"]] = row["count"]
    return dict(survey)
