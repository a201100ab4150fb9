"""Campaigns, filter forms and allocations on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from campaigns.allocation import Allocation, NewAllocation, ToAgents, ToQueue, ToRobot
from campaigns.campaign import (
    Campaign,
    CampaignAction,
    CampaignPlan,
    CampaignState,
    next_state,
)
from campaigns.ports import FilterForm, StateEvent
from kernel.errors import ConflictError, InputError
from kernel.ids import BatchId, CampaignId, FilterFormId
from lists.filter_json import from_json, to_json
from storage.postgres.database import Connection, StoreOnDatabase
from storage.postgres.filters import ConditionCompiler
from storage.postgres.rows import allocation_of, campaign_of, plan_columns
from storage.sql import queries

_SQL = queries("campaigns")
_TARGETS = {ToAgents: "agents", ToQueue: "queue", ToRobot: "robot"}


class PostgresCampaignStore(StoreOnDatabase):
    """Campaigns (`campaigns.ports.CampaignStore`, its results apart)."""

    async def create_campaign(self, campaign: CampaignId, plan: CampaignPlan) -> Campaign:
        """Store a draft. Raises `ConflictError` when the name is taken."""
        await self._database.fetch(_SQL["know_zone"], plan.window.zone)
        row = await self._database.fetch_row(
            _SQL["create_campaign"], campaign, *plan_columns(plan), self._now()
        )
        if row is None:
            raise ConflictError(f"there is a campaign named {plan.name!r} already")
        return campaign_of(row)

    async def campaign(self, campaign: CampaignId) -> Campaign:
        """One campaign. Raises `InputError` when there is none."""
        row = await self._database.fetch_row(_SQL["campaign"], campaign)
        if row is None:
            raise InputError(f"there is no campaign {campaign}")
        return campaign_of(row)

    async def find_campaign(self, name: str) -> Campaign | None:
        """The campaign of this name, if any."""
        row = await self._database.fetch_row(_SQL["find_campaign"], name)
        return campaign_of(row) if row else None

    async def campaigns(self) -> Sequence[Campaign]:
        """Every campaign, newest first."""
        return [campaign_of(row) for row in await self._database.fetch(_SQL["campaigns"])]

    async def act(self, campaign: CampaignId, action: CampaignAction) -> Campaign:
        """Move a campaign along its state table; waits for claims in progress."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_SQL["lock_campaign"], campaign)
            if row is None:
                raise InputError(f"there is no campaign {campaign}")
            state = next_state(CampaignState(row["state"]), action)
            moved = await connection.fetchrow(_SQL["set_state"], campaign, state.value, self._now())
            assert moved is not None
            return campaign_of(moved)

    async def save_filter_form(self, form: FilterForm) -> None:
        """Store a filter form in place of any of the same id or name."""
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["forget_filter_form"], form.id, form.name)
            await connection.execute(
                _SQL["insert_filter_form"], form.id, form.name, to_json(form.condition)
            )

    async def filter_form(self, name: str) -> FilterForm | None:
        """The filter form of this name, if any."""
        row = await self._database.fetch_row(_SQL["filter_form"], name)
        if row is None:
            return None
        return FilterForm(FilterFormId(row["id"]), row["name"], from_json(row["condition"]))

    async def allocate(self, allocation: NewAllocation) -> Allocation:
        """Extract names and give them to their target, in one transaction.

        The same allocation again changes nothing and returns the record that is there.

        Raises:
            InputError: no such campaign, batch or agent.
        """
        async with self._database.transaction() as connection:
            fresh = await self._insert_allocation(connection, allocation)
            if fresh:
                await self._extract(connection, allocation)
        if fresh:
            await self._database.fetch(
                _SQL["hold_back"],
                allocation.campaign,
                self._now(),
                timeout_s=self._database.options.bulk_timeout_s,
            )
        [row] = await self._database.fetch(_SQL["allocation"], allocation.id)
        return allocation_of(row)

    async def take_back(self, campaign: CampaignId) -> int:
        """Recall every name not dialed yet; return how many."""
        rows = await self._database.fetch(
            _SQL["take_back"],
            campaign,
            self._now(),
            timeout_s=self._database.options.bulk_timeout_s,
        )
        return len(rows)

    async def batches_of(self, campaign: CampaignId) -> Sequence[BatchId]:
        """Batches that names of the campaign came from, in the order of extraction."""
        rows = await self._database.fetch(_SQL["batches_of"], campaign)
        return [BatchId(row["batch_id"]) for row in rows]

    async def state_events(self, entity: str, entity_id: str) -> Sequence[StateEvent]:
        """The state history of one thing, oldest first.

        Args:
            entity: `campaign`, `lead`, `attempt`, `attempt-result` or `agent`.
            entity_id: its id.
        """
        rows = await self._database.fetch(_SQL["state_events"], entity, parsed_id(entity_id))
        return [
            StateEvent(row["entity"], str(row["entity_id"]), row["before"], row["after"], row["at"])
            for row in rows
        ]

    async def _insert_allocation(self, connection: Connection, new: NewAllocation) -> bool:
        agents = list(new.target.agents) if isinstance(new.target, ToAgents) else []
        if await connection.fetchval(_SQL["unknown_agents"], agents):
            raise InputError("an agent of the allocation does not exist")
        fresh = await connection.fetch(
            _SQL["insert_allocation"],
            new.id,
            new.campaign,
            new.batch,
            _TARGETS[type(new.target)],
            agents,
            to_json(new.condition),
            new.limit,
            self._now(),
        )
        return bool(fresh)

    async def _extract(self, connection: Connection, new: NewAllocation) -> None:
        agents = list(new.target.agents) if isinstance(new.target, ToAgents) else []
        row = await connection.fetchrow(_SQL["allocation"], new.id)
        assert row is not None
        compiler = ConditionCompiler(
            new.id, new.campaign, new.batch, new.limit, agents, row["created_at"]
        )
        sql = _SQL["extract"].replace("{condition}", compiler.compile(new.condition))
        await connection.fetch(
            sql, *compiler.parameters, timeout=self._database.options.bulk_timeout_s
        )


def parsed_id(text: str) -> UUID:
    """The UUID written as `text`. Raises `InputError` when it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise InputError(f"{text!r} is not an id") from None
