from __future__ import annotations

from uuid import UUID

import pytest
from fastapi import APIRouter

from api.access import PUBLIC, ROLES, GuardedRoute
from api.app import PREFIX
from kernel.errors import DefectError
from kernel.users import Role
from tests.api.house import House

_NOWHERE = str(UUID(int=0))


def _address(path: str) -> str:
    for name in ("batch_id", "campaign_id", "agent_id", "script_id"):
        path = path.replace("{" + name + "}", _NOWHERE)
    return PREFIX + path.replace("{name}", "x")


async def test_every_documented_route_is_in_the_table(house: House) -> None:
    async with house.client() as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    documented = {
        (method.upper(), path.removeprefix(PREFIX))
        for path, methods in paths.items()
        if path.startswith(PREFIX)
        for method in methods
    }
    assert documented == set(ROLES) | PUBLIC


async def test_the_description_tells_errors_and_the_key_they_need(house: House) -> None:
    async with house.client() as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    for path, methods in paths.items():
        if not path.startswith(PREFIX):
            continue
        for method, route in methods.items():
            public = (method.upper(), path.removeprefix(PREFIX)) in PUBLIC
            assert ("security" in route) != public
            assert set(route["responses"]["422"]["content"]) == {"application/problem+json"}


async def test_no_route_answers_a_stranger(house: House) -> None:
    async with house.client() as client:
        for method, path in ROLES:
            bare = await client.request(method, _address(path))
            forged = await client.request(
                method, _address(path), headers={"authorization": "Bearer a.b.c"}
            )
            assert (bare.status_code, forged.status_code) == (401, 401), path
            assert bare.headers["content-type"] == "application/problem+json"
            assert bare.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", Role)
async def test_roles(house: House, role: Role) -> None:
    async with house.client(role) as client:
        for (method, path), allowed in ROLES.items():
            if path == "/session":  # would end the session; see its own tests
                continue
            answer = await client.request(method, _address(path))
            assert (answer.status_code == 403) == (role not in allowed), (path, answer.text)
            assert answer.status_code != 401
            assert answer.status_code < 500


def test_a_route_outside_the_table_cannot_be_built() -> None:
    router = APIRouter(route_class=GuardedRoute)

    async def back_door() -> None: ...

    with pytest.raises(DefectError, match="no access table"):
        router.add_api_route("/back-door", back_door, methods=["GET"])


async def test_a_change_by_cookie_needs_our_header_and_our_page(house: House) -> None:
    cookie = {"cookie": f"waihu={house.token(Role.ADMINISTRATOR)}"}
    number = {"number": "13900001111", "reason": "asked"}
    async with house.client() as client:

        async def put(**headers: str) -> int:
            sent = {**cookie, **{name.replace("_", "-"): text for name, text in headers.items()}}
            answer = await client.put("/api/v1/suppressions", json=number, headers=sent)
            return answer.status_code

        assert await put() == 403
        assert await put(x_waihu="1", origin="https://elsewhere.test") == 403
        assert await put(x_waihu="1", origin="http://waihu.test") == 204
        assert await put(x_waihu="1") == 204
        assert (await client.get("/api/v1/me", headers=cookie)).status_code == 200


async def test_the_plain_cookie_does_not_count_over_https(house: House) -> None:
    token = house.token(Role.MANAGER)
    async with house.client() as client:
        for name, status in (("waihu", 401), ("__Host-waihu", 200)):
            answer = await client.get(
                "https://waihu.test/api/v1/me", headers={"cookie": f"{name}={token}"}
            )
            assert answer.status_code == status
