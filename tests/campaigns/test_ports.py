from __future__ import annotations

import pytest

from campaigns.ports import AgentDirectory, CampaignStore, ScriptStore, SuppressionList
from storage.memory.store import MemoryStore
from storage.postgres.store import PostgresStore
from tests.ports import missing_from


@pytest.mark.parametrize("store", [MemoryStore, PostgresStore])
@pytest.mark.parametrize("port", [AgentDirectory, CampaignStore, ScriptStore, SuppressionList])
def test_every_store_offers_the_whole_port(port: type, store: type) -> None:
    assert missing_from(port, store) == []
