"""What the live page shows, and what has changed since it was last sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import structlog

from api.services import Services
from api.views import NumbersView, view_numbers
from dialer.numbers import numbers_of
from kernel.errors import WaihuError
from kernel.ids import CampaignId

log = structlog.get_logger(__name__)

#: At most two looks a second, whatever happens on the floor.
PERIOD_S = 0.5


@dataclass(frozen=True, slots=True)
class Board:
    """Every campaign at one moment."""

    names: Mapping[CampaignId, str] = field(default_factory=lambda: MappingProxyType({}))
    numbers: Mapping[CampaignId, NumbersView] = field(default_factory=lambda: MappingProxyType({}))


def changes(before: Board, after: Board) -> Iterator[dict[str, Any]]:
    """Messages that turn one board into the other, for somebody who has the first."""
    for campaign, numbers in after.numbers.items():
        known = before.numbers.get(campaign)
        if known is None or known.state is not numbers.state:
            yield {
                "type": "campaign",
                "campaign": str(campaign),
                "name": after.names[campaign],
                "before": known.state.value if known is not None else None,
                "state": numbers.state.value,
            }
        if numbers != known:
            yield {"type": "numbers", **numbers.model_dump(mode="json")}


class LiveBoard:
    """The newest board, looked up at most twice a second for all connections together."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looking = asyncio.Lock()
        self._taken_s: float | None = None
        self._board = Board()

    async def now(self) -> Board:
        """The board, at most `PERIOD_S` old; an older one while the database is away."""
        async with self._looking:
            now_s = self._services.clock.monotonic()
            if self._taken_s is None or now_s - self._taken_s >= PERIOD_S:
                await self._look()
                self._taken_s = now_s
            return self._board

    async def _look(self) -> None:
        try:
            campaigns = await self._services.campaigns.campaigns()
        except WaihuError as error:
            log.warning("live board keeps its old numbers", error=str(error))
            return
        floors = {r.floor.campaign.id: numbers_of(r.floor) for r in self._services.engine.runners}
        self._board = Board(
            {c.id: c.plan.name for c in campaigns},
            {c.id: view_numbers(c.id, c.state, floors.get(c.id)) for c in campaigns},
        )
