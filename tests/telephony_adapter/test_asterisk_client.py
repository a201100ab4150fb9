"""What a real Asterisk cannot be made to do: refuse, be old, be somebody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from aiohttp import web

from kernel.clock import SystemClock
from kernel.errors import ConflictError, InputError, PeerError, UnavailableError
from kernel.ids import AttemptId
from kernel.phone import PhoneNumber
from kernel.telephony import DialCommand, Reply
from lab.rig import Rig
from telephony_adapter.address import parse_address
from telephony_adapter.asterisk.client import AsteriskSwitch
from telephony_adapter.asterisk.connection import AsteriskOptions

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ATTEMPT = AttemptId(UUID("01a1f8a7-a99f-70d5-91f3-812246d310a3"))
NUMBER = "+8613800000001"


def info(version: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({
            "system": {"version": version},
            "config": {"name": "pbx"},
            "status": {"startup_time": "2026-11-20T11:00:30.000+0000"},
        })

    return answer


@asynccontextmanager
async def peer(routes: dict[tuple[str, str], Handler]) -> AsyncIterator[AsteriskSwitch]:
    """A switch whose HTTP answers are written in the test."""
    app = web.Application()
    for (method, path), handler in routes.items():
        app.router.add_route(method, path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    switch = AsteriskSwitch(
        parse_address(f"asterisk://u:hush@127.0.0.1:{port}/app"),
        SystemClock(),
        AsteriskOptions(rest_timeout_s=0.3),
    )
    try:
        yield switch
    finally:
        await switch.aclose()
        await runner.cleanup()


def healthy(**more: Handler) -> dict[tuple[str, str], Handler]:
    async def ping(request: web.Request) -> web.Response:
        now = SystemClock().now() + timedelta(hours=1)
        stamp = now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
        return web.json_response({"timestamp": stamp})

    async def nothing(request: web.Request) -> web.Response:
        return web.json_response([])

    async def events(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for _ in ws:
            pass
        return ws

    return {
        ("GET", "/ari/asterisk/info"): info("22.10.1"),
        ("GET", "/ari/asterisk/ping"): ping,
        ("GET", "/ari/channels"): nothing,
        ("GET", "/ari/bridges"): nothing,
        ("PUT", "/ari/applications/app/eventFilter"): nothing,
        ("GET", "/ari/events"): more.get("events", events),
        ("POST", "/ari/channels"): more.get("originate", nothing),
    }


def command(in_s: float) -> DialCommand:
    deadline_at = SystemClock().now() + timedelta(seconds=in_s)
    return DialCommand(ATTEMPT, PhoneNumber(NUMBER), None, 20.0, deadline_at)


async def test_an_old_asterisk_is_refused() -> None:
    async with peer({("GET", "/ari/asterisk/info"): info("20.9.2")}) as switch:
        with pytest.raises(InputError, match=r"version 20\.9\.2; version 22 or later"):
            await switch.start()


@pytest.mark.switch
async def test_a_wrong_password_is_the_users_fault(rig: Rig) -> None:
    address = rig.switch.url.replace("waihu:", "waihu:wrong", 1)
    switch = AsteriskSwitch(parse_address(address), SystemClock())

    with pytest.raises(InputError, match="refuses user 'waihu'") as caught:
        await switch.start()
    assert "wrong" not in str(caught.value)


async def test_nobody_there_names_host_and_port() -> None:
    # Port 9 (discard) is served nowhere.
    switch = AsteriskSwitch(parse_address("asterisk://u:hush@127.0.0.1:9/app"), SystemClock())

    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9 does not answer"):
        await switch.start()
    with pytest.raises(UnavailableError, match="start the adapter first"):
        await switch.heartbeat()


async def test_the_deadline_counts_on_the_switchs_clock() -> None:
    async with peer(healthy()) as switch:
        await switch.start()
        heartbeat = await switch.heartbeat()
        ahead_s = (heartbeat.clock_at - SystemClock().now()).total_seconds()

        # Asterisk's clock is an hour ahead of ours.
        assert ahead_s == pytest.approx(3600, abs=0.1)
        assert await switch.originate(command(in_s=3599)) is Reply.EXPIRED
        assert await switch.originate(command(in_s=3602)) is Reply.SENT


async def test_an_originate_is_never_repeated() -> None:
    asked: list[str] = []

    async def hang_up_rudely(request: web.Request) -> web.Response:
        asked.append(request.query["channelId"])
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with peer(healthy(originate=hang_up_rudely)) as switch:
        await switch.start()
        with pytest.raises(UnavailableError):
            await switch.originate(command(in_s=9999))
        assert await switch.originate(command(in_s=9999)) is Reply.DUPLICATE
    assert asked == [str(ATTEMPT)]


@pytest.mark.parametrize(("status", "reply"), [(409, Reply.DUPLICATE), (500, None)])
async def test_a_refusal_is_definite(status: int, reply: Reply | None) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"error": "Allocation failed"}, status=status)

    async with peer(healthy(originate=refuse)) as switch:
        await switch.start()
        if reply is not None:
            assert await switch.originate(command(in_s=9999)) is reply
            return
        with pytest.raises(PeerError, match="500 Allocation failed") as caught:
            await switch.originate(command(in_s=9999))
        assert NUMBER[-8:] not in str(caught.value)


async def test_whoever_loses_the_application_hears_so() -> None:
    async def replaced(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_json({"type": "ApplicationReplaced"})
        async for _ in ws:
            pass
        return ws

    async with peer(healthy(events=replaced)) as switch:
        await switch.start()
        with pytest.raises(ConflictError, match="another client took the application 'app'"):
            await anext(switch.events())
