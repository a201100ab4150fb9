from __future__ import annotations

import io

from openpyxl import load_workbook

from lists.batch import CellProblem, Field, FieldKind, RejectedRow
from lists.language import Language
from lists.rejected_workbook import rejected_workbook

FIELDS = (
    Field("name", "姓名", 0, FieldKind.NAME),
    Field("phone", "手机", 2, FieldKind.PHONE),
)
REJECTED = (
    RejectedRow(3, ("甲", "=1+1", "110"), (CellProblem(2, "service-number", ""),)),
    RejectedRow(7, ("乙",), (CellProblem(2, "no-number", ""),)),
    RejectedRow(
        9,
        ("丙", "", "13812345678", "over"),
        (CellProblem(2, "duplicate", "the same number is in row 2"), CellProblem(-1, "x", "whole")),
    ),
)


def test_the_users_row_and_the_reason_beside_it() -> None:
    sheet = load_workbook(io.BytesIO(rejected_workbook(FIELDS, REJECTED)))["未导入的行"]
    rows = [[cell.value for cell in row] for row in sheet]
    assert rows == [
        ["姓名", None, "手机", None, "原表行号", "未导入原因"],
        ["甲", "'=1+1", "110", None, 3, "手机: 紧急号码和服务短号不可外呼"],
        ["乙", None, None, None, 7, "手机: 单元格中没有电话号码"],
        ["丙", None, "13812345678", "over", 9, "手机: 与第 2 行号码重复; whole"],
    ]
    assert sheet["C2"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["C3"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["A2"].fill.fgColor.rgb != "FFFFC7CE"


def test_in_english_and_empty() -> None:
    book = load_workbook(io.BytesIO(rejected_workbook(FIELDS, REJECTED[:1], Language.EN)))
    assert book["Rejected rows"]["E2"].value == (
        "手机: an emergency or service number is never called"
    )
    assert load_workbook(io.BytesIO(rejected_workbook((), ()))).sheetnames == ["未导入的行"]
