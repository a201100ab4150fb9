"""The application: routes, their guard, error answers and headers, over given services."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Security
from fastapi.security import HTTPBearer
from starlette.staticfiles import StaticFiles

from api import (
    agent_routes,
    batch_routes,
    campaign_routes,
    health,
    live,
    page,
    script_routes,
    session_routes,
)
from api.access import GuardedRoute
from api.body_limit import BodyLimit
from api.live_board import LiveBoard
from api.metrics import Metrics
from api.passwords import Passwords
from api.problems import PROBLEM_ANSWERS, install_problem_handlers
from api.screens import Screens
from api.services import Services
from api.sessions import Sessions
from api.throttle import SignInThrottle
from api.tickets import Tickets

PREFIX = "/api/v1"

_ROOMS = (
    session_routes.router,
    batch_routes.router,
    script_routes.router,
    campaign_routes.router,
    agent_routes.router,
    live.router,
)


def create_app(services: Services) -> FastAPI:
    """Build the application; it owns no resource, so it needs no start or stop.

    Args:
        services: what it works with; the caller starts and closes them.

    Raises:
        DefectError: a route stands in no access table.
    """
    # The interactive pages load scripts from elsewhere, which our headers rightly refuse.
    app = FastAPI(title="Waihu", version="1", docs_url=None, redoc_url=None)
    app.state.services = services
    app.state.sessions = Sessions(services.token_key, services.users, services.clock, services.ids)
    app.state.passwords = Passwords()
    app.state.throttle = SignInThrottle()
    app.state.tickets = Tickets(services.clock)
    app.state.live_board = LiveBoard(services)
    app.state.screens = Screens(services.engine, services.clock)
    app.state.metrics = Metrics(services.engine)
    install_problem_handlers(app)
    app.include_router(_guarded())
    app.include_router(health.router)
    app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=page.STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(page.SecurityHeaders)
    return app


def _guarded() -> APIRouter:
    answers = dict(PROBLEM_ANSWERS)
    whole = APIRouter(route_class=GuardedRoute)
    whole.include_router(session_routes.entrance, prefix=PREFIX, responses=answers)
    for room in _ROOMS:
        # The guard has looked at the token already: this only says so in the description.
        described = [Security(HTTPBearer(auto_error=False))]
        whole.include_router(room, prefix=PREFIX, responses=answers, dependencies=described)
    return whole
