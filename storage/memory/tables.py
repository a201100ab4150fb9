"""What the stores in memory share: the tables, and the only ways of changing a state."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime
from itertools import count
from uuid import UUID

from campaigns.allocation import Allocation
from campaigns.campaign import CampaignState
from campaigns.ports import AgentRecord, FilterForm, ScriptVersion, StateEvent
from campaigns.redial import LeadState
from dialer.ports import Disposition, NewRecording, SeatChange, Suppression
from kernel.clock import Clock
from kernel.conversation import Conversation
from kernel.errors import InputError
from kernel.ids import (
    AgentId,
    AllocationId,
    AttemptId,
    BatchId,
    CampaignId,
    MemberId,
    RecordingId,
    ScriptVersionId,
    UserId,
)
from kernel.phone import PhoneNumber
from kernel.users import User
from storage.memory.dial_order import DialOrder
from storage.memory.records import (
    AttemptRecord,
    BatchRecord,
    CampaignRecord,
    LeadRecord,
    SeatInterval,
)


class Tables:
    """Every table, and indexes over them.

    Args:
        clock: the database's clock.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.epochs = count(1)
        self.lead_seq = count(1)
        self.agents: dict[AgentId, AgentRecord] = {}
        self.users: dict[UserId, User] = {}
        self.scripts: dict[ScriptVersionId, ScriptVersion] = {}
        self.filter_forms: dict[str, FilterForm] = {}
        self.batches: dict[BatchId, BatchRecord] = {}
        self.campaigns: dict[CampaignId, CampaignRecord] = {}
        self.allocations: dict[AllocationId, Allocation] = {}
        self.allocated_batches: dict[AllocationId, BatchId] = {}
        self.leads: dict[CampaignId, dict[MemberId, LeadRecord]] = defaultdict(dict)
        self.leads_by_number: dict[PhoneNumber, list[LeadRecord]] = defaultdict(list)
        self.lead_counts: dict[CampaignId, Counter[LeadState]] = defaultdict(Counter)
        self.orders: dict[tuple[CampaignId, AgentId | None], DialOrder] = defaultdict(DialOrder)
        self.attempts: dict[AttemptId, AttemptRecord] = {}
        self.attempts_by_number: dict[PhoneNumber, list[AttemptRecord]] = defaultdict(list)
        self.open_attempts: dict[CampaignId, dict[AttemptId, AttemptRecord]] = defaultdict(dict)
        self.suppressions: dict[PhoneNumber, dict[CampaignId | None, Suppression]] = defaultdict(
            dict
        )
        self.dispositions: dict[AttemptId, Disposition] = {}
        self.recordings: dict[RecordingId, NewRecording] = {}
        self.conversations: dict[AttemptId, Conversation] = {}
        self.seats: dict[AgentId, SeatChange] = {}
        self.intervals: dict[AgentId, list[SeatInterval]] = defaultdict(list)
        self.events: dict[tuple[str, UUID], list[StateEvent]] = defaultdict(list)

    def now(self) -> datetime:
        """The database's clock."""
        return self.clock.now()

    def campaign(self, campaign: CampaignId) -> CampaignRecord:
        """One campaign. Raises `InputError` when there is none."""
        found = self.campaigns.get(campaign)
        if found is None:
            raise InputError(f"there is no campaign {campaign}")
        return found

    def attempt(self, attempt: AttemptId) -> AttemptRecord:
        """One attempt. Raises `InputError` when there is none."""
        found = self.attempts.get(attempt)
        if found is None:
            raise InputError(f"there is no attempt {attempt}")
        return found

    def require_agent(self, agent: AgentId) -> None:
        """Raise `InputError` when there is no such agent."""
        if agent not in self.agents:
            raise InputError(f"there is no agent {agent}")

    def log(self, entity: str, entity_id: UUID, before: str, after: str, at: datetime) -> None:
        """Write the history."""
        self.events[entity, entity_id].append(StateEvent(entity, str(entity_id), before, after, at))

    def set_campaign_state(self, record: CampaignRecord, state: CampaignState) -> None:
        """Move a campaign."""
        before = record.state
        record.value = replace(record.value, state=state)
        if state is not before:
            self.log("campaign", record.value.id, before, state, self.now())

    def add_lead(self, lead: LeadRecord, state: LeadState, due_at: datetime | None) -> None:
        """A name enters its campaign."""
        self.leads[lead.campaign][lead.member.id] = lead
        self.leads_by_number[lead.number].append(lead)
        self.lead_counts[lead.campaign][state] += 1
        lead.state, lead.due_at = state, due_at
        if state is LeadState.READY:
            self.orders[lead.campaign, lead.agent].add(lead)
        self.log("lead", lead.id, "", state, self.now())

    def move_lead(self, lead: LeadRecord, state: LeadState, due_at: datetime | None) -> None:
        """Move a name; one that becomes READY is held back by the do-not-call list."""
        before = lead.state
        if state is LeadState.READY and before is not state:
            assert due_at is not None
            state, due_at = self.held_back(lead.number, lead.campaign, due_at)
        self.orders[lead.campaign, lead.agent].leave(lead)
        lead.state, lead.due_at = state, due_at
        if state is LeadState.READY:
            self.orders[lead.campaign, lead.agent].add(lead)
        if state is not before:
            self.lead_counts[lead.campaign].subtract((before,))
            self.lead_counts[lead.campaign][state] += 1
            self.log("lead", lead.id, before, state, self.now())

    def held_back(
        self, number: PhoneNumber, campaign: CampaignId, due_at: datetime
    ) -> tuple[LeadState, datetime | None]:
        """The state and due time of a name that would be READY at `due_at`."""
        until = due_at
        for entry in self.entries(number, campaign):
            if entry.expires_at is None:
                return LeadState.SUPPRESSED, None
            until = max(until, entry.expires_at)
        return LeadState.READY, until

    def entries(self, number: PhoneNumber, campaign: CampaignId | None) -> list[Suppression]:
        """Do-not-call entries on a number that this campaign obeys, ended ones included."""
        entries = self.suppressions.get(number)
        if not entries:
            return []
        return [entry for scope, entry in entries.items() if scope in {None, campaign}]

    def is_suppressed(self, number: PhoneNumber, campaign: CampaignId | None) -> bool:
        """Whether the number must not be called now."""
        now = self.now()
        return any(
            entry.expires_at is None or entry.expires_at > now
            for entry in self.entries(number, campaign)
        )

    def leads_of(self, campaign: CampaignId) -> list[LeadRecord]:
        """Names of a campaign, by batch and row."""
        return sorted(
            self.leads[campaign].values(),
            key=lambda lead: (
                self.batches[lead.batch].value.created_at,
                lead.batch,
                lead.member.row,
            ),
        )


class StoreInMemory:
    """Base of the stores.

    Args:
        tables: shared by the stores of one world.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
