"""What reading a sheet gives, and how much of it is allowed."""

from __future__ import annotations

from dataclasses import dataclass


class ReadFailure(Exception):  # noqa: N818 - not the user's error yet: that names the file
    """A file cannot be read as a list.

    Attributes:
        code: stable word.
        facts: numbers and names for the message.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that is not blank.

    Attributes:
        row: one-based row number in the sheet.
        cells: texts from the first column on, without blank cells at the end.
        cut: zero-based columns whose number has lost its last digits in a spreadsheet program.
    """

    row: int
    cells: tuple[str, ...]
    cut: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much a file may cost.

    The defaults take a full Excel sheet of 1,048,576 rows and 12 columns (about 1.1 GB of
    memory in the child, 12 s) and refuse every known bomb.

    Attributes:
        max_bytes: of the file as it is.
        max_unpacked_bytes: of the parts of an .xlsx together.
        max_ratio: unpacked to packed size; repetitive lists reach 12.
        max_entries: parts of an .xlsx.
        max_columns: width of a sheet.
        max_rows: last row of a sheet.
        memory_bytes: address space of the child.
        cpu_s: processor seconds of the child.
        wall_s: seconds from start to the last row, the consumer's own work included.
    """

    max_bytes: int = 200_000_000
    max_unpacked_bytes: int = 2_000_000_000
    max_ratio: int = 50
    max_entries: int = 2_000
    max_columns: int = 200
    max_rows: int = 1_048_576
    memory_bytes: int = 4_000_000_000
    cpu_s: int = 120
    wall_s: float = 600.0
