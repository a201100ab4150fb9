"""Batches of names on PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from asyncpg import Record

from kernel.errors import ConflictError, InputError
from kernel.ids import BatchId
from lists.batch import Batch, CellProblem, Field, FieldKind, NewBatch, RejectedRow, SourceFile
from lists.filters import Condition
from storage.postgres.database import Connection, StoreOnDatabase
from storage.postgres.faults import translated
from storage.postgres.filters import ConditionCompiler
from storage.postgres.rows import batch_of
from storage.sql import queries

_SQL = queries("batches")


class PostgresBatchStore(StoreOnDatabase):
    """Batches of names (`lists.ports.BatchStore`)."""

    async def save_batch(self, batch: NewBatch) -> Batch:
        """Store an import in one transaction; the same import again changes nothing."""
        async with self._database.transaction() as connection:
            if await self._insert(connection, batch):
                await _copy(connection, batch, self._database.options.bulk_timeout_s)
        stored = await self.find_batch(batch.name)
        assert stored is not None
        if stored.source_sha256 != batch.source.sha256:
            raise ConflictError(
                f"the batch name {batch.name!r} belongs to another file, "
                f"{stored.source_name!r}; choose another name"
            )
        return stored

    async def find_batch(self, name: str) -> Batch | None:
        """The batch of this name, if any."""
        found = await self._with_fields(await self._database.fetch(_SQL["find_batch"], name))
        return found[0] if found else None

    async def batches(self) -> Sequence[Batch]:
        """Every batch, newest first."""
        return await self._with_fields(await self._database.fetch(_SQL["batches"]))

    async def rejected_rows(self, batch: BatchId) -> Sequence[RejectedRow]:
        """Rows that were not taken, in sheet order."""
        rows = await self._database.fetch(
            _SQL["rejected_rows"], batch, timeout_s=self._database.options.bulk_timeout_s
        )
        return [
            RejectedRow(
                row=row["row_no"],
                cells=tuple(row["cells"]),
                problems=tuple(CellProblem(*problem) for problem in row["problems"]),
            )
            for row in rows
        ]

    async def source_file(self, batch: BatchId) -> SourceFile:
        """The user's own file. Raises `InputError` when there is no such batch."""
        rows = await self._database.fetch(
            _SQL["source_file"], batch, timeout_s=self._database.options.bulk_timeout_s
        )
        if not rows:
            raise InputError(f"there is no batch {batch}")
        return SourceFile(rows[0]["name"], rows[0]["sha256"], rows[0]["content"])

    async def count_members(self, batch: BatchId, condition: Condition) -> int:
        """How many members of the batch satisfy the condition."""
        compiler = ConditionCompiler(batch)
        sql = _SQL["count_members"].replace("{condition}", compiler.compile(condition))
        [row] = await self._database.fetch(
            sql, *compiler.parameters, timeout_s=self._database.options.bulk_timeout_s
        )
        return int(row[0])

    async def _insert(self, connection: Connection, batch: NewBatch) -> bool:
        fresh = await connection.fetch(
            _SQL["insert_batch"],
            batch.id,
            batch.name,
            batch.sheet,
            batch.header_row,
            len(batch.members),
            len(batch.rejected),
            self._now(),
        )
        return bool(fresh)

    async def _with_fields(self, rows: Sequence[Record]) -> list[Batch]:
        fields: dict[object, list[Field]] = defaultdict(list)
        found = await self._database.fetch(_SQL["fields"], [row["id"] for row in rows])
        for row in found:
            kind = FieldKind(row["kind"])
            fields[row["batch_id"]].append(
                Field(row["key"], row["title"], row["sheet_column"], kind)
            )
        return [batch_of(row, tuple(fields[row["id"]])) for row in rows]


async def _copy(connection: Connection, batch: NewBatch, timeout_s: float) -> None:
    source = batch.source
    await connection.execute(
        _SQL["insert_source"], batch.id, source.name, source.sha256, source.content,
        timeout=timeout_s,
    )  # fmt: skip
    for table, columns, records in _tables(batch):
        with translated():
            await connection.copy_records_to_table(
                table, records=records, columns=columns, timeout=timeout_s
            )


def _tables(batch: NewBatch) -> Iterable[tuple[str, list[str], Iterable[tuple[object, ...]]]]:
    yield (
        "batch_field",
        ["batch_id", "position", "key", "title", "sheet_column", "kind"],
        (
            (batch.id, position, field.key, field.title, field.column, field.kind.value)
            for position, field in enumerate(batch.fields)
        ),
    )
    yield (
        "list_member",
        ["id", "batch_id", "row_no", "phone", "fields"],
        ((m.id, batch.id, m.row, m.number.e164, dict(m.fields)) for m in batch.members),
    )
    yield (
        "rejected_row",
        ["batch_id", "position", "row_no", "cells", "problems"],
        (
            (batch.id, position, row.row, row.cells, [_problem(p) for p in row.problems])
            for position, row in enumerate(batch.rejected)
        ),
    )


def _problem(problem: CellProblem) -> tuple[int, str, str]:
    return problem.column, problem.code, problem.message
