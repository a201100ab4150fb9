"""Make the sample list: a real Excel workbook, as people fill them in.

    python -m demo.make_list demo/customers.xlsx --rows 120 --seed 7

The same seed gives the same rows. Numbers are drawn from 139 0000 0000 to 139 9999 9999; with
`--plan lab` they follow 139 BB DD NNNN, the numbers that the telephone world of `lab/` answers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

TITLES = ("姓名", "手机号", "城市", "年龄", "公司", "备注")
WIDTHS = (10, 18, 10, 8, 22, 28)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文晨宇欣"
_CITIES = ("北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安", "南京", "重庆")
_TRADES = ("科技", "贸易", "餐饮", "物流", "医药", "教育", "建材", "服装")
_NOTES = ("", "", "", "老客户", "下午联系", "VIP", "对价格敏感", "已买过一次", "转介绍")
#: Codes BB of lab/number_plan.py: people who answer, do not answer, or hear an announcement.
_LAB_CODES = ("10", "30", "31", "33", "34", "02", "03", "04", "07", "08", "11", "21")
_LAB_WEIGHTS = (30, 10, 6, 10, 8, 6, 10, 3, 5, 4, 6, 2)
_LAB_HALF_SECONDS = (2, 8)

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Dirt:
    """One way in which cells of the phone column go wrong.

    Attributes:
        write: from a good number to the cell.
        note: for the last column.
    """

    write: Callable[[str], Value]
    note: str = ""


def _full_width(number: str) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) if digit.isdigit() else digit for digit in number)


#: Cells that clean to the number, and cells that must be rejected.
DIRTY = (
    Dirt(_full_width),
    Dirt(lambda n: f"{n[:3]}-{n[3:7]}-{n[7:]}"),
    Dirt(lambda n: f"+86 {n}"),
    Dirt(lambda n: f"0086{n}"),
    Dirt(float, "=1+1"),
    Dirt(lambda n: f"{n}.0"),
    Dirt(lambda n: f"{n[0]}.{n[1:]}E+10"),
    Dirt(lambda n: f"{n} / 010-62345678", "两个号码"),
    Dirt(lambda _: "0755-86013388转801", "座机"),
    Dirt(lambda n: f"\u202d{n}\u202c", '=HYPERLINK("http://example.com","x")'),
    Dirt(lambda _: None, "没有留电话"),
    Dirt(lambda _: "110", "填错了"),
    Dirt(lambda n: f"{n[0]}.{n[1:5]}E+10", "从别的系统导出"),
    Dirt(lambda n: float(f"{n[:5]}000000"), "科学记数，末位丢失"),
    Dirt(lambda n: n[:-1], "少一位"),
    Dirt(lambda _: "86013388", "没有区号"),
    Dirt(lambda _: "95588"),
    Dirt(lambda _: "无"),
)
#: The lab's plan has four digits to tell people apart.
MAX_ROWS = 10_000
#: One row in so many is dirty, one in so many repeats an earlier number or is left blank.
_DIRTY_EVERY, _REPEAT_EVERY, _BLANK_EVERY = 5, 17, 40


def sample_rows(count: int, rng: Random, *, lab_plan: bool = False) -> list[tuple[Value, ...]]:
    """Rows of the list below its titles; an empty tuple is a blank row.

    Args:
        count: rows, blank ones included.
        rng: source of everything drawn.
        lab_plan: number people by the plan of the lab.
    """
    numbers = _numbers(count, rng, lab_plan=lab_plan)
    dirty = cycle(DIRTY)
    rows: list[tuple[Value, ...]] = []
    for index, number in enumerate(numbers):
        phone: Value = number
        note = rng.choice(_NOTES)
        if index % _BLANK_EVERY == _BLANK_EVERY - 1:
            rows.append(())
            continue
        if index % _REPEAT_EVERY == _REPEAT_EVERY - 1:
            phone, note = f"+86{numbers[index - _REPEAT_EVERY // 2]}", "重复"
        elif index % _DIRTY_EVERY == _DIRTY_EVERY - 1:
            dirt = next(dirty)
            phone, note = dirt.write(number), dirt.note or note
        rows.append(_person(phone, note, rng))
    return rows


def _numbers(count: int, rng: Random, *, lab_plan: bool) -> list[str]:
    if not lab_plan:
        return [f"139{tail:08d}" for tail in rng.sample(range(100_000_000), count)]
    codes = rng.choices(_LAB_CODES, weights=_LAB_WEIGHTS, k=count)
    tails = rng.sample(range(10_000), count)
    return [
        f"139{code}{rng.randint(*_LAB_HALF_SECONDS):02d}{tail:04d}"
        for code, tail in zip(codes, tails, strict=True)
    ]


def _person(phone: Value, note: str, rng: Random) -> tuple[Value, ...]:
    name = rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.randint(1, 2)))
    city = rng.choice(_CITIES)
    company = f"{city}{''.join(rng.sample(_GIVEN, 2))}{rng.choice(_TRADES)}有限公司"
    return name, phone, city, rng.randint(19, 69), company, note or None


def write_list(path: Path, rows: Sequence[Sequence[Value]]) -> None:
    """Write the workbook: heading styles, widths, frozen titles, a second sheet."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet), "a new workbook has one worksheet"
    sheet.title = "客户名单"
    sheet.append(TITLES)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            _put(sheet, number, column, value)
    _dress(sheet)
    notes = workbook.create_sheet("说明")
    notes["A1"] = "演示用名单：姓名和号码均为随机生成，部分号码故意填错。"
    workbook.save(path)


def _put(sheet: Worksheet, row: int, column: int, value: Value) -> None:
    cell = sheet.cell(row, column, value)
    assert isinstance(cell, Cell), "nothing is merged yet"
    if isinstance(value, str):
        cell.data_type = "s"  # "=1+1" as a person pastes it: a text, not a formula
    if isinstance(value, float):
        cell.number_format = "0.00E+00" if value % 1e6 == 0 else "General"
    elif column == TITLES.index("手机号") + 1:
        cell.number_format = "@"
    if row % 2:
        cell.fill = PatternFill("solid", fgColor="F2F7FC")


def _dress(sheet: Worksheet) -> None:
    edge = Side(style="thin", color="7F7F7F")
    for column, width in enumerate(WIDTHS, start=1):
        cell = sheet.cell(1, column)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="2F75B5")
        cell.alignment = Alignment(horizontal="center")
        cell.border = Border(bottom=edge)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[1].height = 22
    sheet.freeze_panes = "A2"


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: write one workbook."""
    parser = argparse.ArgumentParser(description="Make a sample list as an Excel workbook.")
    parser.add_argument("out", type=Path, help="file to write, ending in .xlsx")
    parser.add_argument("--rows", type=int, default=120, help="rows below the titles")
    parser.add_argument("--seed", type=int, default=7, help="the same seed, the same rows")
    parser.add_argument("--plan", choices=("random", "lab"), default="random", help="of numbers")
    options = parser.parse_args(arguments)
    if not 1 <= options.rows <= MAX_ROWS:
        parser.error(f"--rows takes 1 to {MAX_ROWS}")
    lab_plan = options.plan == "lab"
    write_list(options.out, sample_rows(options.rows, Random(options.seed), lab_plan=lab_plan))
    sys.stdout.write(f"{options.out}: {options.rows} rows\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
