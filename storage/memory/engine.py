"""The engine's store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from campaigns.campaign import Campaign, CampaignState
from campaigns.redial import LeadState
from dialer.ports import (
    ClaimedName,
    ClaimRequest,
    Epoch,
    OpenAttempt,
    PreviewName,
    SeatChange,
    Suppression,
)
from dialer.seat import SeatState
from kernel.call import AttemptState
from kernel.ids import AgentId, CampaignId
from kernel.phone import PhoneNumber
from storage.memory.attempts import MemoryAttemptStore
from storage.memory.records import AttemptRecord, CampaignRecord, LeadRecord, SeatInterval

_LIVE = frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.DRAINING})


class MemoryEngineStore(MemoryAttemptStore):
    """Claims, attempts and seats (`dialer.ports.EngineStore`)."""

    async def start_engine(self, host: str) -> Epoch:
        """Register an engine start and return its epoch."""
        return Epoch(next(self._tables.epochs))

    async def take_campaigns(self, epoch: Epoch) -> Sequence[Campaign]:
        """Own every campaign that is not over, of this or earlier epochs."""
        taken = [
            record
            for record in self._tables.campaigns.values()
            if (record.owner or 0) <= epoch and self._is_unfinished(record)
        ]
        for record in taken:
            if (record.owner or 0) < epoch:
                await self._empty_seats(record)
            record.owner = epoch
        return sorted((r.value for r in taken), key=lambda c: (c.created_at, c.id))

    def _is_unfinished(self, record: CampaignRecord) -> bool:
        if record.state is not CampaignState.FINISHED:
            return record.state in _LIVE
        leads = self._tables.leads[record.value.id].values()
        return any(attempt.is_open for lead in leads for attempt in lead.history)

    async def _empty_seats(self, record: CampaignRecord) -> None:
        """Whoever sat there has no seat any more: phones and screens died with their engine."""
        for seat in list(self._tables.seats.values()):
            if seat.campaign == record.value.id and seat.state is not SeatState.SIGNED_OUT:
                await self.change_seat(
                    SeatChange(seat.agent, seat.campaign, SeatState.SIGNED_OUT, self._tables.now())
                )

    async def claim(self, request: ClaimRequest) -> Sequence[ClaimedName]:
        """Choose names, check every rule and write the attempts."""
        record = self._tables.campaigns.get(request.campaign)
        now = self._tables.now()
        if record is None or record.owner != request.epoch or not _may_call(record, now):
            return []
        order = self._tables.orders[request.campaign, request.agent]
        chosen = order.choose(
            now,
            len(request.attempt_ids),
            lambda lead: (
                (request.lead is None or lead.id == request.lead)
                and self._may_ring(record, lead, now)
            ),
        )
        written = [
            self._write(request, place, lead, now)
            for place, lead in enumerate(chosen)
            # As the unique indexes: two names of one number, or an id used before.
            if not self._is_held(lead.number)
            and request.attempt_ids[place] not in self._tables.attempts
        ]
        return [_claimed(attempt) for attempt in written]

    async def preview(self, campaign: CampaignId, agent: AgentId) -> PreviewName | None:
        """The next name this agent may dial, or None."""
        record = self._tables.campaigns.get(campaign)
        now = self._tables.now()
        if record is None or not _may_call(record, now):
            return None
        order = self._tables.orders[campaign, agent]
        chosen = order.choose(now, 1, lambda lead: self._may_ring(record, lead, now))
        if not chosen:
            return None
        [lead] = chosen
        return PreviewName(lead.id, lead.number, lead.attempts, lead.member.fields)

    async def open_attempts(self, campaign: CampaignId) -> Sequence[OpenAttempt]:
        """Attempts without a result, oldest first."""
        attempts = self._tables.open_attempts[campaign].values()
        return [_open(a) for a in sorted(attempts, key=lambda a: (a.claimed_at, a.id))]

    async def ready_count(self, campaign: CampaignId) -> int:
        """Names that are READY and due now, for queue or robot."""
        return self._tables.orders[campaign, None].count_due(self._tables.now())

    async def unsettled_count(self, campaign: CampaignId) -> int:
        """Names that are READY (due now or later) or DIALING."""
        counts = self._tables.lead_counts[campaign]
        return counts[LeadState.READY] + counts[LeadState.DIALING]

    async def change_seat(self, change: SeatChange) -> None:
        """Write an agent's new state and close the interval before it."""
        self._tables.require_agent(change.agent)
        self._tables.campaign(change.campaign)
        before = self._tables.seats.get(change.agent)
        if before is not None:
            if before == replace(change, at=before.at):
                return
            change = replace(change, at=max(change.at, before.at))
        self._tables.seats[change.agent] = change
        self._write_interval(change)
        earlier = before.state if before else ""
        self._tables.log("agent", change.agent, earlier, change.state, change.at)

    async def suppress(self, suppression: Suppression) -> None:
        """Put a number on the do-not-call list and hold its names back."""
        if suppression.campaign is not None:
            self._tables.campaign(suppression.campaign)
        entries = self._tables.suppressions[suppression.number]
        known = entries.get(suppression.campaign)
        if known is None or _ends_later(suppression, known):
            entries[suppression.campaign] = suppression
        for lead in self._tables.leads_by_number.get(suppression.number, ()):
            if lead.state is LeadState.READY and suppression.campaign in {None, lead.campaign}:
                self._hold(lead, suppression.expires_at)

    async def is_suppressed(self, number: PhoneNumber, campaign: CampaignId | None) -> bool:
        """Whether the number must not be called now (in this campaign)."""
        return self._tables.is_suppressed(number, campaign)

    async def finish_campaign(self, campaign: CampaignId, epoch: Epoch) -> bool:
        """Mark a running or draining campaign FINISHED if this engine owns it."""
        record = self._tables.campaigns.get(campaign)
        active = {CampaignState.RUNNING, CampaignState.DRAINING}
        if record is None or record.owner != epoch or record.state not in active:
            return False
        self._tables.set_campaign_state(record, CampaignState.FINISHED)
        return True

    def _may_ring(self, record: CampaignRecord, lead: LeadRecord, now: datetime) -> bool:
        rules = record.value.plan.redial
        return (
            lead.attempts < rules.max_attempts
            and not self._is_held(lead.number)
            and not self._called_since(lead.number, now - rules.min_gap)
            and not self._tables.is_suppressed(lead.number, lead.campaign)
        )

    def _is_held(self, number: PhoneNumber) -> bool:
        return any(a.is_open for a in self._tables.attempts_by_number.get(number, ()))

    def _called_since(self, number: PhoneNumber, instant: datetime) -> bool:
        attempts = self._tables.attempts_by_number.get(number, ())
        return any(a.ended_at is not None and a.ended_at > instant for a in attempts)

    def _write(
        self, request: ClaimRequest, place: int, lead: LeadRecord, now: datetime
    ) -> AttemptRecord:
        attempt = AttemptRecord(
            id=request.attempt_ids[place],
            campaign=request.campaign,
            lead=lead,
            number=lead.number,
            attempt_no=lead.attempts + 1,
            epoch=request.epoch,
            boot_id=request.boot_id,
            claimed_at=now,
            deadline_at=now + timedelta(seconds=request.deadline_s),
        )
        self._tables.attempts[attempt.id] = attempt
        self._tables.attempts_by_number[lead.number].append(attempt)
        self._tables.open_attempts[request.campaign][attempt.id] = attempt
        lead.history.append(attempt)
        lead.attempts += 1
        lead.last_attempt = attempt.id
        self._tables.log("attempt", attempt.id, "", "intent", now)
        self._tables.move_lead(lead, LeadState.DIALING, lead.due_at)
        return attempt

    def _write_interval(self, change: SeatChange) -> None:
        intervals = self._tables.intervals[change.agent]
        if intervals and intervals[-1].ended_at is None:
            intervals[-1].ended_at = change.at
        if change.state is not SeatState.SIGNED_OUT:
            intervals.append(
                SeatInterval(
                    change.campaign, change.state, change.attempt, change.reason, change.at
                )
            )

    def _hold(self, lead: LeadRecord, until: datetime | None) -> None:
        if until is None:
            self._tables.move_lead(lead, LeadState.SUPPRESSED, None)
        else:
            assert lead.due_at is not None
            self._tables.move_lead(lead, LeadState.READY, max(lead.due_at, until))


