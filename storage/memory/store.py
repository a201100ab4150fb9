"""Every port in one memory."""

from __future__ import annotations

from kernel.clock import Clock
from storage.memory.batches import MemoryBatchStore
from storage.memory.campaigns import MemoryCampaignStore
from storage.memory.directory import MemoryDirectory
from storage.memory.engine import MemoryEngineStore
from storage.memory.results import MemoryResults
from storage.memory.tables import Tables


class MemoryStore(
    MemoryEngineStore,
    MemoryCampaignStore,
    MemoryResults,
    MemoryBatchStore,
    MemoryDirectory,
):
    """`EngineStore`, `CampaignStore`, `BatchStore`, `SuppressionList` and the directories.

    Args:
        clock: the database's clock.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(Tables(clock))
