"""Campaigns, filter forms and allocations in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from campaigns.allocation import Allocation, NewAllocation, ToAgents, deal_equally
from campaigns.campaign import (
    Campaign,
    CampaignAction,
    CampaignPlan,
    CampaignState,
    next_state,
)
from campaigns.ports import FilterForm, StateEvent
from campaigns.redial import LeadState
from kernel.errors import ConflictError, InputError
from kernel.ids import AgentId, BatchId, CampaignId, LeadId, MemberId
from lists.batch import NewMember
from lists.filters import matches
from storage.memory.records import CampaignRecord, LeadRecord
from storage.memory.tables import StoreInMemory


class MemoryCampaignStore(StoreInMemory):
    """Campaigns (`campaigns.ports.CampaignStore`, its results apart)."""

    async def create_campaign(self, campaign: CampaignId, plan: CampaignPlan) -> Campaign:
        """Store a draft. Raises `ConflictError` when the name is taken."""
        if campaign in self._tables.campaigns or await self.find_campaign(plan.name):
            raise ConflictError(f"there is a campaign named {plan.name!r} already")
        if plan.script is not None and plan.script not in self._tables.scripts:
            raise InputError(f"there is no script version {plan.script}")
        created = Campaign(campaign, plan, CampaignState.DRAFT, self._tables.now())
        self._tables.campaigns[campaign] = CampaignRecord(created)
        self._tables.log("campaign", campaign, "", CampaignState.DRAFT, created.created_at)
        return created

    async def campaign(self, campaign: CampaignId) -> Campaign:
        """One campaign. Raises `InputError` when there is none."""
        return self._tables.campaign(campaign).value

    async def find_campaign(self, name: str) -> Campaign | None:
        """The campaign of this name, if any."""
        values = (record.value for record in self._tables.campaigns.values())
        return next((value for value in values if value.plan.name == name), None)

    async def campaigns(self) -> Sequence[Campaign]:
        """Every campaign, newest first."""
        values = (record.value for record in self._tables.campaigns.values())
        return sorted(values, key=lambda value: (value.created_at, value.id), reverse=True)

    async def act(self, campaign: CampaignId, action: CampaignAction) -> Campaign:
        """Move a campaign along its state table."""
        record = self._tables.campaign(campaign)
        self._tables.set_campaign_state(record, next_state(record.state, action))
        return record.value

    async def save_filter_form(self, form: FilterForm) -> None:
        """Store a filter form in place of any of the same id or name."""
        forms = self._tables.filter_forms
        kept = {name: old for name, old in forms.items() if old.id != form.id}
        self._tables.filter_forms = {**kept, form.name: form}

    async def filter_form(self, name: str) -> FilterForm | None:
        """The filter form of this name, if any."""
        return self._tables.filter_forms.get(name)

    async def allocate(self, allocation: NewAllocation) -> Allocation:
        """Extract names and give them to their target."""
        tables = self._tables
        tables.campaign(allocation.campaign)
        if allocation.batch not in tables.batches:
            raise InputError(f"there is no batch {allocation.batch}")
        if isinstance(allocation.target, ToAgents):
            for agent in allocation.target.agents:
                tables.require_agent(agent)
        if allocation.id not in tables.allocations:
            tables.allocations[allocation.id] = self._extract(allocation)
            tables.allocated_batches[allocation.id] = allocation.batch
        return tables.allocations[allocation.id]

    async def take_back(self, campaign: CampaignId) -> int:
        """Recall every name not dialed yet; return how many."""
        recalled = [
            lead
            for lead in self._tables.leads[campaign].values()
            if lead.state is LeadState.READY and lead.attempts == 0
        ]
        for lead in recalled:
            self._tables.move_lead(lead, LeadState.TAKEN_BACK, None)
        return len(recalled)

    async def batches_of(self, campaign: CampaignId) -> Sequence[BatchId]:
        """Batches that names of the campaign came from, in the order of extraction."""
        found = [
            (done.created_at, self._tables.allocated_batches[done.id])
            for done in self._tables.allocations.values()
            if done.campaign == campaign and done.allocated + done.suppressed > 0
        ]
        return list(dict.fromkeys(batch for _, batch in sorted(found)))

    async def state_events(self, entity: str, entity_id: str) -> Sequence[StateEvent]:
        """The state history of one thing, oldest first."""
        try:
            key = (entity, UUID(entity_id))
        except ValueError:
            raise InputError(f"{entity_id!r} is not an id") from None
        return list(self._tables.events.get(key, ()))

    def _extract(self, new: NewAllocation) -> Allocation:
        now = self._tables.now()
        matched = list(self._matched(new))
        taken = matched[: new.limit]
        states = [self._tables.held_back(member.number, new.campaign, now) for member in taken]
        callable_count = sum(state is LeadState.READY for state, _ in states)
        owners = _owners(new, callable_count)
        for member, (state, due_at) in zip(taken, states, strict=True):
            agent = next(owners) if state is LeadState.READY else None
            self._give(new, member, agent, state, due_at)
        return Allocation(
            id=new.id,
            campaign=new.campaign,
            matched=len(matched),
            allocated=callable_count,
            suppressed=len(taken) - callable_count,
            created_at=now,
        )

    def _matched(self, new: NewAllocation) -> Iterator[NewMember]:
        leads = self._tables.leads[new.campaign]
        content = self._tables.batches[new.batch].content
        for member in sorted(content.members, key=lambda member: member.row):
            lead = leads.get(member.id)
            free = lead is None or lead.state is LeadState.TAKEN_BACK
            if free and matches(new.condition, member.fields):
                yield member

    def _give(
        self,
        new: NewAllocation,
        member: NewMember,
        agent: AgentId | None,
        state: LeadState,
        due_at: datetime | None,
    ) -> None:
        seq = next(self._tables.lead_seq)
        known = self._tables.leads[new.campaign].get(member.id)
        if known is None:
            lead = LeadRecord(
                id=lead_id(new.campaign, member.id),
                campaign=new.campaign,
                batch=new.batch,
                member=member,
                allocation=new.id,
                seq=seq,
                agent=agent,
            )
            self._tables.add_lead(lead, state, due_at)
        else:
            known.allocation, known.seq, known.agent = new.id, seq, agent
            self._tables.move_lead(known, state, due_at)


def lead_id(campaign: CampaignId, member: MemberId) -> LeadId:
    """The id of a member's place in a campaign, as the database derives it."""
    digest = hashlib.md5(f"{campaign}{member}".encode(), usedforsecurity=False)
    return LeadId(UUID(bytes=digest.digest()))


def _owners(new: NewAllocation, names: int) -> Iterator[AgentId | None]:
    if isinstance(new.target, ToAgents):
        yield from deal_equally(names, new.target.agents)
    else:
        yield from (None for _ in range(names))
