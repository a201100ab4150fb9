"""Whether the process lives, whether it can work, and its figures. Open to everybody."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.services import Services
from kernel.errors import WaihuError

router = APIRouter(tags=["health"])

_DATABASE_PATIENCE_S = 2.0


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"description": "A part is away"}})
async def readyz(request: Request) -> JSONResponse:
    """The process can work: the database answers and the switch is connected."""
    services: Services = request.app.state.services
    parts = {
        "database": await _database_alive(services),
        "switch": services.engine.connected,
    }
    ready = all(parts.values())
    body: dict[str, Any] = {
        "status": "ready" if ready else "not ready",
        "parts": {name: "up" if up else "down" for name, up in parts.items()},
    }
    return JSONResponse(body, 200 if ready else 503)


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Figures in the Prometheus text format."""
    text = generate_latest(request.app.state.metrics.registry)
    return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})


async def _database_alive(services: Services) -> bool:
    try:
        async with asyncio.timeout(_DATABASE_PATIENCE_S):
            return await services.database_alive()
    except (TimeoutError, WaihuError, OSError):
        return False
