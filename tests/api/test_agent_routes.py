from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from kernel.users import Role
from storage.memory.store import MemoryStore
from tests.api.house import House, new_campaign, until, upload, with_services

SEAT = "/api/v1/me/seat"


async def test_an_administrator_enters_agents(house: House) -> None:
    agent = str(uuid4())
    async with house.client(Role.ADMINISTRATOR) as client:
        for name, address in (("坐席九", "PJSIP/8009@trunk"), ("坐席 9", "sim:9")):
            body = {"name": name, "address": address}
            answer = await client.put(f"/api/v1/agents/{agent}", json=body)
            assert answer.status_code == 200, answer.text
        listed = (await client.get("/api/v1/agents")).json()
    [stored] = [found for found in listed if found["id"] == agent]
    assert (stored["address"], stored["seat"], stored["campaign"]) == ("sim:9", "signed-out", None)


@pytest.mark.parametrize(
    "address",
    ["", " ", "sim:1\n", "sim:1\r\nHangup", "a,b", "{x=1}sofia/a", "${a}", "-x", "a" * 129],
)
async def test_a_switch_address_is_never_a_command(house: House, address: str) -> None:
    async with house.client(Role.ADMINISTRATOR) as client:
        answer = await client.put(
            f"/api/v1/agents/{uuid4()}", json={"name": "x", "address": address}
        )
    assert answer.status_code == 422


async def test_nobody_works_without_a_seat_or_a_phone(house: House) -> None:
    action = {"action": "sign-in", "campaign": str(uuid4())}
    async with house.client(Role.MANAGER) as client:
        answer = await client.post(SEAT, json=action)
        assert (answer.status_code, "no seat" in answer.json()["detail"]) == (409, True)
    elsewhere = with_services(house, agents=MemoryStore(house.services.clock))
    async with elsewhere.client(Role.AGENT) as client:
        answer = await client.post(SEAT, json=action)
        assert (answer.status_code, "no phone" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    "action",
    [
        {"action": "ready"},
        {"action": "pause", "reason": "lunch"},
        {"action": "hang-up"},
        {"action": "dial"},
        {"action": "wrap-up", "code": "x"},
        {"action": "sign-out"},
    ],
)
async def test_moves_need_a_signed_in_agent(house: House, action: dict[str, str]) -> None:
    async with house.client(Role.AGENT) as client:
        answer = await client.post(SEAT, json=action)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "the agent is not signed in"


@pytest.mark.parametrize(
    "action",
    [
        {},
        {"action": "dance"},
        {"action": "sign-in"},
        {"action": "ready", "campaign": "x"},
        {"action": "wrap-up"},
        {"action": "wrap-up", "code": "x", "result": "great"},
    ],
)
async def test_unknown_moves_are_refused(house: House, action: dict[str, str]) -> None:
    async with house.client(Role.AGENT) as client:
        assert (await client.post(SEAT, json=action)).status_code == 422


async def test_an_agent_hangs_up_and_the_manager_sees_the_seat(running_house: House) -> None:
    house = running_house
    async with house.client(Role.MANAGER) as manager, house.client(Role.AGENT) as agent:
        campaign = await new_campaign(manager, mode="progressive", wrap_up_limit_s=3600)
        batch = (await upload(manager)).json()["batch"]
        base = f"/api/v1/campaigns/{campaign}"
        await manager.post(f"{base}/allocations", json={"batch": batch, "target": "queue"})
        await manager.post(f"{base}/actions", json={"action": "start"})

        async def signed_in() -> bool:
            action = {"action": "sign-in", "campaign": campaign}
            return (await agent.post(SEAT, json=action)).status_code == 200

        await until(signed_in)
        await _reach(agent, "paused")
        for wrong in ({"action": "wrap-up", "code": "x"}, {"action": "dial"}):
            assert (await agent.post(SEAT, json=wrong)).status_code == 409
        await agent.post(SEAT, json={"action": "ready"})
        talking = await _reach(agent, "talking")
        assert talking["call"]["number"].startswith("+86139") or "****" in talking["call"]["number"]
        [listed] = (await manager.get("/api/v1/agents")).json()
        assert (listed["seat"], listed["campaign"]) == ("talking", campaign)
        await agent.post(SEAT, json={"action": "pause", "reason": "午餐"})
        assert (await agent.get(SEAT)).json()["wish"] == "pause"
        await agent.post(SEAT, json={"action": "hang-up"})
        await _reach(agent, "wrap-up")
        await agent.post(
            SEAT, json={"action": "wrap-up", "code": "语音信箱", "result": "answered-machine"}
        )
        await _reach(agent, "paused")
        assert (await agent.get(SEAT)).json()["call"] is None


async def _reach(agent: httpx.AsyncClient, state: str) -> Any:
    async def there() -> Any:
        seat = (await agent.get(SEAT)).json()
        return seat if seat["state"] == state else None

    return await until(there)
