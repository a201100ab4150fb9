"""The engine's store on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from campaigns.campaign import Campaign
from dialer.ports import (
    AttemptUpdate,
    ClaimedName,
    ClaimRequest,
    Epoch,
    OpenAttempt,
    PreviewName,
    SeatChange,
    Suppression,
)
from kernel.call import AttemptState
from kernel.ids import AgentId, AttemptId, CampaignId, LeadId
from kernel.phone import PhoneNumber
from storage.attempt_patch import AttemptPatch, fold
from storage.postgres.calls import PostgresCallStore
from storage.postgres.rows import campaign_of
from storage.sql import queries

_SQL = queries("engine")
_HOLD_BACK = queries("campaigns")["hold_back"]
_INSTANTS = (
    AttemptState.SENT,
    AttemptState.RINGING,
    AttemptState.EARLY,
    AttemptState.ANSWERED,
    AttemptState.CONNECTED,
    AttemptState.ABANDONED,
)


class PostgresEngineStore(PostgresCallStore):
    """Claims, attempts and seats (`dialer.ports.EngineStore`)."""

    async def start_engine(self, host: str) -> Epoch:
        """Register an engine start and return its epoch."""
        [row] = await self._database.fetch(_SQL["start_engine"], host, self._now())
        return Epoch(row["epoch"])

    async def take_campaigns(self, epoch: Epoch) -> Sequence[Campaign]:
        """Own every campaign that is not over, of this or earlier epochs."""
        rows = await self._database.fetch(_SQL["take_campaigns"], epoch, self._now())
        for row in rows:
            await self._database.fetch(_HOLD_BACK, row["id"], self._now())
        return [campaign_of(row) for row in rows]

    async def claim(self, request: ClaimRequest) -> Sequence[ClaimedName]:
        """Choose names, check every rule and write the attempts, in one statement."""
        rows = await self._database.fetch_once(
            _SQL["claim"],
            request.campaign,
            request.epoch,
            request.boot_id,
            request.attempt_ids,
            timedelta(seconds=request.deadline_s),
            request.agent,
            request.lead,
            self._now(),
        )
        return [
            ClaimedName(
                attempt=AttemptId(row["attempt_id"]),
                lead=LeadId(row["lead_id"]),
                number=PhoneNumber(row["phone"]),
                attempt_no=row["attempt_no"],
                fields=row["fields"],
                claimed_at=row["claimed_at"],
                deadline_at=row["deadline_at"],
            )
            for row in rows
        ]

    async def preview(self, campaign: CampaignId, agent: AgentId) -> PreviewName | None:
        """The next name this agent may dial, or None."""
        row = await self._database.fetch_row(_SQL["preview"], campaign, agent, self._now())
        if row is None:
            return None
        return PreviewName(
            lead=LeadId(row["id"]),
            number=PhoneNumber(row["phone"]),
            attempts=row["attempts"],
            fields=row["fields"],
        )

    async def record(self, updates: Sequence[AttemptUpdate]) -> None:
        """Apply updates; ranks only rise; ENDED, UNKNOWN and VOID also move the name."""
        patches = fold(updates)
        if not patches:
            return
        disputed = await self._database.fetch(_SQL["record"], *_columns(patches), self._now())
        for row in disputed:
            await self._settle_dispute(AttemptId(row["id"]))

    async def open_attempts(self, campaign: CampaignId) -> Sequence[OpenAttempt]:
        """Attempts without a result, oldest first."""
        rows = await self._database.fetch(_SQL["open_attempts"], campaign)
        return [
            OpenAttempt(
                attempt=AttemptId(row["id"]),
                campaign=CampaignId(row["campaign_id"]),
                lead=LeadId(row["lead_id"]),
                number=PhoneNumber(row["phone"]),
                attempt_no=row["attempt_no"],
                fields=row["fields"],
                state=AttemptState(row["state"]),
                epoch=Epoch(row["epoch"]),
                boot_id=row["boot_id"],
                deadline_at=row["deadline_at"],
                answered_at=row["answered_at"],
                agent=AgentId(row["agent_id"]) if row["agent_id"] else None,
            )
            for row in rows
        ]

    async def ready_count(self, campaign: CampaignId) -> int:
        """Names that are READY and due now, for queue or robot."""
        [row] = await self._database.fetch(_SQL["ready_count"], campaign, self._now())
        return int(row[0])

    async def unsettled_count(self, campaign: CampaignId) -> int:
        """Names that are READY (due now or later) or DIALING."""
        [row] = await self._database.fetch(_SQL["unsettled_count"], campaign)
        return int(row[0])

    async def change_seat(self, change: SeatChange) -> None:
        """Write an agent's new state; triggers close and open the intervals."""
        await self._database.fetch(
            _SQL["change_seat"],
            change.agent,
            change.campaign,
            change.state.value,
            change.attempt,
            change.reason,
            change.at,
        )

    async def suppress(self, suppression: Suppression) -> None:
        """Put a number on the do-not-call list and hold its names back."""
        await self._database.fetch(
            _SQL["suppress"],
            suppression.number.e164,
            suppression.campaign,
            suppression.reason,
            suppression.source,
            suppression.at,
            suppression.expires_at,
            self._now(),
        )

    async def is_suppressed(self, number: PhoneNumber, campaign: CampaignId | None) -> bool:
        """Whether the number must not be called now (in this campaign)."""
        [row] = await self._database.fetch(
            _SQL["is_suppressed"], number.e164, campaign, self._now()
        )
        return bool(row[0])

    async def finish_campaign(self, campaign: CampaignId, epoch: Epoch) -> bool:
        """Mark a running or draining campaign FINISHED if this engine owns it."""
        row = await self._database.fetch_row(_SQL["finish_campaign"], campaign, epoch, self._now())
        return row is not None


def _columns(patches: Sequence[AttemptPatch]) -> list[list[object]]:
    """One array per parameter of the `record` statement."""
    columns: list[list[object]] = [
        [patch.attempt for patch in patches],
        [int(patch.state) for patch in patches],
        [patch.at for patch in patches],
    ]
    columns.extend([patch.instants.get(state) for patch in patches] for state in _INSTANTS)
    columns += [
        [patch.agent for patch in patches],
        [patch.cause for patch in patches],
        [patch.sip_status for patch in patches],
        [patch.result.value if patch.result else None for patch in patches],
        [patch.next_step.state.value if patch.next_step else None for patch in patches],
        [patch.next_step.due_at if patch.next_step else None for patch in patches],
    ]
    return columns
