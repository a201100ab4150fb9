"""Agents: who they are, and what each does at the own seat."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request

from api.access import CallerOf, GuardedRoute
from api.context import ServicesOf
from api.schemas import (
    AgentSettings,
    NewSuppression,
    SeatAction,
    SeatMove,
    SeatPause,
    SeatSignIn,
    SeatWrapUp,
)
from api.screens import Screens
from api.services import Services
from api.sessions import Caller
from api.suppressing import suppression_of
from api.views import AgentView, SeatView
from campaigns.ports import AgentRecord
from dialer.ports import Disposition
from dialer.seat import SeatState
from kernel.errors import ConflictError
from kernel.ids import AgentId, CampaignId

router = APIRouter(route_class=GuardedRoute, tags=["agents"])


@router.get("/agents")
async def list_agents(services: ServicesOf) -> list[AgentView]:
    """Every agent, by name."""
    return [_view(services, agent) for agent in await services.agents.agents()]


@router.put("/agents/{agent_id}")
async def save_agent(agent_id: UUID, body: AgentSettings, services: ServicesOf) -> AgentView:
    """Store or replace an agent."""
    record = AgentRecord(AgentId(agent_id), body.name, body.address)
    await services.agents.save_agent(record)
    return _view(services, record)


@router.put("/suppressions", status_code=204)
async def suppress(body: NewSuppression, services: ServicesOf, caller: CallerOf) -> None:
    """Put a number on the do-not-call list; it counts at once, for calls under way to dial too."""
    entry = suppression_of(
        body.number,
        body.reason,
        services.clock.now(),
        campaign=CampaignId(body.campaign) if body.campaign is not None else None,
        days=body.days,
        source=caller.user,
    )
    await services.suppression.suppress(entry)


@router.get("/me/seat")
async def get_seat(request: Request, caller: CallerOf) -> SeatView:
    """The own seat: state, since when, and the call on the screen."""
    return _screen(request, _own(caller))


@router.post("/me/seat")
async def act(
    request: Request,
    body: Annotated[SeatAction, Body()],
    services: ServicesOf,
    caller: CallerOf,
) -> SeatView:
    """Sign in to a campaign, be ready, pause, dial, hang up, wrap up, sign out."""
    agent = _own(caller)
    match body:
        case SeatSignIn():
            await _sign_in(services, agent, CampaignId(body.campaign))
        case SeatMove():
            _move(services, agent, body)
        case SeatPause():
            services.engine.pause(agent, body.reason)
        case SeatWrapUp():
            _wrap_up(services, agent, body)
    return _screen(request, agent)


def _own(caller: Caller) -> AgentId:
    if caller.agent is None:
        raise ConflictError("this user has no seat; an administrator can give one")
    return caller.agent


def _screen(request: Request, agent: AgentId) -> SeatView:
    screens: Screens = request.app.state.screens
    return screens.of(agent)


async def _sign_in(services: Services, agent: AgentId, campaign: CampaignId) -> None:
    for record in await services.agents.agents():
        if record.id == agent:
            services.engine.sign_in(agent, record.address, campaign)
            return
    raise ConflictError("no phone is known for this seat; an administrator can enter one")


def _move(services: Services, agent: AgentId, body: SeatMove) -> None:
    engine = services.engine
    match body.action:
        case "ready":
            engine.ready(agent)
        case "hang-up":
            engine.hang_up(agent)
        case "dial":
            engine.preview_dial(agent)
        case "sign-out":
            engine.sign_out(agent)


def _wrap_up(services: Services, agent: AgentId, body: SeatWrapUp) -> None:
    for runner in services.engine.runners:
        seat = runner.floor.seating.get(agent)
        if seat is None:
            continue
        if seat.state is not SeatState.WRAP_UP or seat.attempt is None:
            raise ConflictError("the agent is not in wrap-up", state=seat.state.value)
        now = services.clock.now()
        note = Disposition(seat.attempt, agent, body.code, now, body.result, body.note)
        services.engine.wrap_up(note)
        return
    raise ConflictError("the agent is not signed in")


def _view(services: Services, agent: AgentRecord) -> AgentView:
    for runner in services.engine.runners:
        seat = runner.floor.seating.get(agent.id)
        if seat is not None:
            return AgentView(
                id=agent.id,
                name=agent.name,
                address=agent.address,
                seat=seat.state.value,
                campaign=runner.floor.campaign.id,
            )
    return AgentView(
        id=agent.id,
        name=agent.name,
        address=agent.address,
        seat=SeatState.SIGNED_OUT.value,
        campaign=None,
    )
