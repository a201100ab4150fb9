"""How fast a list is imported, against pandas reading the same workbook.

    python -m bench.import_rows [ROWS]

The whole import is timed (child process, texts, cleaning, duplicates), pandas only reads. Both
are run by turns in one process and the best of three counts, so a busy machine harms neither.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from random import Random
from uuid import UUID

import pandas as pd
import xlsxwriter

from kernel.clock import SystemClock
from lists.batch import SourceFile
from lists.importer import prepare_import
from lists.numbers import clean_number
from lists.workbook import open_sheet, source_from_bytes

ROUNDS = 3
TITLES = ("姓名", "手机号", "城市", "年龄", "公司", "备注")


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


def import_list(source: SourceFile) -> int:
    """Import; return the rows seen."""
    ids = iter(range(1, 10**9))
    with open_sheet(source) as opened:
        batch = prepare_import(
            opened.rows,
            name="bench",
            source=source,
            sheet=opened.sheet,
            new_id=lambda: UUID(int=next(ids)),
        )
    return len(batch.members) + len(batch.rejected)


def read_rows(source: SourceFile) -> int:
    """Only read the rows."""
    with open_sheet(source) as opened:
        return sum(1 for _ in opened.rows) - 1


def read_with_pandas(source: SourceFile) -> int:
    """Read the sheet as texts with pandas."""
    return len(pd.read_excel(io.BytesIO(source.content), engine="calamine", dtype=str))


def timed(work: Callable[[SourceFile], int], source: SourceFile) -> tuple[int, float]:
    """Result and seconds of one run."""
    clock = SystemClock()
    start = clock.monotonic()
    result = work(source)
    return result, clock.monotonic() - start


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    source = make_source(rows, Random(7))
    works = (import_list, read_rows, read_with_pandas)
    best = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for work in works:
            seen, seconds = timed(work, source)
            assert seen == rows
            best[work] = min(best[work], seconds)
    print(f"workbook: {rows} rows x {len(TITLES)} columns, {len(source.content) / 1e6:.1f} MB")
    for work, seconds in best.items():
        print(f"{work.__name__:17} {rows / seconds:9.0f} rows/s  {seconds:.3f} s")
    print(f"import / pandas read: {best[import_list] / best[read_with_pandas]:.2f} x the time")
    clock = SystemClock()
    start = clock.monotonic()
    for number in range(100_000):
        clean_number(f"+86 138-{number:08d}")
    print(f"clean_number, decorated: {100_000 / (clock.monotonic() - start):.0f} numbers/s")


if __name__ == "__main__":
    main()
