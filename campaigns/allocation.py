"""Extraction and allocation: which names go to whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.errors import InputError
from kernel.ids import AgentId, AllocationId, BatchId, CampaignId
from lists.filters import EVERYTHING, Condition


@dataclass(frozen=True, slots=True)
class ToAgents:
    """Equal shares to named agents; only they may dial them (preview)."""

    agents: tuple[AgentId, ...]

    def __post_init__(self) -> None:
        if not self.agents or len(set(self.agents)) != len(self.agents):
            raise InputError("allocation to agents needs at least one agent, each named once")


@dataclass(frozen=True, slots=True)
class ToQueue:
    """To whichever agent of the campaign is free."""


@dataclass(frozen=True, slots=True)
class ToRobot:
    """To the robot."""


Target = ToAgents | ToQueue | ToRobot


@dataclass(frozen=True, slots=True)
class NewAllocation:
    """One extraction from a batch into a campaign.

    Attributes:
        condition: which members.
        limit: most names to take, or None for all; taken in sheet order. Names that the
            campaign has already are left out.
    """

    id: AllocationId
    campaign: CampaignId
    batch: BatchId
    target: Target
    condition: Condition = EVERYTHING
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise InputError("the extraction count must be at least 1")


@dataclass(frozen=True, slots=True)
class Allocation:
    """The record of an extraction (拨打任务记录).

    Attributes:
        matched: members that satisfied the condition and were not in the campaign yet.
        allocated: of these, names given to the target.
        suppressed: of these, names held back by a do-not-call entry.
    """

    id: AllocationId
    campaign: CampaignId
    matched: int
    allocated: int
    suppressed: int
    created_at: datetime


def deal_equally(count: int, agents: Sequence[AgentId]) -> Iterator[AgentId]:
    """Whose the names 0 to count-1 are: dealt in turn, so shares differ by at most one."""
    for index in range(count):
        yield agents[index % len(agents)]
