from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest

from kernel.users import Role
from tests.api.house import CANARY, NUMBERS, House, new_campaign, until, upload

SCRIPTS = Path(__file__).parents[2] / "demo" / "scripts"


async def _act(client: httpx.AsyncClient, campaign: str, action: str) -> httpx.Response:
    return await client.post(f"/api/v1/campaigns/{campaign}/actions", json={"action": action})


async def _allocated(client: httpx.AsyncClient, campaign: str, **body: object) -> Any:
    batch = (await upload(client)).json()["batch"]
    answer = await client.post(
        f"/api/v1/campaigns/{campaign}/allocations",
        json={"batch": batch, "target": "queue", **body},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_life_of_a_campaign(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        campaign = await new_campaign(client)
        record = await _allocated(client, campaign, limit=2)
        assert (record["matched"], record["allocated"]) == (3, 2)
        states = [
            (await _act(client, campaign, action)).json()["state"]
            for action in ("start", "pause", "start", "drain", "finish", "archive")
        ]
        assert states == ["running", "paused", "running", "draining", "finished", "archived"]
        answer = await _act(client, campaign, "start")
        assert answer.status_code == 409
        assert "archived cannot start" in answer.json()["detail"]
        [listed] = (await client.get("/api/v1/campaigns")).json()
        assert listed == (await client.get(f"/api/v1/campaigns/{campaign}")).json()


async def test_taking_back_what_was_not_dialed(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        campaign = await new_campaign(client)
        await _allocated(client, campaign)
        answer = await client.post(f"/api/v1/campaigns/{campaign}/take-back")
        assert answer.json() == {"names": 3}
        page = (await client.get(f"/api/v1/campaigns/{campaign}/names?offset=1&limit=1")).json()
        assert (page["total"], [n["state"] for n in page["names"]]) == (3, ["taken-back"])


async def test_condition_and_saved_form_apply_together(house: House) -> None:
    city = {"field": "city", "op": "=", "values": ["北京"]}
    name = {"field": "name", "op": "=", "values": ["王一"]}
    async with house.client(Role.MANAGER) as client:
        await client.put("/api/v1/filter-forms/city", json={"condition": city})
        campaign = await new_campaign(client)
        record = await _allocated(client, campaign, filter_form="city", condition=name)
        assert record["allocated"] == 1


async def test_suppressed_numbers_are_held_back(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        number = {"number": "139-1234-0003", "reason": "asked us to stop"}
        assert (await client.put("/api/v1/suppressions", json=number)).status_code == 204
        refused = await client.put("/api/v1/suppressions", json={"number": "110"})
        assert refused.status_code == 422
        campaign = await new_campaign(client)
        record = await _allocated(client, campaign)
        assert (record["allocated"], record["suppressed"]) == (2, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": True},
        {"lines": "30"},
        {"lines": 0},
        {"unknown": 1},
        {"mode": "robot"},
        {"mode": "shout"},
        {"window": {"opens": "20:00:00", "closes": "09:00:00"}},
        {"window": {"zone": "Mars/Olympus"}},
        {"window": {"opens": 0}},
        {"window": {"opens": "09:00:00Z"}},
        {"max_cps": float("inf")},
        {"script": str(uuid4())},
        {"caller_id": "not a number"},
        {"redial": {"delays_s": {"busy": -1}}},
    ],
)
async def test_settings_out_of_range_are_refused(house: House, wrong: dict[str, object]) -> None:
    async with house.client(Role.MANAGER) as client:
        body = {"name": "x", "mode": "preview", **wrong}
        answer = await client.post(
            "/api/v1/campaigns",
            content=json.dumps(body),
            headers={"content-type": "application/json"},
        )
    assert answer.status_code == 422, answer.text
    assert "\n" not in answer.json()["detail"]


async def test_what_is_not_there(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        campaign = await new_campaign(client)
        for address in (f"campaigns/{uuid4()}", f"batches/{uuid4()}", f"scripts/{uuid4()}"):
            assert (await client.get(f"/api/v1/{address}")).status_code == 404
        empty = await client.get(f"/api/v1/campaigns/{campaign}/results.xlsx")
        assert empty.status_code == 422
        nowhere = {"batch": str(uuid4()), "target": "queue"}
        answer = await client.post(f"/api/v1/campaigns/{campaign}/allocations", json=nowhere)
        assert answer.status_code == 404


async def test_publishing_scripts(house: House) -> None:
    script = next(iter(sorted(SCRIPTS.glob("*.call")))).read_text()
    async with house.client(Role.MANAGER) as client:
        first = await client.post("/api/v1/scripts", json={"name": "s", "source": script})
        assert first.status_code == 201, first.text
        again = await client.post("/api/v1/scripts", json={"name": "s", "source": script})
        assert again.json()["id"] == first.json()["id"]
        read = await client.get(f"/api/v1/scripts/{first.json()['id']}")
        assert read.json()["source"] == script
        robot = await new_campaign(client, mode="robot", script=first.json()["id"])
        assert (await client.get(f"/api/v1/campaigns/{robot}")).json()["mode"] == "robot"
        broken = await client.post("/api/v1/scripts", json={"name": "b", "source": "nonsense"})
        assert broken.status_code == 422
        assert broken.json()["diagnostics"][0].startswith("b:1:")


async def test_an_agent_works_a_preview_list(running_house: House) -> None:
    """Sign in, look, dial, talk, wrap up; then the results go back into the workbook."""
    house = running_house
    async with house.client(Role.MANAGER) as manager, house.client(Role.AGENT) as agent:
        seen: list[str] = []

        async def seat(**action: object) -> Any:
            answer = await (
                agent.post("/api/v1/me/seat", json=action)
                if action
                else agent.get("/api/v1/me/seat")
            )
            seen.append(answer.text)
            assert answer.status_code == 200, answer.text
            return answer.json()

        async def reach(state: str) -> Any:
            async def there() -> Any:
                now = await seat()
                return now if now["state"] == state else None

            return await until(there)

        campaign = await new_campaign(manager)
        await _allocated(
            manager, campaign, target="agents", agents=[str(house.users[Role.AGENT].agent)]
        )
        refused = await agent.post(
            "/api/v1/me/seat", json={"action": "sign-in", "campaign": campaign}
        )
        assert refused.status_code == 409
        await _act(manager, campaign, "start")
        await until(_running(manager, campaign))
        assert (await seat())["state"] == "signed-out"
        await seat(action="sign-in", campaign=campaign)
        await reach("paused")
        await seat(action="ready")
        shown = (await reach("previewing"))["call"]
        assert shown["fields"]["name"] == "王一"
        assert shown["number"] == "+86138****5678"
        ringing = await seat(action="dial")
        assert ringing["call"]["fields"]["name"] == "王一"
        wrapping = await reach("wrap-up")
        assert wrapping["call"]["fields"]["name"] == "王一"
        early = await agent.post("/api/v1/me/seat", json={"action": "dial"})
        assert early.status_code == 409
        await seat(action="wrap-up", code="有意向", note="明天再打")
        await reach("previewing")
        await seat(action="dial")  # the second line is engaged
        await until(_dialed_twice(manager, campaign))
        await seat(action="pause", reason="午餐")
        await seat(action="sign-out")

        agents = (await manager.get("/api/v1/agents")).json()
        assert agents[0]["name"] == "坐席一"
        summary = (await manager.get(f"/api/v1/campaigns/{campaign}/summary")).json()
        assert (summary["rows_total"], summary["rows_rejected"]) == (5, 2)
        assert summary["results"] == {"answered-human": 1, "busy": 1}
        assert 0 < summary["occupancy"] <= 1
        metrics = (await manager.get("/metrics")).text
        assert 'waihu_attempts_ended_total{result="answered-human"} 1.0' in metrics
        assert 'waihu_attempts_reached_total{state="connected"} 1.0' in metrics
        await _check_exports(house, campaign)
        assert not any(number in text for number in NUMBERS for text in seen)


def _running(client: httpx.AsyncClient, campaign: str) -> Callable[[], Awaitable[bool]]:
    async def running() -> bool:
        answer = await client.get(f"/api/v1/campaigns/{campaign}/numbers")
        if answer.json()["state"] != "running":
            return False
        metrics: str = (await client.get("/metrics")).text
        return "waihu_campaigns 1.0" in metrics

    return running


def _dialed_twice(client: httpx.AsyncClient, campaign: str) -> Callable[[], Awaitable[bool]]:
    async def dialed() -> bool:
        summary = (await client.get(f"/api/v1/campaigns/{campaign}/summary")).json()
        return bool(summary["results"] == {"answered-human": 1, "busy": 1})

    return dialed


async def _check_exports(house: House, campaign: str) -> None:
    address = f"/api/v1/campaigns/{campaign}"
    async with house.client(Role.ADMINISTRATOR) as client:
        rows = _rows((await client.get(f"{address}/results.xlsx")).content)
        names = (await client.get(f"{address}/names")).json()["names"]
    assert rows[0][:4] == ["姓名", "手机号", "城市", "备注"]
    assert rows[0][4:9] == ["呼叫结果", "呼叫时间", "通话秒数", "标签", "呼叫次数"]
    assert [row[4] for row in rows[1:4]] == ["接通", "忙线", "号码无效: " + rows[3][4][6:]]
    assert rows[4][4] == "未拨打"
    assert all(row[4] for row in rows[1:])
    assert [row[1] for row in rows[1:]] == [
        CANARY,
        "139 1234 0002",
        "110",
        "+8613912340003",
        CANARY,
    ]
    assert (rows[1][7], rows[1][8]) == ("有意向", 1)
    # Local time of the campaign's zone.
    assert (rows[1][5].year, rows[1][5].hour) == (2026, 10)
    assert names[0]["number"] == "+86" + CANARY
    async with house.client(Role.MANAGER) as client:
        masked = (await client.get(f"{address}/results.xlsx?language=en")).content
        names = (await client.get(f"{address}/names")).json()["names"]
    assert [row[4] for row in _rows(masked)[1:3]] == ["answered", "busy"]
    assert _rows(masked)[1][1] == "138****5678"
    assert _rows(masked)[4][3] == "2026-03-01 10:30:00"
    with zipfile.ZipFile(io.BytesIO(masked)) as parts:
        texts = [parts.read(name).decode(errors="replace") for name in parts.namelist()]
    assert not any(number in text for number in NUMBERS for text in texts)
    assert names[0]["number"] == "+86138****5678"


def _rows(content: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]
