from __future__ import annotations

import asyncio

from kernel.errors import UnavailableError
from tests.api.house import House, with_services


async def test_alive_without_anything(house: House) -> None:
    async with house.client() as client:
        assert (await client.get("/healthz")).json() == {"status": "alive"}


async def test_not_ready_until_the_switch_is_connected(house: House) -> None:
    async with house.client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "up", "switch": "down"}


async def test_ready(running_house: House) -> None:
    async with running_house.client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"] == {"database": "up", "switch": "up"}


async def test_not_ready_without_its_database(running_house: House) -> None:
    async def away() -> bool:
        raise UnavailableError("the database does not answer")

    async def silent() -> bool:
        await asyncio.Event().wait()
        return True

    for database in (away, silent):
        house = with_services(running_house, database_alive=database)
        async with house.client() as client:
            answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["parts"]["database"] == "down"


async def test_every_series_is_there_from_the_start(house: House) -> None:
    async with house.client() as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    for line in (
        "waihu_switch_connected 0.0",
        'waihu_calls{with="robot"} 0.0',
        'waihu_seats{state="wrap-up"} 0.0',
        'waihu_attempts_ended_total{result="answered-human"} 0.0',
    ):
        assert line in answer.text


async def test_headers_of_every_answer(house: House) -> None:
    async with house.client() as client:
        for address in ("/", "/static/live.js", "/healthz", "/api/v1/me", "/nowhere"):
            headers = (await client.get(address)).headers
            assert "script-src 'self'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
