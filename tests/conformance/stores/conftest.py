"""The same world on either store."""

from __future__ import annotations

import pytest

from kernel.clock import VirtualClock
from storage.memory.store import MemoryStore
from storage.postgres.database import Database
from storage.postgres.store import PostgresStore
from tests.conformance.stores.world import World


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> World:
    """A world on each driver in turn."""
    clock = VirtualClock()
    if request.param == "memory":
        return World(MemoryStore(clock), clock)
    database: Database = request.getfixturevalue("database")
    return World(PostgresStore(database, clock), clock)
