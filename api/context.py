"""What route handlers ask for: the services, and the thing an address names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from api.errors import NotFoundError
from api.services import Services
from campaigns.campaign import Campaign
from dialer.numbers import FloorNumbers, numbers_of
from kernel.errors import InputError
from kernel.ids import BatchId, CampaignId
from lists.batch import Batch


def _services(request: Request) -> Services:
    services = request.app.state.services
    assert isinstance(services, Services), "set by create_app"
    return services


ServicesOf = Annotated[Services, Depends(_services)]


async def find_batch(services: Services, batch_id: BatchId) -> Batch:
    """A batch by id.

    Raises:
        NotFoundError: there is none.
    """
    for batch in await services.batches.batches():
        if batch.id == batch_id:
            return batch
    raise NotFoundError("there is no such batch; GET /api/v1/batches lists them")


async def _batch(services: ServicesOf, batch_id: UUID) -> Batch:
    return await find_batch(services, BatchId(batch_id))


BatchOf = Annotated[Batch, Depends(_batch)]


async def _campaign(services: ServicesOf, campaign_id: UUID) -> Campaign:
    try:
        return await services.campaigns.campaign(CampaignId(campaign_id))
    except InputError as error:
        raise NotFoundError(
            "there is no such campaign; GET /api/v1/campaigns lists them"
        ) from error


CampaignOf = Annotated[Campaign, Depends(_campaign)]


def live_numbers(services: Services, campaign: CampaignId) -> FloorNumbers | None:
    """A campaign's numbers when it runs in this process."""
    for runner in services.engine.runners:
        if runner.floor.campaign.id == campaign:
            return numbers_of(runner.floor)
    return None
