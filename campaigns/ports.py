"""What the campaigns room needs from storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from campaigns.allocation import Allocation, NewAllocation
from campaigns.campaign import Campaign, CampaignAction, CampaignPlan
from campaigns.results import AnswerSheetRow, AttemptRow, CampaignSummary, NameResult
from kernel.ids import AgentId, BatchId, CampaignId, FilterFormId, ScriptVersionId
from kernel.phone import PhoneNumber
from lists.filters import Condition


@dataclass(frozen=True, slots=True)
class FilterForm:
    """A saved condition (筛选表单)."""

    id: FilterFormId
    name: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """An agent (坐席).

    Attributes:
        address: the agent's phone in the switch's own terms.
    """

    id: AgentId
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class ScriptVersion:
    """A published script, pinned by the campaigns that use it.

    Attributes:
        source: the text, from which the program is compiled.
        version: 1, 2, ... within the name.
    """

    id: ScriptVersionId
    name: str
    version: int
    source: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class StateEvent:
    """One state change of a campaign, name, attempt or agent."""

    entity: str
    entity_id: str
    before: str
    after: str
    at: datetime


class CampaignStore(Protocol):
    """Campaigns, allocations and their results."""

    async def create_campaign(self, campaign: CampaignId, plan: CampaignPlan) -> Campaign:
        """Store a draft. Raises `ConflictError` when the name is taken."""
        ...

    async def campaign(self, campaign: CampaignId) -> Campaign:
        """One campaign. Raises `InputError` when there is none."""
        ...

    async def find_campaign(self, name: str) -> Campaign | None:
        """The campaign of this name, if any."""
        ...

    async def campaigns(self) -> Sequence[Campaign]:
        """Every campaign, newest first."""
        ...

    async def act(self, campaign: CampaignId, action: CampaignAction) -> Campaign:
        """Move a campaign along its state table, guarded against two at once.

        Raises:
            ConflictError: the action is not possible in the campaign's state.
        """
        ...

    async def save_filter_form(self, form: FilterForm) -> None:
        """Store or replace a filter form."""
        ...

    async def filter_form(self, name: str) -> FilterForm | None:
        """The filter form of this name, if any."""
        ...

    async def allocate(self, allocation: NewAllocation) -> Allocation:
        """Extract names and give them to their target, in one transaction."""
        ...

    async def take_back(self, campaign: CampaignId) -> int:
        """Recall every name not dialed yet; return how many."""
        ...

    async def name_results(
        self, campaign: CampaignId, batch: BatchId | None = None
    ) -> Sequence[NameResult]:
        """What became of each name, by batch and row."""
        ...

    async def attempt_history(self, campaign: CampaignId) -> Sequence[AttemptRow]:
        """Every dial of the campaign, by time of its claim."""
        ...

    async def answer_sheet(self, campaign: CampaignId) -> Sequence[AnswerSheetRow]:
        """Every survey answer, by row and time."""
        ...

    async def summary(self, campaign: CampaignId) -> CampaignSummary:
        """Counts of the campaign."""
        ...

    async def state_events(self, entity: str, entity_id: str) -> Sequence[StateEvent]:
        """The state history of one thing, oldest first."""
        ...

    async def batches_of(self, campaign: CampaignId) -> Sequence[BatchId]:
        """Batches that names of the campaign came from."""
        ...


class AgentDirectory(Protocol):
    """Who the agents are."""

    async def save_agent(self, agent: AgentRecord) -> None:
        """Store or replace an agent."""
        ...

    async def agents(self) -> Sequence[AgentRecord]:
        """Every agent, by name."""
        ...


class ScriptStore(Protocol):
    """Published scripts."""

    async def publish_script(
        self, script: ScriptVersionId, name: str, source: str
    ) -> ScriptVersion:
        """Store a new version; the same text again returns the newest version unchanged."""
        ...

    async def script(self, script: ScriptVersionId) -> ScriptVersion:
        """One version. Raises `InputError` when there is none."""
        ...


class SuppressionList(Protocol):
    """The do-not-call list as managers see it."""

    async def is_suppressed(self, number: PhoneNumber, campaign: CampaignId | None) -> bool:
        """Whether the number must not be called now (in this campaign)."""
        ...
