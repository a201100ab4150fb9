"""The whole house in one process: real engine, stores in memory, the simulated switch."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeVar

import httpx
import openpyxl
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher

from api.app import create_app
from api.services import Services
from campaigns.ports import AgentRecord
from dialer.campaign_runner import EnginePorts
from dialer.engine import Engine
from kernel.clock import VirtualClock
from kernel.ids import AgentId, TimeOrderedIds, UserId
from kernel.phone import PhoneNumber
from kernel.users import Role, User
from storage.memory.store import MemoryStore
from telephony_adapter.simulated.people import (
    Callee,
    HangUp,
    Joined,
    Outcome,
    Person,
    PersonEvent,
    PickedUp,
    Plan,
)
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch

T = TypeVar("T")

KEY = b"k" * 32
PASSWORD = "correct horse battery"
#: Cheap, so that tests of sign-in are quick; a check reads the cost from the hash.
_HASH = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_ASK_S = 0.02
#: A Monday, ten in the morning in Shanghai.
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

#: Never shown to managers and agents, in any shape.
CANARY = "13812345678"
NUMBERS = (CANARY, "13912340002", "13912340003")
LIST = (
    ("姓名", "手机号", "城市", "备注"),
    ("王一", CANARY, "北京", f"回拨 138-1234-5678 或 {CANARY[:3]} {CANARY[3:7]} {CANARY[7:]}"),
    ("李二", "139 1234 0002", "上海", "=1+1"),
    ("张三", "110", "上海", ""),
    ("赵四", "+8613912340003", "北京", "2026-03-01 10:30:00"),
    ("钱五", CANARY, "广州", ""),
)


class _Talker:
    """Answers, and talks for a moment once somebody is there."""

    def react(self, event: PersonEvent, now_s: float) -> Plan | None:
        del now_s
        match event:
            case PickedUp():
                return (HangUp(after_s=30.0),)
            case Joined():
                return (HangUp(after_s=0.3),)
            case _:
                return None


class Quick:
    """A population that answers or is busy at once.

    Args:
        busy: whose line is engaged.
    """

    def __init__(self, busy: frozenset[str] = frozenset()) -> None:
        self._busy = busy

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        del attempt_no
        if number.e164 in self._busy:
            return Callee(Outcome.BUSY, 0.02, 0.02, rings=False, cause=17, sip_status=486)
        talker: Person = _Talker()
        return Callee(Outcome.ANSWER, 0.02, 0.05, person=talker)


@dataclass(frozen=True, slots=True)
class House:
    """A running product and clients of it."""

    app: FastAPI
    services: Services
    store: MemoryStore
    engine: Engine
    users: Mapping[Role, User]

    def token(self, role: Role) -> str:
        """A session of the user of this role."""
        token = self.app.state.sessions.open(self.users[role])
        assert isinstance(token, str)
        return token

    def client(self, role: Role | None = None, address: str = "10.0.0.1") -> httpx.AsyncClient:
        """A client, signed in by bearer token unless without role."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(address, 5000)),
            base_url="http://waihu.test",
            headers={"authorization": f"Bearer {self.token(role)}"} if role else {},
        )


@asynccontextmanager
async def open_house(
    *, dialing: bool = True, clock: VirtualClock | None = None
) -> AsyncIterator[House]:
    """Start everything.

    Args:
        dialing: whether the engine runs; without it nothing happens by itself.
        clock: by default real time that begins at `START`.
    """
    clock = clock or VirtualClock(START, asyncio.get_running_loop())
    store = MemoryStore(clock)
    ids = TimeOrderedIds(clock, Random(7))
    options = SimulatedOptions(population=Quick(frozenset({"+86" + NUMBERS[1]})))
    engine = Engine(EnginePorts(store, SimulatedSwitch(clock, options), clock, ids))
    services = Services(
        batches=store,
        campaigns=store,
        agents=store,
        scripts=store,
        users=store,
        suppression=store,
        engine=engine,
        clock=clock,
        ids=ids,
        token_key=KEY,
        database_alive=_alive,
    )
    app = create_app(services)
    users = await _people(store, ids)
    if dialing:
        await engine.start()
    try:
        yield House(app, services, store, engine, users)
    finally:
        if dialing:
            await engine.aclose()


async def _alive() -> bool:
    return True


async def _people(store: MemoryStore, ids: TimeOrderedIds) -> dict[Role, User]:
    seat = AgentId(ids.new())
    await store.save_agent(AgentRecord(seat, "坐席一", "sim:1"))
    users = {
        role: User(UserId(ids.new()), role.value, role, _HASH, seat if role is Role.AGENT else None)
        for role in Role
    }
    for user in users.values():
        await store.save_user(user)
    return users


def with_services(house: House, **changed: Any) -> House:
    """The same house behind a new application with other services."""
    services = replace(house.services, **changed)
    return replace(house, app=create_app(services), services=services)


def workbook(rows: Sequence[Sequence[object]] = LIST) -> bytes:
    """A list as the user keeps it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


async def upload(
    client: httpx.AsyncClient, name: str = "三月", *, dry_run: bool = False, **form: str
) -> httpx.Response:
    """Upload `LIST` as a batch."""
    return await client.post(
        "/api/v1/batches",
        params={"dry_run": dry_run},
        data={"name": name, **form},
        files={"file": ("客户.xlsx", workbook())},
    )


async def new_campaign(client: httpx.AsyncClient, **settings: object) -> str:
    """A campaign as a draft; by default preview, open all day."""
    body = {
        "name": "回访",
        "mode": "preview",
        "window": {"opens": "00:00:00", "closes": "23:59:59"},
        **settings,
    }
    answer = await client.post("/api/v1/campaigns", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def until(condition: Callable[[], Awaitable[T]], seconds: float = 8.0) -> T:
    """Ask again and again until the answer is something true, and give it."""
    for _ in range(int(seconds / _ASK_S)):
        if found := await condition():
            return found
        await asyncio.sleep(_ASK_S)
    raise AssertionError(f"not true within {seconds} s")
