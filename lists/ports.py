"""What the lists room needs from storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kernel.ids import BatchId
from lists.batch import Batch, NewBatch, RejectedRow, SourceFile
from lists.filters import Condition


class BatchStore(Protocol):
    """Batches of names."""

    async def save_batch(self, batch: NewBatch) -> Batch:
        """Store an import in one transaction.

        Importing the same bytes under the same name again changes nothing and returns the
        batch that is there.

        Raises:
            ConflictError: the name belongs to a batch made from another file.
        """
        ...

    async def find_batch(self, name: str) -> Batch | None:
        """The batch of this name, if any."""
        ...

    async def batches(self) -> Sequence[Batch]:
        """Every batch, newest first."""
        ...

    async def rejected_rows(self, batch: BatchId) -> Sequence[RejectedRow]:
        """Rows that were not taken, in sheet order."""
        ...

    async def source_file(self, batch: BatchId) -> SourceFile:
        """The user's own file."""
        ...

    async def count_members(self, batch: BatchId, condition: Condition) -> int:
        """How many members of the batch satisfy the condition."""
        ...
