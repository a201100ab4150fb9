"""A batch of names (批次): its source, its fields, its members and its rejected rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from kernel.ids import BatchId, MemberId
from kernel.phone import PhoneNumber


@unique
class FieldKind(StrEnum):
    """What a column holds."""

    PHONE = "phone"
    NAME = "name"
    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the list.

    Attributes:
        key: stable, unique in the batch: `[a-z][a-z0-9_]*`.
        title: the header as the user wrote it.
        column: zero-based position in the sheet.
        kind: what the cells hold.
    """

    key: str
    title: str
    column: int
    kind: FieldKind


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The user's own file, kept so that results can go back into it.

    Attributes:
        name: file name without folders.
        sha256: hex digest of `content`.
    """

    name: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Why a cell made its row unusable.

    Attributes:
        column: zero-based position, or -1 for the row as a whole.
        code: stable word: `no-number`, `bad-number`, `short-number`, `duplicate`, ...
        message: for the user; never repeats the cell.
    """

    column: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not taken, as it stood.

    Attributes:
        row: one-based row number in the sheet.
        cells: the row's texts.
    """

    row: int
    cells: tuple[str, ...]
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class NewMember:
    """A row that was taken.

    Attributes:
        row: one-based row number in the sheet.
        fields: field key to cell text, the phone column included as the user wrote it.
    """

    id: MemberId
    row: int
    number: PhoneNumber
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewBatch:
    """An import ready to be stored: all of it or nothing.

    Attributes:
        sheet: name of the worksheet, empty for CSV.
        header_row: one-based row of the titles.
    """

    id: BatchId
    name: str
    source: SourceFile
    sheet: str
    header_row: int
    fields: tuple[Field, ...]
    members: tuple[NewMember, ...]
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A stored batch."""

    id: BatchId
    name: str
    source_name: str
    source_sha256: str
    sheet: str
    header_row: int
    fields: tuple[Field, ...]
    members: int
    rejected: int
    created_at: datetime
