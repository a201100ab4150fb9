from __future__ import annotations

from uuid import UUID

import pytest

from kernel.ids import UserId
from kernel.users import Role, User, UserStore
from storage.memory.store import MemoryStore
from storage.postgres.store import PostgresStore
from tests.ports import missing_from


@pytest.mark.parametrize("store", [MemoryStore, PostgresStore])
def test_every_store_keeps_users(store: type) -> None:
    assert missing_from(UserStore, store) == []


def test_a_user_is_no_agent_unless_said() -> None:
    assert User(UserId(UUID(int=1)), "wang", Role.MANAGER, "hash").agent is None
