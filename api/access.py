"""Who may do what: one table, and the route class that keeps it.

A route that the table does not name cannot be built, so nothing is open by oversight. The check
comes before the body is read: a stranger cannot make the server store an upload.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from api.errors import ForbiddenError, SignInRequiredError
from api.sessions import Caller, Sessions
from kernel.errors import DefectError
from kernel.users import Role

_EVERYBODY = frozenset(Role)
_OFFICE = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

#: Routes that need no session.
PUBLIC = frozenset({("POST", "/session")})

#: Route to the roles that may use it. Paths stand without the API's prefix.
ROLES: Mapping[tuple[str, str], frozenset[Role]] = MappingProxyType({
    ("DELETE", "/session"): _EVERYBODY,
    ("GET", "/me"): _EVERYBODY,
    ("GET", "/me/seat"): _EVERYBODY,
    ("POST", "/me/seat"): _EVERYBODY,
    ("POST", "/live-ticket"): _OFFICE,
    ("POST", "/batches"): _OFFICE,
    ("GET", "/batches"): _OFFICE,
    ("GET", "/batches/{batch_id}"): _OFFICE,
    ("GET", "/batches/{batch_id}/rejected.xlsx"): _OFFICE,
    ("POST", "/batches/{batch_id}/count"): _OFFICE,
    ("PUT", "/filter-forms/{name}"): _OFFICE,
    ("GET", "/filter-forms/{name}"): _OFFICE,
    ("POST", "/scripts"): _OFFICE,
    ("GET", "/scripts/{script_id}"): _OFFICE,
    ("POST", "/campaigns"): _OFFICE,
    ("GET", "/campaigns"): _EVERYBODY,
    ("GET", "/campaigns/{campaign_id}"): _OFFICE,
    ("POST", "/campaigns/{campaign_id}/allocations"): _OFFICE,
    ("POST", "/campaigns/{campaign_id}/actions"): _OFFICE,
    ("POST", "/campaigns/{campaign_id}/take-back"): _OFFICE,
    ("GET", "/campaigns/{campaign_id}/numbers"): _OFFICE,
    ("GET", "/campaigns/{campaign_id}/summary"): _OFFICE,
    ("GET", "/campaigns/{campaign_id}/names"): _OFFICE,
    ("GET", "/campaigns/{campaign_id}/results.xlsx"): _OFFICE,
    ("GET", "/agents"): _OFFICE,
    ("PUT", "/agents/{agent_id}"): _ADMINISTRATORS,
    ("PUT", "/suppressions"): _OFFICE,
})

#: Over HTTPS the prefix makes browsers refuse the cookie from anywhere but this very host.
SECURE_COOKIE = "__Host-waihu"
PLAIN_COOKIE = "waihu"
#: Another site's form cannot send a header of its own.
HEADER = "x-waihu"
_SAFE_METHODS = frozenset({"GET", "HEAD"})


def cookie_name(connection: HTTPConnection) -> str:
    """The name of the session cookie on this connection."""
    return SECURE_COOKIE if connection.url.scheme in {"https", "wss"} else PLAIN_COOKIE


def is_own_origin(connection: HTTPConnection) -> bool:
    """Whether the request comes from our own page, or from no page at all."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


class GuardedRoute(APIRoute):
    """A route that lets in only whom the table names."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler behind its guard."""
        handle = super().get_route_handler()
        allowed = {method: self._roles(method) for method in self.methods or ()}

        async def guarded(request: Request) -> Response:
            roles = allowed.get(request.method)
            if roles is not None:
                caller = await _identify(request)
                if caller.role not in roles:
                    raise ForbiddenError(f"the role {caller.role} may not do this")
                request.state.caller = caller
            return await handle(request)

        return guarded

    def _roles(self, method: str) -> frozenset[Role] | None:
        route = (method, self.path)
        if route in PUBLIC:
            return None
        if route not in ROLES:
            raise DefectError(f"the route {method} {self.path} stands in no access table")
        return ROLES[route]


async def _identify(request: Request) -> Caller:
    sessions: Sessions = request.app.state.sessions
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return await sessions.caller(credentials.strip())
    cookie = request.cookies.get(cookie_name(request))
    if cookie is None:
        raise SignInRequiredError("sign in first")
    if request.method not in _SAFE_METHODS and (
        HEADER not in request.headers or not is_own_origin(request)
    ):
        raise ForbiddenError("a change by cookie needs the header X-Waihu and our own page")
    return await sessions.caller(cookie)


def _caller(request: Request) -> Caller:
    caller = request.state.caller
    assert isinstance(caller, Caller), "set by the guard"
    return caller


#: Who calls, for handlers of guarded routes.
CallerOf = Annotated[Caller, Depends(_caller)]
