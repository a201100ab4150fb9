"""Sign in, sign out, and who is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access import CallerOf, GuardedRoute, cookie_name
from api.context import ServicesOf
from api.errors import SignInRequiredError, ThrottledError
from api.passwords import Passwords
from api.schemas import SignIn
from api.services import Services
from api.sessions import SESSION, Caller, Sessions
from api.throttle import SignInThrottle
from api.views import Me, Token
from kernel.users import User

router = APIRouter(route_class=GuardedRoute, tags=["session"])
#: The one door that needs no session.
entrance = APIRouter(route_class=GuardedRoute, tags=["session"])


@entrance.post("/session", status_code=201, responses={429: {"description": "Too many tries"}})
async def sign_in(
    request: Request, response: Response, body: SignIn, services: ServicesOf
) -> Token:
    """Prove who you are; answers a token, and sets it as a cookie for the browser."""
    user = await _check(request, body, services)
    sessions: Sessions = request.app.state.sessions
    token = sessions.open(user)
    caller = await sessions.caller(token)
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(SESSION.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return Token(token=token, **_me(caller).model_dump())


@router.delete("/session", status_code=204)
async def sign_out(request: Request, response: Response, caller: CallerOf) -> None:
    """End the session: its token is refused from now on."""
    sessions: Sessions = request.app.state.sessions
    sessions.end(caller)
    response.delete_cookie(
        cookie_name(request),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


@router.get("/me")
async def me(caller: CallerOf) -> Me:
    """Who is signed in."""
    return _me(caller)


async def _check(request: Request, body: SignIn, services: Services) -> User:
    passwords: Passwords = request.app.state.passwords
    throttle: SignInThrottle = request.app.state.throttle
    address = request.client.host if request.client is not None else ""
    now_s = services.clock.monotonic()
    wait_s = throttle.wait_s(body.name, address, now_s)
    if wait_s:
        raise ThrottledError(f"too many wrong tries; try again in {wait_s} s", wait_s)
    # Counted before it is looked at, so that tries made at the same time cannot slip through.
    throttle.failed(body.name, address, now_s)
    user = await services.users.find_user(body.name)
    if not await passwords.fits(body.password, user):
        raise SignInRequiredError("name or password is wrong")
    assert user is not None, "nobody has no password"
    throttle.succeeded(body.name, address)
    return user


def _me(caller: Caller) -> Me:
    return Me(
        name=caller.name, role=caller.role, agent=caller.agent, session_ends_at=caller.ends_at
    )
