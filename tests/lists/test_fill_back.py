from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from kernel.errors import InputError
from lists import fill_back as module
from lists.batch import SourceFile
from lists.fill_back import CellValue, Sheet, fill_back
from lists.workbook import SheetRow, open_sheet, source_from_bytes
from tests.lists.files import old_xls, saved, with_part, xlsx

COLUMNS = ("结果", "次数", "拨打时间")
AT = dt.datetime.fromisoformat("2026-03-02T09:00:00")
VALUES: Mapping[int, Sequence[CellValue]] = {3: ("已接通", 2, AT), 5: ("=1+1", 0, None)}
FILL = PatternFill("solid", fgColor="FFDDEE")


def styled() -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "客户"
    sheet.append(["客户名单"])
    sheet.merge_cells("A1:C1")
    sheet.append(["姓名", "手机号", "年龄"])
    sheet.append(["甲", "13812345678", 30])
    sheet.append([])
    sheet.append(["乙", "13912345678", "=A1"])
    for cell in sheet[2]:
        assert isinstance(cell, Cell)
        cell.font, cell.fill = Font(bold=True, color="FF0000"), FILL
        cell.alignment = Alignment(horizontal="center")
    sheet["C3"].border = Border(bottom=Side(style="thin"))
    sheet["C3"].number_format = "0.00"
    sheet["A3"].comment = Comment("note", "me")
    sheet.column_dimensions["A"].width = 33
    sheet.row_dimensions[2].height = 44
    sheet.freeze_panes = "A3"
    workbook.create_sheet("其他")["B2"] = "=SUM(1,2)"
    return saved(workbook)


def source(content: bytes, name: str = "list.xlsx") -> SourceFile:
    return source_from_bytes(name, content)


def opened(content: bytes, sheet: str = "客户") -> Worksheet:
    found = load_workbook(io.BytesIO(content))[sheet]
    assert isinstance(found, Worksheet)
    return found


def texts(content: bytes, sheet: str | None = None) -> list[SheetRow]:
    with open_sheet(source(content), sheet) as reading:
        return list(reading.rows)


# --- the user's own workbook ---------------------------------------------------------------


def test_columns_come_after_the_last_used_one() -> None:
    sheet = opened(fill_back(source(styled()), "客户", 2, COLUMNS, VALUES))
    assert [cell.value for cell in sheet[2]] == ["姓名", "手机号", "年龄", *COLUMNS]
    assert [cell.value for cell in sheet[3]] == ["甲", "13812345678", 30, "已接通", 2, AT]
    assert [cell.value for cell in sheet[4]] == [None] * 6
    assert [cell.value for cell in sheet[5]] == [
        "乙", "13912345678", "=A1", "'=1+1", 0, None,
    ]  # fmt: skip
    assert sheet["D5"].data_type == "s"
    assert sheet["E3"].data_type == "n"


def test_styles_and_everything_else_stay() -> None:
    content = fill_back(source(styled()), "客户", 2, COLUMNS, VALUES)
    sheet = opened(content)
    title = sheet["D2"]
    assert title.font.bold
    assert title.font.color.rgb == "00FF0000"
    assert title.fill.fgColor.rgb == FILL.fgColor.rgb
    assert title.alignment.horizontal == "center"
    assert sheet["D3"].border.bottom.style == "thin"
    assert (sheet["C3"].number_format, sheet["D3"].number_format) == ("0.00", "@")
    assert sheet["E3"].number_format == "General"
    assert sheet["F3"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert sheet.column_dimensions["A"].width == 33
    assert sheet.row_dimensions[2].height == 44
    assert sheet.freeze_panes == "A3"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:C1"]
    assert sheet["A3"].comment.text == "note"
    assert opened(content, "其他")["B2"].value == "=SUM(1,2)"


def test_filling_twice_gives_one_set() -> None:
    extra = Sheet("答卷", ("题", "答"), [("q1", "=x"), ("q2", 5)])
    once = fill_back(source(styled()), "客户", 2, COLUMNS, VALUES, [extra])
    twice = fill_back(source(once), "客户", 2, COLUMNS, {3: ("忙", 3, AT)}, [extra])
    sheet = opened(twice)
    assert [cell.value for cell in sheet[2]] == ["姓名", "手机号", "年龄", *COLUMNS]
    assert [cell.value for cell in sheet[3]][3:] == ["忙", 3, AT]
    assert sheet["D3"].border.bottom.style == "thin"
    names = load_workbook(io.BytesIO(twice)).sheetnames
    assert names == ["客户", "其他", "答卷"]
    assert [[c.value for c in row] for row in opened(twice, "答卷")] == [
        ["题", "答"],
        ["q1", "'=x"],
        ["q2", 5],
    ]


def test_a_users_sheet_of_the_same_name_is_left_alone() -> None:
    extra = Sheet("其他", ("题",), [("q1",)])
    content = fill_back(source(styled()), "客户", 2, (), {}, [extra])
    assert load_workbook(io.BytesIO(content)).sheetnames == ["客户", "其他", "其他 (2)"]
    assert opened(content, "其他")["B2"].value == "=SUM(1,2)"


def test_merged_cells_do_not_swallow_results() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    for row in (["手机", "结果"], ["13812345678", "old"], ["13912345678", None]):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("D1:F1")
    content = fill_back(source(saved(workbook)), "Sheet", 1, ("结果", "x"), {2: (1, 2), 3: (3, 4)})
    filled = opened(content, "Sheet")
    assert [filled["B2"].value, filled["B3"].value] == [1, 3]
    assert [filled["G1"].value, filled["G3"].value] == ["x", 4]
    assert [str(area) for area in filled.merged_cells.ranges] == ["D1:F1"]


def test_a_merged_title_of_an_earlier_column_is_no_obstacle() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    for row in (["手机", "结果", None], ["13812345678", "old", None]):
        sheet.append(row)
    sheet.merge_cells("B1:C1")
    filled = opened(fill_back(source(saved(workbook)), "Sheet", 1, ("结果",), {2: (1,)}), "Sheet")
    assert [filled["B1"].value, filled["B2"].value] == ["结果", 1]


def test_a_width_over_all_columns_is_not_written_twice() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["手机"])
    sheet.column_dimensions["A"].min, sheet.column_dimensions["A"].max = 1, 16_384
    sheet.column_dimensions["A"].width = 9
    content = fill_back(source(saved(workbook)), "Sheet", 1, ("结果",), {2: (1,)})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<col ") == 1


