from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from api.body_limit import _OTHER_BYTES
from api.errors import status_of
from campaigns.campaign import Campaign
from kernel.errors import (
    CommitUnknownError,
    ConflictError,
    DefectError,
    InputError,
    PeerError,
    UnavailableError,
    WaihuError,
)
from kernel.users import Role
from storage.memory.store import MemoryStore
from tests.api.house import House, with_services

_JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x"), 422),
        (ConflictError("x"), 409),
        (UnavailableError("x"), 503),
        (CommitUnknownError("x"), 503),
        (PeerError("x"), 502),
        (DefectError("x"), 500),
    ],
)
def test_status_of_every_kind(error: WaihuError, status: int) -> None:
    assert status_of(error) == status


class _Away(MemoryStore):
    async def campaigns(self) -> Sequence[Campaign]:
        raise UnavailableError("the database does not answer; try again")


class _Broken(MemoryStore):
    async def campaigns(self) -> Sequence[Campaign]:
        raise ZeroDivisionError("secret detail")


async def test_what_may_succeed_later_says_when(house: House) -> None:
    away = with_services(house, campaigns=_Away(house.services.clock))
    async with away.client(Role.MANAGER) as client:
        answer = await client.get("/api/v1/campaigns")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json() == {
        "title": "Service Unavailable",
        "status": 503,
        "detail": "the database does not answer; try again",
    }


async def test_a_defect_tells_strangers_nothing(house: House) -> None:
    broken = with_services(house, campaigns=_Broken(house.services.clock))
    transport = httpx.ASGITransport(broken.app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {broken.token(Role.MANAGER)}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://waihu.test", headers=headers
    ) as client:
        answer = await client.get("/api/v1/campaigns")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


async def test_faults_of_a_body_are_named_without_its_values(house: House) -> None:
    body = {"number": 13812345678, "reason": "x", "extra": 1}
    async with house.client(Role.MANAGER) as client:
        answer = await client.put("/api/v1/suppressions", json=body)
        garbage = await client.put("/api/v1/suppressions", content=b"{")
    assert answer.status_code == garbage.status_code == 422
    assert {fault["where"] for fault in answer.json()["faults"]} == {"body.number", "body.extra"}
    assert "13812345678" not in answer.text


async def test_large_bodies_are_refused(house: House) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(_OTHER_BYTES // 100_000 + 2):
            yield b" " * 100_000

    async with house.client(Role.MANAGER) as client:
        announced = await client.put("/api/v1/suppressions", content=b" " * (_OTHER_BYTES + 1))
        found_out = await client.put("/api/v1/suppressions", content=endless())
    assert (announced.status_code, found_out.status_code) == (413, 413)
    assert announced.headers["content-type"] == "application/problem+json"


async def test_an_unknown_address_is_a_problem_too(house: House) -> None:
    async with house.client() as client:
        answer = await client.get("/api/v1/nothing")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800"])
async def test_texts_that_cannot_be_kept_are_refused(house: House, text: str) -> None:
    bodies = {
        "/api/v1/session": f'{{"name": "{text}", "password": "x"}}',
        "/api/v1/scripts": f'{{"name": "x", "source": "{text}"}}',
        "/api/v1/campaigns": f'{{"name": "x", "mode": "preview", "window": {{"zone": "{text}"}}}}',
    }
    condition = f'{{"condition": {{"all": [{{"field": "{text}", "op": "=", "values": []}}]}}}}'
    async with house.client(Role.MANAGER) as client:
        answers = [
            await client.post(path, content=body, headers=_JSON) for path, body in bodies.items()
        ]
        answers.append(await client.put("/api/v1/filter-forms/x", content=condition, headers=_JSON))
        answers.append(await client.get("/api/v1/filter-forms/a%00b"))
    assert [answer.status_code for answer in answers] == [422] * 5
    details = [answer.json()["detail"] for answer in answers]
    assert all("half a character" in detail for detail in details), details


async def test_a_bottomless_body_is_refused(house: House) -> None:
    deep = b'{"condition": ' + b'{"not": ' * 500 + b'{"all": []}' + b"}" * 501
    bottomless = b'{"condition": ' + b"[" * 100_000
    async with house.client(Role.MANAGER) as client:
        for body in (deep, bottomless):
            answer = await client.put("/api/v1/filter-forms/x", content=body, headers=_JSON)
            assert 400 <= answer.status_code < 500
            assert answer.headers["content-type"] == "application/problem+json"
