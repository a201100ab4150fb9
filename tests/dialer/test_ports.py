from __future__ import annotations

import pytest

from dialer.ports import EngineStore
from storage.memory.store import MemoryStore
from storage.postgres.store import PostgresStore
from tests.ports import missing_from


@pytest.mark.parametrize("store", [MemoryStore, PostgresStore])
def test_every_store_offers_the_whole_port(store: type) -> None:
    assert missing_from(EngineStore, store) == []
