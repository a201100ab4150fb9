"""The sample list through the whole room: read, import, reject, fill back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from openpyxl import load_workbook

from demo.make_list import MAX_ROWS, main, sample_rows
from lists.batch import NewBatch, SourceFile
from lists.fill_back import Sheet, fill_back
from lists.importer import prepare_import, preview
from lists.reasons import Reason
from lists.rejected_workbook import rejected_workbook
from lists.workbook import load_source, open_sheet, source_from_bytes

COMMITTED = Path(__file__).parents[2] / "demo" / "customers.xlsx"


def ids() -> Callable[[], UUID]:
    numbers = iter(range(1, 100_000))
    return lambda: UUID(int=next(numbers))


def imported(source: SourceFile) -> NewBatch:
    with open_sheet(source) as opened:
        return prepare_import(
            opened.rows, name="sample", source=source, sheet=opened.sheet, new_id=ids()
        )


@pytest.fixture(scope="module")
def batch() -> NewBatch:
    return imported(load_source(COMMITTED))


def test_the_committed_list_is_what_the_maker_makes(tmp_path: Path, batch: NewBatch) -> None:
    path = tmp_path / "list.xlsx"
    assert main([str(path), "--rows", "120", "--seed", "7"]) == 0
    made = imported(load_source(path))
    assert [(m.row, m.number, m.fields) for m in made.members] == [
        (m.row, m.number, m.fields) for m in batch.members
    ]
    assert made.rejected == batch.rejected


def test_every_kind_of_dirt_is_in_it(batch: NewBatch) -> None:
    shown = preview(batch)
    assert (batch.sheet, batch.header_row) == ("客户名单", 1)
    assert [field.key for field in batch.fields] == [
        "name", "phone", "city", "age", "company", "remark",
    ]  # fmt: skip
    assert set(shown.reasons) == set(Reason) - {Reason.SHORT_NUMBER, Reason.TOO_LONG}
    written = {member.fields["phone"] for member in batch.members}
    ways = ("[０-９]{11}", r"139-\d{4}-\d{4}", r"\+86 .*", "0086.*", r".*E\+10", ".*转801",
            ".* / .*", r"\d+\.0", "\u202d.*")  # fmt: skip
    for pattern in ways:
        assert any(re.fullmatch(pattern, text) for text in written), pattern
    rows = [member.row for member in batch.members] + [row.row for row in batch.rejected]
    assert max(rows) <= 121
    assert len(rows) == len(set(rows)) == 117  # three of the 120 rows are blank


def test_results_go_back_and_can_be_imported_again(batch: NewBatch) -> None:
    values = {member.row: ("接通", 1) for member in batch.members}
    answers = Sheet("答卷", ("行", "答"), [(2, "是")])
    filled = fill_back(batch.source, batch.sheet, 1, ("结果", "次数"), values, [answers])
    again = imported(source_from_bytes("customers.xlsx", filled))
    assert [m.number for m in again.members] == [m.number for m in batch.members]
    assert again.members[0].fields["col_g"] == "接通"
    sheet = load_workbook(io.BytesIO(filled))["客户名单"]
    assert sheet["G1"].fill.fgColor.rgb == sheet["F1"].fill.fgColor.rgb
    assert sheet["G3"].fill.fgColor.rgb == sheet["F3"].fill.fgColor.rgb
    assert sheet.freeze_panes == "A2"
    formulas = [cell for row in sheet for cell in row if cell.data_type == "f"]
    assert formulas == []


def test_rejected_rows_come_back_as_a_list(batch: NewBatch) -> None:
    content = rejected_workbook(batch.fields, batch.rejected)
    again = imported(source_from_bytes("rejected.xlsx", content))
    assert len(again.members) + len(again.rejected) == len(batch.rejected)
    # What was a duplicate is alone here; everything else is refused for the same reason.
    assert [row.problems[0].code for row in again.rejected] == [
        row.problems[0].code for row in batch.rejected if row.problems[0].code != "duplicate"
    ]


def test_numbers_by_the_plan_of_the_lab() -> None:
    rows = sample_rows(200, Random(1), lab_plan=True)
    plain = [row[1] for row in rows if row and isinstance(row[1], str) and len(row[1]) == 11]
    mobiles = [number for number in plain if re.fullmatch(r"139[0-9]{8}", number)]
    assert len(mobiles) > 100
    assert all(re.fullmatch(r"139(0[23478]|1[01]|21|3[0134])0[2-8][0-9]{4}", n) for n in mobiles)
    assert len(set(mobiles)) == len(mobiles)


def test_the_same_seed_gives_the_same_rows() -> None:
    assert sample_rows(60, Random(3)) == sample_rows(60, Random(3))
    assert sample_rows(60, Random(3)) != sample_rows(60, Random(4))


def test_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["x.xlsx", "--rows", str(MAX_ROWS + 1)])
    assert caught.value.code == 2
    assert "--rows takes 1 to 10000" in capsys.readouterr().err
