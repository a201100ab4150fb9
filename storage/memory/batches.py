"""Batches of names in memory."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.errors import ConflictError, InputError
from kernel.ids import BatchId
from lists.batch import Batch, NewBatch, RejectedRow, SourceFile
from lists.filters import Condition, matches
from storage.memory.records import BatchRecord
from storage.memory.tables import StoreInMemory


class MemoryBatchStore(StoreInMemory):
    """Batches of names (`lists.ports.BatchStore`)."""

    async def save_batch(self, batch: NewBatch) -> Batch:
        """Store an import; the same import again changes nothing."""
        known = await self.find_batch(batch.name)
        if known is None:
            known = Batch(
                id=batch.id,
                name=batch.name,
                source_name=batch.source.name,
                source_sha256=batch.source.sha256,
                sheet=batch.sheet,
                header_row=batch.header_row,
                fields=batch.fields,
                members=len(batch.members),
                rejected=len(batch.rejected),
                created_at=self._tables.now(),
            )
            self._tables.batches[batch.id] = BatchRecord(known, batch)
        if known.source_sha256 != batch.source.sha256:
            raise ConflictError(
                f"the batch name {batch.name!r} belongs to another file, "
                f"{known.source_name!r}; choose another name"
            )
        return known

    async def find_batch(self, name: str) -> Batch | None:
        """The batch of this name, if any."""
        values = (record.value for record in self._tables.batches.values())
        return next((value for value in values if value.name == name), None)

    async def batches(self) -> Sequence[Batch]:
        """Every batch, newest first."""
        values = (record.value for record in self._tables.batches.values())
        return sorted(values, key=lambda value: (value.created_at, value.id), reverse=True)

    async def rejected_rows(self, batch: BatchId) -> Sequence[RejectedRow]:
        """Rows that were not taken, in sheet order."""
        record = self._tables.batches.get(batch)
        return sorted(record.content.rejected, key=lambda row: row.row) if record else []

    async def source_file(self, batch: BatchId) -> SourceFile:
        """The user's own file. Raises `InputError` when there is no such batch."""
        record = self._tables.batches.get(batch)
        if record is None:
            raise InputError(f"there is no batch {batch}")
        return record.content.source

    async def count_members(self, batch: BatchId, condition: Condition) -> int:
        """How many members of the batch satisfy the condition."""
        record = self._tables.batches.get(batch)
        members = record.content.members if record else ()
        return sum(matches(condition, member.fields) for member in members)
