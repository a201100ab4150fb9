from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.ports import AgentRecord
from kernel.errors import ConflictError, InputError
from kernel.ids import AgentId, ScriptVersionId, UserId
from kernel.users import Role, User
from tests.conformance.stores.world import World


async def test_agents_are_stored_replaced_and_sorted(world: World) -> None:
    agents = [AgentRecord(AgentId(world.ids.new()), name, f"sim:{name}") for name in "cab"]
    for agent in agents:
        await world.store.save_agent(agent)
    assert [agent.name for agent in await world.store.agents()] == ["a", "b", "c"]
    await world.store.save_agent(replace(agents[0], name="A", address="sim:9"))
    assert (await world.store.agents())[0] == AgentRecord(agents[0].id, "A", "sim:9")


async def test_users_are_stored_and_replaced(world: World) -> None:
    user = User(UserId(world.ids.new()), "张三", Role.AGENT, "$argon2id$x", await world.agent())
    await world.store.save_user(user)
    assert await world.store.find_user("张三") == user
    manager = replace(user, name="张", role=Role.MANAGER, agent=None)
    await world.store.save_user(manager)
    assert await world.store.find_user("张三") is None
    assert await world.store.find_user("张") == manager


async def test_a_user_name_is_one_persons(world: World) -> None:
    user = User(UserId(world.ids.new()), "a", Role.MANAGER, "x")
    await world.store.save_user(user)
    with pytest.raises(ConflictError, match="another user"):
        await world.store.save_user(replace(user, id=UserId(world.ids.new())))
    with pytest.raises(InputError):
        await world.store.save_user(replace(user, agent=AgentId(world.ids.new())))


async def test_scripts_are_versioned_by_text(world: World) -> None:
    def fresh() -> ScriptVersionId:
        return ScriptVersionId(world.ids.new())

    first = await world.store.publish_script(fresh(), "survey", "ask a")
    assert (first.version, first.published_at) == (1, world.clock.now())
    assert await world.store.publish_script(fresh(), "survey", "ask a") == first
    second = await world.store.publish_script(fresh(), "survey", "ask b")
    assert second.version == 2
    third = await world.store.publish_script(fresh(), "survey", "ask a")
    assert third.version == 3
    assert (await world.store.publish_script(fresh(), "other", "ask a")).version == 1
    assert await world.store.script(first.id) == first
    with pytest.raises(InputError, match="no script"):
        await world.store.script(fresh())
