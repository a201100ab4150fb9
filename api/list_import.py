"""Import a list: read, clean, report, and store unless it is a dry run.

One use case for the API and the command line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from api.masking import mask_fields
from kernel.ids import BatchId, Ids
from lists.batch import Field, NewBatch, NewMember, SourceFile
from lists.importer import prepare_import, preview
from lists.ports import BatchStore
from lists.workbook import open_sheet, source_from_bytes

#: Rejected rows named in a report; the rest are in the rejected-row workbook.
SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One of the first rows taken, with its numbers masked."""

    row: int
    number: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was not taken; never repeats its cells."""

    row: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do.

    Attributes:
        batch: id of the stored batch, None after a dry run.
        sheet: the sheet that was read, empty for CSV.
        header_row: one-based row of the titles, 0 when there is none.
        rows: rows below the titles that are not blank; `accepted` plus `rejected`.
        reasons: rejected rows per problem code.
        fields: the columns as they were understood.
        first: the first rows taken.
        problems: the first rows rejected.
    """

    batch: BatchId | None
    name: str
    sheet: str
    header_row: int
    rows: int
    accepted: int
    rejected: int
    reasons: Mapping[str, int]
    fields: tuple[Field, ...]
    first: tuple[SampleRow, ...]
    problems: tuple[RowProblem, ...]


async def import_list(  # noqa: PLR0913 - one keyword for each thing the user says
    batches: BatchStore,
    ids: Ids,
    *,
    name: str,
    file_name: str,
    content: bytes,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Import the user's file as a batch; the same file under the same name changes nothing.

    Args:
        batches: where the batch is stored.
        ids: names the batch and its members; also called from the reading thread.
        name: of the batch.
        file_name: as the user's file is called.
        content: the whole file.
        sheet: name of the sheet; by default the first visible one that holds data.
        mapping: key to column title or letter, where guessing should not decide.
        dry_run: report only, store nothing.

    Raises:
        InputError: the file cannot be read as a list; says why and what to do.
        ConflictError: the name belongs to a batch made from another file.
    """

    def read() -> NewBatch:
        source = source_from_bytes(file_name, content)
        return _read(source, name, sheet, mapping, ids)

    prepared = await asyncio.to_thread(read)
    stored = None if dry_run else await batches.save_batch(prepared)
    return _report(prepared, stored.id if stored is not None else None)


def _read(
    source: SourceFile,
    name: str,
    sheet: str | None,
    mapping: Mapping[str, str] | None,
    ids: Ids,
) -> NewBatch:
    with open_sheet(source, sheet) as opened:
        return prepare_import(
            opened.rows,
            name=name,
            source=source,
            sheet=opened.sheet,
            mapping=mapping,
            new_id=ids.new,
        )


def _report(batch: NewBatch, stored: BatchId | None) -> ImportReport:
    seen = preview(batch)
    return ImportReport(
        batch=stored,
        name=batch.name,
        sheet=batch.sheet,
        header_row=seen.header_row,
        rows=seen.rows,
        accepted=seen.accepted,
        rejected=seen.rejected,
        reasons=seen.reasons,
        fields=seen.fields,
        first=tuple(_sample(member) for member in seen.first),
        problems=tuple(
            RowProblem(row.row, problem.code, problem.message)
            for row in batch.rejected[:SHOWN_PROBLEMS]
            for problem in row.problems
        ),
    )


def _sample(member: NewMember) -> SampleRow:
    return SampleRow(member.row, member.number.masked, mask_fields(member.fields))