def test_a_list_without_titles() -> None:
    content = fill_back(source(xlsx([["13812345678"]])), "名单", 0, ("结果",), {1: ("忙",)})
    assert texts(content) == [SheetRow(1, ("13812345678", "忙"))]


def test_errors_of_the_caller() -> None:
    with pytest.raises(InputError, match="no sheet 'x'"):
        fill_back(source(styled()), "x", 2, COLUMNS, VALUES)
    with pytest.raises(InputError, match="row 3: 1 results for 3 columns"):
        fill_back(source(styled()), "客户", 2, COLUMNS, {3: (1,)})
    with pytest.raises(InputError, match="two result columns have the same title"):
        fill_back(source(styled()), "客户", 2, ("a", "a"), {})


# --- plain copies --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "sheet"),
    [
        ("姓名,手机\n\n甲,=1+1\n乙,13812345678\n".encode("gb18030"), "list.csv", ""),
        (
            old_xls([["姓名", "手机"], [], ["甲", "=1+1"], ["乙", 13812345678.0]], "旧"),
            "l.xls",
            "旧",
        ),
    ],
)
def test_csv_and_xls_become_a_new_workbook(content: bytes, name: str, sheet: str) -> None:
    extra = Sheet("答卷/1", ("题", "日"), [("q1", dt.date(2026, 3, 2)), (True, None)])
    values: Mapping[int, Sequence[CellValue]] = {3: ("忙", 1, AT), 4: ("+8613812345678", 2.5, "=x")}
    filled = fill_back(source(content, name), sheet, 1, COLUMNS, values, [extra])
    copy = opened(filled, sheet or "Sheet1")
    assert [[cell.value for cell in row] for row in copy] == [
        ["姓名", "手机", *COLUMNS],
        [None] * 5,
        ["甲", "'=1+1", "忙", 1, AT],
        ["乙", "13812345678", "+8613812345678", 2.5, "'=x"],
    ]
    assert copy["A1"].font.bold
    assert copy.freeze_panes == "A2"
    answers = opened(filled, "答卷 1")
    assert [[cell.value for cell in row] for row in answers] == [
        ["题", "日"],
        ["q1", dt.datetime(2026, 3, 2)],  # noqa: DTZ001 - spreadsheets know no zone
        [True, None],
    ]


def test_a_plain_copy_is_filled_once() -> None:
    content = "手机,结果,x\n13812345678,old,y\n".encode()
    filled = fill_back(source(content, "l.csv"), "", 1, ("结果", "新"), {2: ("忙", "z")})
    assert texts(filled) == [
        SheetRow(1, ("手机", "结果", "x", "新")),
        SheetRow(2, ("13812345678", "忙", "y", "z")),
    ]


def test_numbers_that_were_cut_stay_numbers() -> None:
    content = old_xls([["手机"], [13812000000.0]])
    filled = fill_back(source(content, "l.xls"), "Sheet1", 1, ("结果",), {2: ("忙",)})
    assert texts(filled)[1] == SheetRow(2, ("13812000000", "忙"), cut=(0,))


def test_large_workbooks_become_a_plain_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STYLED_UP_TO_BYTES", 1_000)
    copy = opened(fill_back(source(styled()), "客户", 2, COLUMNS, VALUES))
    assert [cell.value for cell in copy[3]] == ["甲", "13812345678", "30", "已接通", 2, AT]
    assert copy["A2"].font.bold
    assert copy["A2"].fill.fgColor.rgb != FILL.fgColor.rgb


def test_what_openpyxl_does_not_understand_becomes_a_plain_copy() -> None:
    content = with_part(styled(), "docProps/core.xml", b"<broken")
    copy = opened(fill_back(source(content), "客户", 2, COLUMNS, VALUES))
    assert [cell.value for cell in copy[3]][3:] == ["已接通", 2, AT]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_no_text_ever_becomes_a_formula(values: list[str]) -> None:
    filling = {row: (value,) for row, value in enumerate(values, start=2)}
    own = fill_back(source(xlsx([["手机"]])), "名单", 1, ("结果",), filling)
    plain = fill_back(
        source("手机\n".encode() + b"1\n" * len(values), "l.csv"), "", 1, ("结果",), filling
    )
    for content, name in ((own, "名单"), (plain, "Sheet1")):
        sheet = opened(content, name)
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
        assert kinds <= {"s"}
