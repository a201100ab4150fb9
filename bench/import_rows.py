"""How fast a list is imported, against pandas reading the same workbook.

The whole import is timed (child process, texts, cleaning, duplicates); pandas only reads.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from random import Random
from uuid import UUID

import pandas as pd
import xlsxwriter

from bench.figures import Figure, by_turns, seconds
from lists.batch import SourceFile
from lists.importer import prepare_import
from lists.numbers import clean_number
from lists.workbook import open_sheet, source_from_bytes

ROWS, QUICK_ROWS = 50_000, 10_000
ROUNDS = 3
NUMBERS = 100_000
TITLES = ("姓名", "手机号", "城市", "年龄", "公司", "备注")


def measure(quick: bool) -> Sequence[Figure]:  # noqa: FBT001 - the one switch of every measurement
    rows = QUICK_ROWS if quick else ROWS
    source = make_source(rows, Random(7))
    works = {
        "import": partial(import_list, source, rows),
        "read": partial(read_rows, source, rows),
        "pandas": partial(read_with_pandas, source, rows),
    }
    took = by_turns(works, ROUNDS)
    clean_s = seconds(lambda: [clean_number(f"+86 138-{n:08d}") for n in range(NUMBERS)])
    size = f"{rows:,} rows x {len(TITLES)} columns, {len(source.content) / 1e6:.1f} MB, median of 3"
    return (
        Figure("whole import of an xlsx", rows / took["import"], "rows/s", size),
        Figure("  only reading its rows, in a child process", rows / took["read"], "rows/s"),
        Figure("  pandas.read_excel (calamine), only reading", rows / took["pandas"], "rows/s"),
        Figure(
            "  whole import : pandas only reading",
            took["import"] / took["pandas"],
            "x the time",
            "below 1 is faster than pandas",
        ),
        Figure("cleaning decorated numbers", NUMBERS / clean_s, "numbers/s"),
    )


def make_source(rows: int, rng: Random) -> SourceFile:
    """A workbook of six columns, one number in ten written in some other way."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"constant_memory": True})
    sheet = workbook.add_worksheet("客户")
    sheet.write_row(0, 0, TITLES)
    for row in range(1, rows + 1):
        number = f"13{rng.randrange(10**9):09d}"
        if rng.random() < 0.1:
            number = f"+86 {number[:3]}-{number[3:7]}-{number[7:]}"
        sheet.write_row(row, 0, (f"客户{row}", number, "北京", rng.randint(18, 70), "某公司", ""))
    workbook.close()
    return source_from_bytes("list.xlsx", stream.getvalue())


def import_list(source: SourceFile, rows: int) -> None:
    """Import everything."""
    ids = iter(range(1, 10**9))
    with open_sheet(source) as opened:
        batch = prepare_import(
            opened.rows,
            name="bench",
            source=source,
            sheet=opened.sheet,
            new_id=lambda: UUID(int=next(ids)),
        )
    assert len(batch.members) + len(batch.rejected) == rows


def read_rows(source: SourceFile, rows: int) -> None:
    """Only read the rows."""
    with open_sheet(source) as opened:
        assert sum(1 for _ in opened.rows) == rows + 1


def read_with_pandas(source: SourceFile, rows: int) -> None:
    """Read the sheet as texts with pandas."""
    assert len(pd.read_excel(io.BytesIO(source.content), engine="calamine", dtype=str)) == rows
