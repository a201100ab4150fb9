"""Random histories on both stores at once: every answer is the same."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from campaigns.campaign import CampaignAction
from campaigns.redial import RedialRules
from dialer.ports import AttemptUpdate, Disposition, Epoch, Suppression
from kernel.call import AttemptState, Result
from kernel.clock import VirtualClock
from kernel.errors import ConflictError
from kernel.ids import AgentId, TimeOrderedIds
from storage.memory.store import MemoryStore
from storage.postgres.database import Database
from storage.postgres.store import PostgresStore
from tests.conformance.stores.world import Floor, World

_MOVES = (
    AttemptState.SENT,
    AttemptState.RINGING,
    AttemptState.EARLY,
    AttemptState.ANSWERED,
    AttemptState.CONNECTED,
    AttemptState.ABANDONED,
)


class Twins:
    """The same course of events on two worlds.

    Every choice comes from one random source that is copied, so both see the same.
    """

    def __init__(self, worlds: list[World], floors: list[list[Floor]], agent: AgentId) -> None:
        self.worlds = worlds
        self.floors = floors
        self.agent = agent
        self.claimed: list[list[Any]] = [[] for _ in worlds]

    async def step(self, seed: int) -> None:
        """One random event on each world; the answers must agree."""
        answers = [await self._act(index, Random(seed)) for index in range(len(self.worlds))]
        assert answers[0] == answers[1]

    async def _act(self, index: int, rng: Random) -> object:
        event: Callable[[int, Floor, Random], Coroutine[Any, Any, object]] = rng.choices(
            (self._claim, self._move, self._end, self._suppress, self._dispose, self._manage),
            (6, 6, 6, 1, 1, 1),
        )[0]
        return await event(index, rng.choice(self.floors[index]), rng)

    async def _claim(self, index: int, floor: Floor, rng: Random) -> object:
        self.worlds[index].clock.advance(rng.choice((0, 1, 60, 1000, 4000)))
        agent = self.agent if rng.random() < 0.3 else None
        names = await floor.claim(rng.randint(1, 5), agent)
        self.claimed[index] += [(floor, name) for name in names]
        return names

    async def _move(self, index: int, _floor: Floor, rng: Random) -> None:
        if self.claimed[index]:
            floor, name = rng.choice(self.claimed[index])
            now = floor.world.clock.now()
            await floor.world.store.record([
                AttemptUpdate(name.attempt, rng.choice(_MOVES), now) for _ in range(2)
            ])

    async def _end(self, index: int, _floor: Floor, rng: Random) -> None:
        if self.claimed[index]:
            floor, name = rng.choice(self.claimed[index])
            state = rng.choice((AttemptState.ENDED, AttemptState.UNKNOWN, AttemptState.VOID))
            if state is AttemptState.VOID:
                await floor.void(name)
            else:
                update = floor.ended(name, rng.choice(list(Result)), state)
                await floor.world.store.record([update])

    async def _suppress(self, index: int, floor: Floor, rng: Random) -> None:
        world = self.worlds[index]
        campaign = floor.campaign.id if rng.random() < 0.5 else None
        number = world.number(rng.randint(2, 13))
        await world.store.suppress(Suppression(number, "x", world.clock.now(), campaign))

    async def _dispose(self, index: int, _floor: Floor, rng: Random) -> None:
        if self.claimed[index]:
            floor, name = rng.choice(self.claimed[index])
            result = rng.choice((None, *Result))
            now = floor.world.clock.now()
            note = Disposition(name.attempt, self.agent, rng.choice("abc"), now, result)
            await floor.world.store.dispose(note)

    async def _manage(self, index: int, floor: Floor, rng: Random) -> object:
        store = self.worlds[index].store
        if rng.random() < 0.2:
            return await store.take_back(floor.campaign.id)
        try:
            moved = await store.act(
                floor.campaign.id, rng.choice((CampaignAction.PAUSE, CampaignAction.START))
            )
        except ConflictError as error:
            return str(error)
        return moved.state

    async def everything(self, index: int) -> list[object]:
        """All that the store can tell."""
        store, told = self.worlds[index].store, list[object]()
        for floor in self.floors[index]:
            campaign = floor.campaign.id
            told += [
                await store.name_results(campaign),
                await store.attempt_history(campaign),
                await store.summary(campaign),
                await store.ready_count(campaign),
                await store.unsettled_count(campaign),
                await store.preview(campaign, self.agent),
                [replace(a, epoch=Epoch(0)) for a in await store.open_attempts(campaign)],
                await store.state_events("campaign", str(campaign)),
            ]
        for _, name in self.claimed[index]:
            for entity, key in (
                ("lead", name.lead),
                ("attempt", name.attempt),
                ("attempt-result", name.attempt),
            ):
                told.append(await store.state_events(entity, str(key)))
        return told


async def twins(database: Database) -> Twins:
    """Two worlds alike: two campaigns over lists that share numbers, one with an agent."""
    clocks = VirtualClock(), VirtualClock()
    memory = World(MemoryStore(clocks[0]), clocks[0])
    postgres = World(PostgresStore(database, clocks[1]), clocks[1])
    postgres.block = memory.block
    floors, agents = [], set()
    for world in (memory, postgres):
        # Ids of their own in every example, the same in both worlds.
        world.ids = TimeOrderedIds(world.clock, Random(world.block))
        agent = await world.agent()
        rules = RedialRules(max_attempts=3)
        first = await world.floor(8, f"first {world.block}", redial=rules)
        second = await world.floor(12, f"second {world.block}", [agent], redial=rules)
        floors.append([replace(first, epoch=second.epoch), second])
        agents.add(agent)
    [agent] = agents
    return Twins([memory, postgres], floors, agent)


@pytest.mark.postgres
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seeds=st.lists(st.integers(0, 2**32), min_size=10, max_size=80))
async def test_both_stores_tell_the_same_history(database: Database, seeds: list[int]) -> None:
    pair = await twins(database)
    for seed in seeds:
        await pair.step(seed)
    assert await pair.everything(0) == await pair.everything(1)
