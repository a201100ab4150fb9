"""Errors as `application/problem+json` (RFC 9457), from one table."""

from __future__ import annotations

import http
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.errors import ThrottledError, status_of
from kernel.errors import UnavailableError, WaihuError
from scripts_dsl import ScriptError, format_diagnostic

log = structlog.get_logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
_RETRY_AFTER_S = 5
#: From here on the fault is ours or the surroundings', and worth a line in the log.
_SERVER_FAULT = 500


class Problem(BaseModel):
    """An error (RFC 9457); `detail` is one line a user can act on."""

    title: str
    status: int
    detail: str


def install_problem_handlers(app: FastAPI) -> None:
    """Turn every error of the application into a problem document."""
    app.add_exception_handler(WaihuError, _of_product_error)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(Exception, _of_surprise)


def _documented(meaning: str) -> dict[str, Any]:
    schema = Problem.model_json_schema()
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": schema}}}


#: What any guarded route may answer besides its own, for the API's description.
PROBLEM_ANSWERS: Mapping[int | str, dict[str, Any]] = MappingProxyType({
    401: _documented("No valid session"),
    403: _documented("The role may not do this"),
    404: _documented("The address names nothing"),
    409: _documented("Not possible in the present state"),
    413: _documented("The request is too large"),
    422: _documented("The request cannot be used; `detail` says why"),
    503: _documented("A part is away; try again after `Retry-After` seconds"),
})


def problem(
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> JSONResponse:
    """A problem document.

    Args:
        status: HTTP status.
        detail: one line a user can act on.
        headers: of the response.
        more: extension members.
    """
    body = {"title": http.HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


async def _of_product_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, WaihuError)
    status = status_of(error)
    if status >= _SERVER_FAULT:
        log.error("request failed", path=_route(request), error=str(error))
    headers: dict[str, str] = {}
    if isinstance(error, ThrottledError):
        headers["retry-after"] = str(error.wait_s)
    elif isinstance(error, UnavailableError):
        headers["retry-after"] = str(_RETRY_AFTER_S)
    elif status == http.HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, ScriptError):
        found = [format_diagnostic(item) for item in error.diagnostics]
        return problem(status, str(error), headers=headers, diagnostics=found)
    return problem(status, str(error), headers=headers)


async def _of_validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # The values are left out: they may be personal data, and they are what the sender sent.
    faults = [
        {"where": ".".join(str(part) for part in fault["loc"]), "what": _what(fault)}
        for fault in error.errors()
    ]
    first = f"{faults[0]['where']}: {faults[0]['what']}" if faults else "the request is malformed"
    return problem(422, first, faults=faults)


def _what(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "union_tag_invalid":  # its message repeats what was sent
        return f"Input should be one of {fault['ctx']['expected_tags']}"
    return " ".join(str(fault["msg"]).split())


async def _of_framework(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _of_surprise(request: Request, error: Exception) -> Response:
    log.error("request failed by a defect", path=_route(request), kind=type(error).__name__)
    return problem(500, "the server met a fault of its own; it is in the server's log")


def _route(request: Request) -> str:
    """The route's template: an address itself could hold anything."""
    return str(getattr(request.scope.get("route"), "path", ""))
