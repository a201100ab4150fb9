"""Scripts: publish and read."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.access import GuardedRoute
from api.context import ServicesOf
from api.errors import NotFoundError
from api.schemas import ScriptText
from api.script_publishing import publish_script
from api.views import Published, ScriptSource
from kernel.errors import InputError
from kernel.ids import ScriptVersionId

router = APIRouter(route_class=GuardedRoute, tags=["scripts"])


@router.post("/scripts", status_code=201)
async def publish(body: ScriptText, services: ServicesOf) -> Published:
    """Check a script and publish it as the newest version of its name.

    A script with errors is refused with 422; `diagnostics` then has a line for each remark.
    """
    version, advice = await publish_script(
        services.scripts, services.ids, name=body.name, source=body.source
    )
    return Published(
        id=version.id,
        name=version.name,
        version=version.version,
        published_at=version.published_at,
        diagnostics=list(advice),
    )


@router.get("/scripts/{script_id}")
async def get_script(script_id: UUID, services: ServicesOf) -> ScriptSource:
    """One published version and its text."""
    try:
        version = await services.scripts.script(ScriptVersionId(script_id))
    except InputError as error:
        raise NotFoundError("there is no such script version") from error
    return ScriptSource.model_validate(version)
