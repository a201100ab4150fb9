"""The live connection: numbers and states of campaigns, pushed as they change.

A client connects with `?ticket=` or says `{"token": ...}` or `{"ticket": ...}` first. Then the
server sends JSON messages with `seq` rising by one: `campaign` (name and state) and `numbers`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import Any

import orjson
from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from starlette.status import WS_1008_POLICY_VIOLATION

from api.access import ROLES, CallerOf, GuardedRoute, is_own_origin
from api.errors import SignInRequiredError
from api.live_board import PERIOD_S, Board, LiveBoard, changes
from api.sessions import Caller, Sessions
from api.tickets import TICKET_S, Tickets
from api.views import Ticket
from kernel.clock import Clock
from kernel.errors import UnavailableError
from kernel.service import TaskOwner

router = APIRouter(route_class=GuardedRoute, tags=["live"])

FIRST_MESSAGE_S = 10.0
#: How often a connection's session is looked at: one that has ended is cut off within 5 s.
RECHECK_S = 4.0
#: Close codes of our own (RFC 6455, section 7.4.2), after HTTP's.
CLOSE_NO_SESSION, CLOSE_FORBIDDEN = 4401, 4403

_ALLOWED = ROLES["POST", "/live-ticket"]


@router.post("/live-ticket", status_code=201)
async def issue_ticket(request: Request, caller: CallerOf) -> Ticket:
    """A ticket that opens one live connection."""
    tickets: Tickets = request.app.state.tickets
    return Ticket(ticket=tickets.issue(caller), seconds=TICKET_S)


@router.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Push numbers and states until the client leaves or its session ends."""
    if not is_own_origin(websocket):
        await websocket.close(WS_1008_POLICY_VIOLATION)
        return
    await websocket.accept()
    try:
        caller = await _introduced(websocket)
    except WebSocketDisconnect:
        return
    if caller is None or caller.role not in _ALLOWED:
        await websocket.close(CLOSE_NO_SESSION if caller is None else CLOSE_FORBIDDEN)
        return
    await _serve(websocket, caller)


async def _introduced(websocket: WebSocket) -> Caller | None:
    ticket = websocket.query_params.get("ticket")
    if ticket is not None:
        return await _by_ticket(websocket, ticket)
    try:
        async with asyncio.timeout(FIRST_MESSAGE_S):
            first: Any = orjson.loads(await websocket.receive_text())
    except (TimeoutError, orjson.JSONDecodeError, KeyError):
        return None
    match first:
        case {"token": str(token)}:
            return await _by_token(websocket, token)
        case {"ticket": str(ticket)}:
            return await _by_ticket(websocket, ticket)
        case _:
            return None


async def _by_token(websocket: WebSocket, token: str) -> Caller | None:
    sessions: Sessions = websocket.app.state.sessions
    try:
        return await sessions.caller(token)
    except (SignInRequiredError, UnavailableError):
        return None


async def _by_ticket(websocket: WebSocket, ticket: str) -> Caller | None:
    tickets: Tickets = websocket.app.state.tickets
    sessions: Sessions = websocket.app.state.sessions
    caller = tickets.redeem(ticket)
    return caller if caller is not None and await sessions.still_open(caller) else None


async def _serve(websocket: WebSocket, caller: Caller) -> None:
    tasks = TaskOwner("live")
    try:
        sending = tasks.start("send", _push(websocket, caller))
        hearing = tasks.start("hear", _hear(websocket))
        done, _ = await asyncio.wait({sending, hearing}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            # The client may vanish between two sends.
            with contextlib.suppress(WebSocketDisconnect):
                task.result()
    finally:
        await tasks.aclose()


async def _hear(websocket: WebSocket) -> None:
    """Until the client leaves; nothing that it says is of interest."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _push(websocket: WebSocket, caller: Caller) -> None:
    board: LiveBoard = websocket.app.state.live_board
    clock: Clock = websocket.app.state.services.clock
    sent, seqs, checked_s = Board(), itertools.count(1), clock.monotonic()
    while True:
        newest = await board.now()
        for message in changes(sent, newest):
            await websocket.send_text(orjson.dumps({"seq": next(seqs), **message}).decode())
        sent = newest
        await clock.sleep(PERIOD_S)
        if clock.monotonic() - checked_s >= RECHECK_S:
            checked_s = clock.monotonic()
            if not await _may_stay(websocket, caller):
                await websocket.close(CLOSE_NO_SESSION)
                return


async def _may_stay(websocket: WebSocket, caller: Caller) -> bool:
    sessions: Sessions = websocket.app.state.sessions
    try:
        return await sessions.still_open(caller)
    except UnavailableError:
        return True  # the board shows old numbers meanwhile; expiry is judged without a database
