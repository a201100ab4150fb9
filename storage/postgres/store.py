"""Every port on one database."""

from __future__ import annotations

from storage.postgres.batches import PostgresBatchStore
from storage.postgres.campaigns import PostgresCampaignStore
from storage.postgres.directory import PostgresDirectory
from storage.postgres.engine import PostgresEngineStore
from storage.postgres.results import PostgresResults


class PostgresStore(
    PostgresEngineStore,
    PostgresCampaignStore,
    PostgresResults,
    PostgresBatchStore,
    PostgresDirectory,
):
    """`EngineStore`, `CampaignStore`, `BatchStore`, `SuppressionList` and the directories."""