def _may_call(record: CampaignRecord, now: datetime) -> bool:
    return record.state is CampaignState.RUNNING and record.value.plan.window.is_open(now)


def _ends_later(suppression: Suppression, known: Suppression) -> bool:
    if known.expires_at is None:
        return False
    return suppression.expires_at is None or suppression.expires_at > known.expires_at


def _claimed(attempt: AttemptRecord) -> ClaimedName:
    return ClaimedName(
        attempt=attempt.id,
        lead=attempt.lead.id,
        number=attempt.number,
        attempt_no=attempt.attempt_no,
        fields=attempt.lead.member.fields,
        claimed_at=attempt.claimed_at,
        deadline_at=attempt.deadline_at,
    )


def _open(attempt: AttemptRecord) -> OpenAttempt:
    assert attempt.state is not AttemptState.ENDED
    return OpenAttempt(
        attempt=attempt.id,
        campaign=attempt.campaign,
        lead=attempt.lead.id,
        number=attempt.number,
        attempt_no=attempt.attempt_no,
        fields=attempt.lead.member.fields,
        state=attempt.state,
        epoch=attempt.epoch,
        boot_id=attempt.boot_id,
        deadline_at=attempt.deadline_at,
        answered_at=attempt.answered_at,
        agent=attempt.agent,
    )
