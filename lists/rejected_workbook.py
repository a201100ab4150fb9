"""The rows that were not taken, as a workbook: the user's row, and the reason beside it.

The user's columns stay where they were, so the corrected workbook can be imported as it is.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from lists.batch import CellProblem, Field, RejectedRow
from lists.language import Language
from lists.plain_workbook import plain_workbook
from lists.reasons import Reason, problem_text
from lists.sheet_values import CellValue

_TITLES: Mapping[Language, tuple[str, str, str]] = {
    Language.EN: ("Rejected rows", "Row in the list", "Reason"),
    Language.ZH: ("未导入的行", "原表行号", "未导入原因"),
}


def rejected_workbook(
    fields: Sequence[Field], rejected: Sequence[RejectedRow], language: Language = Language.ZH
) -> bytes:
    """The bytes of an .xlsx with one sheet: titles, then one line per rejected row.

    Args:
        fields: of the batch; they give the titles.
        rejected: rows in the order of the sheet.
        language: of the added columns.
    """
    name, row_title, reason_title = _TITLES[language]
    titles = {field.column: field.title for field in fields}
    width = max([*(c + 1 for c in titles), *(len(row.cells) for row in rejected)], default=0)
    stream = io.BytesIO()
    with plain_workbook(stream) as workbook:
        sheet = workbook.add_sheet(name, width + 2, 1)
        header: dict[int, CellValue] = dict(titles)
        sheet.write_titles(1, header | {width: row_title, width + 1: reason_title})
        for line, row in enumerate(rejected, start=2):
            cells: dict[int, CellValue] = dict(enumerate(row.cells))
            marked = [problem.column for problem in row.problems]
            # An empty cell that should hold a number is marked as well.
            cells |= {column: cells.get(column) for column in marked if column >= 0}
            # A number that was cut stays a number, so that it is refused again if nobody mends it.
            cells |= {
                problem.column: float(row.cells[problem.column])
                for problem in row.problems
                if problem.code == Reason.DIGITS_LOST and row.cells[problem.column].isdecimal()
            }
            reasons = [_told(problem, titles, language) for problem in row.problems]
            cells |= {width: row.row, width + 1: "; ".join(reasons)}
            sheet.write_row(line, cells, marked)
    return stream.getvalue()


def _told(problem: CellProblem, titles: Mapping[int, str], language: Language) -> str:
    text = problem_text(problem, language)
    return f"{titles[problem.column]}: {text}" if problem.column in titles else text
