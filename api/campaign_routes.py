"""Campaigns: create, allocate, act, watch, take the results."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.access import CallerOf, GuardedRoute
from api.batch_routes import LanguageOf, download
from api.context import CampaignOf, ServicesOf, find_batch, live_numbers
from api.exports import export_results
from api.reports import report_campaign
from api.schemas import Action, NewCampaign, NewExtraction
from api.services import Services
from api.views import (
    AllocationView,
    CampaignView,
    NamePage,
    NumbersView,
    TakenBack,
    view_campaign,
    view_name,
    view_numbers,
)
from campaigns.allocation import NewAllocation, Target, ToAgents, ToQueue, ToRobot
from campaigns.campaign import CampaignPlan
from campaigns.redial import DEFAULT_DELAYS, RedialRules
from campaigns.windows import CallingWindow
from kernel.errors import InputError
from kernel.ids import AgentId, AllocationId, BatchId, CampaignId, ScriptVersionId
from kernel.phone import PhoneNumber
from lists.filter_json import from_json
from lists.filters import EVERYTHING, AllOf, Condition
from lists.language import Language

router = APIRouter(route_class=GuardedRoute, tags=["campaigns"])


@router.post("/campaigns", status_code=201)
async def create_campaign(body: NewCampaign, services: ServicesOf) -> CampaignView:
    """Create a campaign as a draft."""
    if body.script is not None:
        await services.scripts.script(ScriptVersionId(body.script))
    campaign_id = CampaignId(services.ids.new())
    return view_campaign(await services.campaigns.create_campaign(campaign_id, _plan(body)))


def _plan(body: NewCampaign) -> CampaignPlan:
    window, redial = body.window, body.redial
    delays = {result: timedelta(seconds=s) for result, s in redial.delays_s.items()}
    return CampaignPlan(
        name=body.name,
        mode=body.mode,
        window=CallingWindow(window.opens, window.closes, frozenset(window.weekdays), window.zone),
        redial=RedialRules(
            redial.max_attempts,
            timedelta(seconds=redial.min_gap_s),
            {**DEFAULT_DELAYS, **delays},
        ),
        ring_timeout_s=body.ring_timeout_s,
        lines=body.lines,
        max_cps=body.max_cps,
        abandon_target=body.abandon_target,
        patience_s=body.patience_s,
        wrap_up_limit_s=body.wrap_up_limit_s,
        script=ScriptVersionId(body.script) if body.script is not None else None,
        caller_id=PhoneNumber(body.caller_id) if body.caller_id is not None else None,
        record=body.record,
    )


@router.get("/campaigns")
async def list_campaigns(services: ServicesOf) -> list[CampaignView]:
    """Every campaign, newest first."""
    return [view_campaign(campaign) for campaign in await services.campaigns.campaigns()]


@router.get("/campaigns/{campaign_id}")
async def get_campaign(campaign: CampaignOf) -> CampaignView:
    """One campaign."""
    return view_campaign(campaign)


@router.post("/campaigns/{campaign_id}/allocations", status_code=201)
async def allocate(
    campaign: CampaignOf, body: NewExtraction, services: ServicesOf
) -> AllocationView:
    """Extract names from a batch and give them to their target."""
    batch = await find_batch(services, BatchId(body.batch))
    allocation = NewAllocation(
        id=AllocationId(services.ids.new()),
        campaign=campaign.id,
        batch=batch.id,
        target=_target(body),
        condition=await _condition(body, services),
        limit=body.limit,
    )
    record = await services.campaigns.allocate(allocation)
    services.engine.poke()
    return AllocationView.model_validate(record)


def _target(body: NewExtraction) -> Target:
    if body.agents and body.target != "agents":
        raise InputError("agents are named, but the target is not agents")
    match body.target:
        case "agents":
            return ToAgents(tuple(AgentId(agent) for agent in body.agents))
        case "robot":
            return ToRobot()
        case "queue":
            return ToQueue()


async def _condition(body: NewExtraction, services: Services) -> Condition:
    """The given condition and the named form together."""
    parts: list[Condition] = []
    if body.filter_form is not None:
        form = await services.campaigns.filter_form(body.filter_form)
        if form is None:
            raise InputError("there is no filter form of this name")
        parts.append(form.condition)
    if body.condition is not None:
        parts.append(from_json(body.condition))
    return AllOf(tuple(parts)) if parts else EVERYTHING


@router.post("/campaigns/{campaign_id}/actions")
async def act(campaign: CampaignOf, body: Action, services: ServicesOf) -> CampaignView:
    """Start, pause, drain, finish or archive; pausing stops new calls at once."""
    changed = await services.campaigns.act(campaign.id, body.action)
    services.engine.poke()
    return view_campaign(changed)


@router.post("/campaigns/{campaign_id}/take-back")
async def take_back(campaign: CampaignOf, services: ServicesOf) -> TakenBack:
    """Recall every name that was not dialed yet."""
    names = await services.campaigns.take_back(campaign.id)
    services.engine.poke()
    return TakenBack(names=names)


@router.get("/campaigns/{campaign_id}/numbers")
async def numbers(campaign: CampaignOf, services: ServicesOf) -> NumbersView:
    """The campaign at this moment."""
    return view_numbers(campaign.id, campaign.state, live_numbers(services, campaign.id))


@router.get("/campaigns/{campaign_id}/summary")
async def summary(campaign: CampaignOf, services: ServicesOf) -> dict[str, Any]:
    """Counts from the database."""
    report = await report_campaign(services.batches, services.campaigns, campaign.id)
    return report.as_json()


@router.get("/campaigns/{campaign_id}/names")
async def names(
    campaign: CampaignOf,
    services: ServicesOf,
    caller: CallerOf,
    offset: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> NamePage:
    """What became of each name, by batch and row."""
    results = await services.campaigns.name_results(campaign.id)
    views = [
        view_name(name, in_full=caller.sees_numbers) for name in results[offset : offset + limit]
    ]
    return NamePage(total=len(results), offset=offset, names=views)


@router.get("/campaigns/{campaign_id}/results.xlsx", response_class=Response)
async def results_workbook(
    campaign: CampaignOf,
    services: ServicesOf,
    caller: CallerOf,
    language: LanguageOf = Language.ZH,
    batch: UUID | None = None,
) -> Response:
    """The user's own workbook with the results written into it, and the answer sheet.

    `batch` chooses the workbook where the campaign's names come from several batches.
    """
    export = await export_results(
        services.batches,
        services.campaigns,
        [campaign.id],
        batch_id=BatchId(batch) if batch is not None else None,
        language=language,
        in_full=caller.sees_numbers,
    )
    return download(export.name, export.content)
