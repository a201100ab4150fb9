from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from api.live import CLOSE_FORBIDDEN, CLOSE_NO_SESSION
from api.live_board import PERIOD_S, Board, LiveBoard, changes
from api.tickets import TICKET_S
from api.views import NumbersView
from campaigns.campaign import Campaign, CampaignPlan, CampaignState, Mode
from kernel.clock import VirtualClock
from kernel.errors import UnavailableError
from kernel.ids import CampaignId
from kernel.users import Role
from storage.memory.store import MemoryStore
from tests.api.house import CANARY, House, new_campaign, open_house, upload
from tests.api.live_socket import RefusedError, connected

LIVE = "/api/v1/live"


async def _ticket(house: House) -> str:
    async with house.client(Role.MANAGER) as client:
        answer = await client.post("/api/v1/live-ticket")
    assert answer.json()["seconds"] == TICKET_S
    return str(answer.json()["ticket"])


async def test_numbers_and_states_come_as_they_change(running_house: House) -> None:
    house = running_house
    async with house.client(Role.MANAGER) as client:
        campaign = await new_campaign(client, mode="progressive")
        batch = (await upload(client)).json()["batch"]
        async with connected(house.app) as socket:
            await socket.say({"token": house.token(Role.MANAGER)})
            first, second = await socket.hear(), await socket.hear()
            assert (first["type"], first["state"], first["name"]) == ("campaign", "draft", "回访")
            assert (second["type"], second["leads_left"]) == ("numbers", 0)
            await client.post(
                f"/api/v1/campaigns/{campaign}/allocations",
                json={"batch": batch, "target": "queue"},
            )
            act = f"/api/v1/campaigns/{campaign}/actions"
            await client.post(act, json={"action": "start"})
            heard = await socket.hear_until({"type": "numbers", "leads_left": 3})
            moved = next(m for m in heard if m["type"] == "campaign")
            assert (moved["before"], moved["state"]) == ("draft", "running")
            await client.post(act, json={"action": "pause"})
            heard += await socket.hear_until({"type": "campaign", "state": "paused"})
            assert [m["seq"] for m in heard] == list(range(3, 3 + len(heard)))
            assert CANARY not in str(heard)


async def test_a_ticket_opens_one_connection(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        await new_campaign(client)
    ticket = await _ticket(house)
    async with connected(house.app, f"{LIVE}?ticket={ticket}") as socket:
        assert (await socket.hear())["type"] == "campaign"
    async with connected(house.app) as socket:
        await socket.say({"ticket": ticket})
        with pytest.raises(RefusedError, match=str(CLOSE_NO_SESSION)):
            await socket.hear()


async def test_a_ticket_is_good_for_half_a_minute() -> None:
    clock = VirtualClock()
    async with open_house(dialing=False, clock=clock) as house:
        ticket = await _ticket(house)
        clock.advance(TICKET_S)
        async with connected(house.app, f"{LIVE}?ticket={ticket}") as socket:
            with pytest.raises(RefusedError):
                await socket.hear()


@pytest.mark.parametrize("origin", ["https://evil.test", "http://waihu.test.evil.test", "null"])
async def test_pages_of_others_are_refused(house: House, origin: str) -> None:
    ticket = await _ticket(house)
    with pytest.raises(RefusedError, match="1008"):
        async with connected(house.app, f"{LIVE}?ticket={ticket}", origin=origin):
            pass


async def test_our_own_page_is_let_in(house: House) -> None:
    async with house.client(Role.MANAGER) as client:
        await new_campaign(client)
    async with connected(house.app, origin="http://waihu.test") as socket:
        await socket.say({"ticket": await _ticket(house)})
        assert (await socket.hear())["seq"] == 1


@pytest.mark.parametrize("first", [{}, [], "token", {"token": 1}, {"token": "a.b.c"}])
async def test_a_wrong_first_message_closes(house: House, first: object) -> None:
    async with connected(house.app) as socket:
        await socket.say(first)
        with pytest.raises(RefusedError, match=str(CLOSE_NO_SESSION)):
            await socket.hear()


async def test_the_cookie_alone_opens_nothing(house: House) -> None:
    async with connected(house.app, cookie=f"waihu={house.token(Role.MANAGER)}") as socket:
        await socket.say({})
        with pytest.raises(RefusedError):
            await socket.hear()


async def test_agents_may_not_watch(house: House) -> None:
    async with connected(house.app) as socket:
        await socket.say({"token": house.token(Role.AGENT)})
        with pytest.raises(RefusedError, match=str(CLOSE_FORBIDDEN)):
            await socket.hear()


async def test_an_ended_session_closes_the_connection() -> None:
    """Time runs by itself here: every sleep of the server moves the clock."""
    async with open_house(dialing=False, clock=VirtualClock()) as house:
        manager = house.users[Role.MANAGER]
        async with connected(house.app) as socket:
            await socket.say({"token": house.token(Role.MANAGER)})
            await asyncio.sleep(0)
            await house.store.save_user(replace(manager, role=Role.AGENT))
            with pytest.raises(RefusedError, match=r"440[13]"):
                await socket.hear()


def _board(state: CampaignState, **numbers: int) -> Board:
    campaign = CampaignId(UUID(int=1))
    view = NumbersView.model_validate({"campaign": campaign, "state": state, **numbers})
    return Board({campaign: "a"}, {campaign: view})


def test_only_what_has_changed_is_sent() -> None:
    draft, running = _board(CampaignState.DRAFT), _board(CampaignState.RUNNING)
    dialing = _board(CampaignState.RUNNING, in_flight=2)
    kinds = [[m["type"] for m in changes(*pair)] for pair in (
        (Board(), draft), (draft, draft), (draft, running), (running, dialing),
    )]  # fmt: skip
    assert kinds == [["campaign", "numbers"], [], ["campaign", "numbers"], ["numbers"]]


async def test_one_look_for_everybody_and_old_numbers_while_the_database_is_away() -> None:
    clock = VirtualClock()
    async with open_house(dialing=False, clock=clock) as house:
        store = _Counting(clock)
        board = LiveBoard(replace(house.services, campaigns=store))
        await store.create_campaign(CampaignId(UUID(int=1)), CampaignPlan("a", Mode.PREVIEW))
        first = await board.now()
        assert await board.now() is first
        assert store.looks == 1
        clock.advance(PERIOD_S)
        store.away = True
        assert await board.now() is first
        assert (store.looks, len(first.numbers)) == (2, 1)


class _Counting(MemoryStore):
    looks = 0
    away = False

    async def campaigns(self) -> Sequence[Campaign]:
        self.looks += 1
        if self.away:
            raise UnavailableError("the database does not answer")
        return await super().campaigns()
