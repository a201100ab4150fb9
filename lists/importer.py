"""From rows of texts to a batch: titles found, numbers cleaned, duplicates and faults told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from uuid import UUID

from kernel.errors import InputError
from kernel.ids import BatchId, MemberId
from kernel.phone import PhoneNumber
from lists.batch import (
    CellProblem,
    Field,
    NewBatch,
    NewMember,
    RejectedRow,
    SourceFile,
)
from lists.columns import Layout, guess_layout
from lists.language import Language
from lists.numbers import CleanNumber, clean_number
from lists.reasons import Reason, reason_text
from lists.sheet_rows import SheetRow

#: Rows from which titles, columns and kinds are guessed.
SAMPLE_ROWS = 500
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do, before anything is stored.

    Attributes:
        rows: rows below the titles that are not blank; `accepted` plus `rejected`.
        reasons: rejected rows per problem code.
        first: the first members, at most `shown`.
    """

    header_row: int
    fields: tuple[Field, ...]
    rows: int
    accepted: int
    rejected: int
    reasons: Mapping[str, int]
    first: tuple[NewMember, ...]


def prepare_import(
    rows: Iterable[SheetRow],
    *,
    name: str,
    source: SourceFile,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
    new_id: Callable[[], UUID],
) -> NewBatch:
    """Turn a sheet into a batch, in the order of its rows.

    The first row with a number takes it; later rows with the same number are rejected and
    name that row. A column that has neither a title nor content within the first
    `SAMPLE_ROWS` rows is left out of the fields; the source keeps it.

    Args:
        rows: rows that are not blank, in order.
        name: of the new batch.
        source: the file they came from.
        sheet: its name, empty for CSV.
        mapping: key to title or column letter, see `lists.columns.guess_layout`.
        new_id: gives time-ordered ids.

    Raises:
        InputError: no usable name, no row below the titles, or no phone column.
    """
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise InputError(f"a batch needs a name of 1 to {_LONGEST_NAME} characters")
    stream = iter(rows)
    sample = list(islice(stream, SAMPLE_ROWS))
    try:
        layout = guess_layout(sample, sheet=sheet, mapping=mapping)
    except InputError as error:
        raise InputError(f"{source.name}: {error}", **error.facts) from None
    batch_id = BatchId(new_id())
    sorting = _Sorting(layout, new_id)
    for row in chain(sample, stream):
        if row.row > layout.header_row:
            sorting.add(row)
    if not sorting.members and not sorting.rejected:
        raise InputError(
            f"{source.name}: no row below the titles in row {layout.header_row}; fill the list in"
        )
    return NewBatch(
        id=batch_id,
        name=name,
        source=source,
        sheet=sheet,
        header_row=layout.header_row,
        fields=layout.fields,
        members=tuple(sorting.members),
        rejected=tuple(sorting.rejected),
    )


def preview(batch: NewBatch, shown: int = 5) -> ImportPreview:
    """Summarise a prepared batch for a dry run."""
    reasons = Counter(row.problems[0].code for row in batch.rejected)
    return ImportPreview(
        header_row=batch.header_row,
        fields=batch.fields,
        rows=len(batch.members) + len(batch.rejected),
        accepted=len(batch.members),
        rejected=len(batch.rejected),
        reasons=dict(reasons.most_common()),
        first=batch.members[:shown],
    )


class _Sorting:
    """Sorts rows into members and rejected ones, remembering which number came first where."""

    def __init__(self, layout: Layout, new_id: Callable[[], UUID]) -> None:
        self.members: list[NewMember] = []
        self.rejected: list[RejectedRow] = []
        self._phone = layout.phone
        self._columns = [(field.key, field.column) for field in layout.fields]
        self._new_id = new_id
        self._first_row: dict[PhoneNumber, int] = {}

    def add(self, row: SheetRow) -> None:
        cleaned = self._clean(row)
        if not isinstance(cleaned, CleanNumber):
            self._reject(row, cleaned)
            return
        number = cleaned.number
        first_row = self._first_row.setdefault(number, row.row)
        if first_row != row.row:
            self._reject(row, Reason.DUPLICATE, first_row)
            return
        width = len(row.cells)
        fields = {key: row.cells[column] for key, column in self._columns if column < width}
        self.members.append(NewMember(MemberId(self._new_id()), row.row, number, fields))

    def _clean(self, row: SheetRow) -> CleanNumber | Reason:
        if self._phone in row.cut:
            return Reason.DIGITS_LOST
        return clean_number(row.cells[self._phone] if self._phone < len(row.cells) else "")

    def _reject(self, row: SheetRow, reason: Reason, first_row: int = 0) -> None:
        message = reason_text(reason, Language.EN, first_row=first_row)
        problem = CellProblem(self._phone, reason.value, message)
        self.rejected.append(RejectedRow(row.row, row.cells, (problem,)))
