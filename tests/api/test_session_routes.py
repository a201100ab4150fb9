from __future__ import annotations

from dataclasses import replace

import jwt
import pytest

from api.sessions import Sessions
from api.throttle import FREE_TRIES, LONGEST_WAIT_S
from kernel.clock import VirtualClock
from kernel.users import Role
from tests.api.house import KEY, PASSWORD, House, open_house

SESSION = "/api/v1/session"


async def test_sign_in_gives_token_and_cookie(house: House) -> None:
    async with house.client() as client:
        answer = await client.post(SESSION, json={"name": "manager", "password": PASSWORD})
        assert answer.status_code == 201
        assert answer.json()["role"] == "manager"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("waihu=")
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        # The client's own cookie is enough to read.
        assert (await client.get("/api/v1/me")).json()["name"] == "manager"


async def test_the_cookie_over_https_is_bound_to_the_host(house: House) -> None:
    async with house.client() as client:
        answer = await client.post(
            "https://waihu.test" + SESSION, json={"name": "manager", "password": PASSWORD}
        )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-waihu=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("name", ["manager", "nobody"])
async def test_wrong_sign_in_tells_nothing(house: House, name: str) -> None:
    async with house.client() as client:
        answer = await client.post(SESSION, json={"name": name, "password": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "name or password is wrong"


async def test_sign_out_ends_the_session(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        assert (await client.delete(SESSION)).status_code == 204
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_too_many_wrong_tries_must_wait() -> None:
    clock = VirtualClock()
    async with open_house(dialing=False, clock=clock) as house, house.client() as client:

        async def attempt(password: str) -> int:
            answer = await client.post(SESSION, json={"name": "agent", "password": password})
            return answer.status_code

        assert [await attempt("wrong") for _ in range(FREE_TRIES)] == [401] * FREE_TRIES
        refused = await client.post(SESSION, json={"name": "agent", "password": PASSWORD})
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "30"
        async with house.client(address="10.0.0.2") as elsewhere:
            answer = await elsewhere.post(SESSION, json={"name": "agent", "password": PASSWORD})
            assert answer.status_code == 201
        clock.advance(30)
        assert await attempt("wrong") == 401
        assert await attempt(PASSWORD) == 429
        clock.advance(LONGEST_WAIT_S)
        assert await attempt(PASSWORD) == 201
        assert [await attempt("wrong") for _ in range(FREE_TRIES)] == [401] * FREE_TRIES


async def test_a_session_lasts_twelve_hours() -> None:
    clock = VirtualClock()
    async with (
        open_house(dialing=False, clock=clock) as house,
        house.client(Role.MANAGER) as client,
    ):
        clock.advance(12 * 3600 - 1)
        assert (await client.get("/api/v1/me")).status_code == 200
        clock.advance(1)
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_a_new_password_or_role_counts_at_once(house: House) -> None:
    manager = house.users[Role.MANAGER]
    async with house.client(Role.MANAGER) as client:
        await house.store.save_user(replace(manager, role=Role.AGENT))
        assert (await client.get("/api/v1/batches")).status_code == 403
        await house.store.save_user(replace(manager, password_hash="another"))
        assert (await client.get("/api/v1/batches")).status_code == 401


async def test_forged_tokens_are_refused(house: House) -> None:
    claims = jwt.decode(
        house.token(Role.AGENT), KEY, algorithms=["HS256"], options={"verify_exp": False}
    )
    forged = [
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode({**claims, "name": "administrator"}, KEY, algorithm="HS256"),
        jwt.encode({k: v for k, v in claims.items() if k != "exp"}, KEY, algorithm="HS256"),
    ]
    async with house.client() as client:
        for token in forged:
            answer = await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == 401


async def test_a_session_that_is_over_is_not_open_any_more() -> None:
    clock = VirtualClock()
    async with open_house(dialing=False, clock=clock) as house:
        sessions: Sessions = house.app.state.sessions
        ended, expired = [await sessions.caller(house.token(Role.MANAGER)) for _ in range(2)]
        assert await sessions.still_open(ended)
        sessions.end(ended)
        assert [await sessions.still_open(c) for c in (ended, expired)] == [False, True]
        clock.advance(12 * 3600)
        assert not await sessions.still_open(expired)
