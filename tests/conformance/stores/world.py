"""A small world on one store: lists, campaigns, engines and calls in few words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Protocol

from campaigns.allocation import Allocation, NewAllocation, Target, ToAgents, ToQueue
from campaigns.campaign import Campaign, CampaignAction, CampaignPlan, Mode
from campaigns.ports import (
    AgentDirectory,
    AgentRecord,
    CampaignStore,
    ScriptStore,
    SuppressionList,
)
from campaigns.redial import LeadState, RedialRules
from dialer.ports import AttemptUpdate, ClaimedName, ClaimRequest, EngineStore, Epoch
from kernel.call import AttemptState, Result
from kernel.clock import VirtualClock
from kernel.ids import (
    AgentId,
    AllocationId,
    AttemptId,
    BatchId,
    CampaignId,
    LeadId,
    MemberId,
    TimeOrderedIds,
)
from kernel.phone import PhoneNumber
from kernel.users import UserStore
from lists.batch import (
    Batch,
    CellProblem,
    Field,
    FieldKind,
    NewBatch,
    NewMember,
    RejectedRow,
    SourceFile,
)
from lists.filters import EVERYTHING, Condition
from lists.ports import BatchStore


class Store(
    EngineStore,
    CampaignStore,
    BatchStore,
    AgentDirectory,
    ScriptStore,
    SuppressionList,
    UserStore,
    Protocol,
):
    """Every port."""


FIELDS = (
    Field("phone", "电话", 0, FieldKind.PHONE),
    Field("name", "姓名", 1, FieldKind.NAME),
    Field("age", "年龄", 2, FieldKind.NUMBER),
)
_blocks = count(1)


@dataclass
class World:
    """One store and the clock that it reads."""

    store: Store
    clock: VirtualClock = field(default_factory=VirtualClock)
    rng: Random = field(default_factory=lambda: Random(7))

    def __post_init__(self) -> None:
        self.ids = TimeOrderedIds(self.clock, self.rng)
        self.block = next(_blocks)

    def number(self, index: int) -> PhoneNumber:
        """A number that no other world uses."""
        return PhoneNumber(f"+861{self.block:05d}{index:05d}")

    def new_batch(
        self,
        name: str,
        size: int,
        numbers: Sequence[int] | None = None,
        fields: Sequence[Mapping[str, str]] | None = None,
    ) -> NewBatch:
        """An import of `size` rows from row 2 on; row i has number i and age i by default."""
        content = f"{name} {size} {numbers} {fields}".encode()
        members = tuple(
            NewMember(
                MemberId(self.ids.new()),
                row,
                self.number(numbers[row - 2] if numbers else row),
                fields[row - 2] if fields else {"name": f"姓名{row}", "age": str(row)},
            )
            for row in range(2, size + 2)
        )
        rejected = (RejectedRow(size + 2, ("", "x"), (CellProblem(0, "no-number", "没有号码"),)),)
        return NewBatch(
            BatchId(self.ids.new()),
            name,
            SourceFile("名单.xlsx", hashlib.sha256(content).hexdigest(), content),
            "Sheet1",
            1,
            FIELDS,
            members,
            rejected,
        )

    async def batch(self, size: int, name: str = "list", **rows: Any) -> Batch:
        """A stored import."""
        return await self.store.save_batch(self.new_batch(name, size, **rows))

    async def agent(self, name: str = "王芳") -> AgentId:
        """A stored agent."""
        agent = AgentId(self.ids.new())
        await self.store.save_agent(AgentRecord(agent, name, f"sim:{name}"))
        return agent

    async def draft(self, name: str = "campaign", **settings: Any) -> Campaign:
        """A stored draft: predictive, four attempts, gap of 30 minutes."""
        settings.setdefault("redial", RedialRules(max_attempts=4))
        plan = CampaignPlan(name, settings.pop("mode", Mode.PREDICTIVE), **settings)
        return await self.store.create_campaign(CampaignId(self.ids.new()), plan)

    async def allocate(
        self,
        campaign: Campaign,
        batch: Batch,
        target: Target | None = None,
        condition: Condition = EVERYTHING,
        limit: int | None = None,
    ) -> Allocation:
        """Names of the batch for the campaign."""
        return await self.store.allocate(
            NewAllocation(
                AllocationId(self.ids.new()),
                campaign.id,
                batch.id,
                target or ToQueue(),
                condition,
                limit,
            )
        )

    async def floor(
        self, size: int = 5, name: str = "campaign", agents: Sequence[AgentId] = (), **settings: Any
    ) -> Floor:
        """A running campaign over a fresh list, owned by a fresh engine."""
        campaign = await self.draft(name, **settings)
        batch = await self.batch(size, f"list of {name}")
        await self.allocate(campaign, batch, ToAgents(tuple(agents)) if agents else ToQueue())
        await self.store.act(campaign.id, CampaignAction.START)
        epoch = await self.store.start_engine("host")
        await self.store.take_campaigns(epoch)
        return Floor(self, campaign, batch, epoch)


@dataclass
class Floor:
    """A running campaign with an engine."""

    world: World
    campaign: Campaign
    batch: Batch
    epoch: Epoch

    def request(
        self, names: int, agent: AgentId | None = None, lead: LeadId | None = None
    ) -> ClaimRequest:
        """A claim with fresh attempt ids."""
        ids = tuple(AttemptId(self.world.ids.new()) for _ in range(names))
        return ClaimRequest(
            self.campaign.id, self.epoch, "boot", ids, deadline_s=3.0, agent=agent, lead=lead
        )

    async def claim(
        self, names: int = 1, agent: AgentId | None = None, lead: LeadId | None = None
    ) -> Sequence[ClaimedName]:
        """Claim names."""
        return await self.world.store.claim(self.request(names, agent, lead))

    def ended(
        self,
        name: ClaimedName,
        result: Result = Result.NO_ANSWER,
        state: AttemptState = AttemptState.ENDED,
        at: datetime | None = None,
    ) -> AttemptUpdate:
        """The end of a claimed name's attempt."""
        moment = at or self.world.clock.now()
        step = self.campaign.plan.redial.after(result, name.attempt_no, moment)
        return AttemptUpdate(name.attempt, state, moment, cause=16, result=result, next_step=step)

    async def end(self, name: ClaimedName, result: Result = Result.NO_ANSWER) -> None:
        """End a claimed name's attempt."""
        await self.world.store.record([self.ended(name, result)])

    async def void(self, name: ClaimedName) -> None:
        """The attempt never reached the switch."""
        now = self.world.clock.now()
        await self.world.store.record([AttemptUpdate(name.attempt, AttemptState.VOID, now)])

    async def reach(self, name: ClaimedName, *states: AttemptState) -> None:
        """The attempt passes through the states, one second apart."""
        for state in states:
            self.world.clock.advance(1)
            update = AttemptUpdate(name.attempt, state, self.world.clock.now())
            await self.world.store.record([update])

    async def states(self) -> dict[LeadState, int]:
        """Names per state."""
        return dict((await self.world.store.summary(self.campaign.id)).by_state)


def minutes(number: float) -> float:
    """Seconds."""
    return timedelta(minutes=number).total_seconds()
