from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError
from lists.batch import CellProblem, NewBatch, SourceFile
from lists.importer import SAMPLE_ROWS, prepare_import, preview
from lists.language import Language
from lists.reasons import Reason, problem_text
from lists.sheet_rows import SheetRow

SOURCE = SourceFile("list.xlsx", "0" * 64, b"x")


def ids() -> Callable[[], UUID]:
    numbers = iter(range(1, 1_000_000))
    return lambda: UUID(int=next(numbers))


def sheet(*rows: tuple[str, ...]) -> list[SheetRow]:
    return [SheetRow(number, cells) for number, cells in enumerate(rows, start=1) if cells]


def take(rows: list[SheetRow]) -> NewBatch:
    return prepare_import(rows, name="batch", source=SOURCE, sheet="s", new_id=ids())


def test_rows_are_taken_rejected_and_counted() -> None:
    batch = take(
        sheet(
            ("姓名", "手机号"),
            ("甲", "138-1234-5678"),
            (),
            ("乙", "110"),
            ("丙",),
            ("丁", "+8613812345678", "more"),
            ("戊", "13912345678"),
        )
    )
    assert [(m.row, m.number.e164) for m in batch.members] == [
        (2, "+8613812345678"),
        (7, "+8613912345678"),
    ]
    assert batch.members[0].fields == {"name": "甲", "phone": "138-1234-5678"}
    assert [(r.row, r.problems[0].code) for r in batch.rejected] == [
        (4, "service-number"),
        (5, "no-number"),
        (6, "duplicate"),
    ]
    assert batch.rejected[2].problems == (
        CellProblem(1, "duplicate", "the same number is in row 2"),
    )
    assert batch.rejected[2].cells == ("丁", "+8613812345678", "more")
    assert (batch.name, batch.sheet, batch.header_row) == ("batch", "s", 1)


def test_a_row_whose_number_was_cut_is_rejected() -> None:
    rows = [
        SheetRow(1, ("phone",)),
        SheetRow(2, ("13812000000",), cut=(0,)),
        SheetRow(3, ("13902000000",)),
    ]
    batch = take(rows)
    assert [m.row for m in batch.members] == [3]
    assert batch.rejected[0].problems[0].code == "digits-lost"


def test_preview_counts() -> None:
    batch = take(sheet(("phone",), ("13812345678",), ("13812345678",), ("1",), ("13812345679",)))
    shown = preview(batch, shown=1)
    assert (shown.rows, shown.accepted, shown.rejected, shown.header_row) == (4, 2, 2, 1)
    assert shown.reasons == {"duplicate": 1, "short-number": 1}
    assert [m.row for m in shown.first] == [2]
    assert shown.fields == batch.fields


def test_rows_behind_the_sample_are_taken_too() -> None:
    rows = [SheetRow(1, ("phone",))]
    rows += [SheetRow(n, (f"138{n:08d}",)) for n in range(2, SAMPLE_ROWS + 100)]
    assert len(take(rows).members) == SAMPLE_ROWS + 98


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_batch_needs_a_name(name: str) -> None:
    with pytest.raises(InputError, match="needs a name"):
        prepare_import(sheet(("phone",)), name=name, source=SOURCE, new_id=ids())


def test_titles_alone_are_no_list() -> None:
    with pytest.raises(InputError, match=r"list\.xlsx: no row below the titles in row 1"):
        take(sheet(("姓名", "手机号")))


def test_no_row_at_all() -> None:
    with pytest.raises(InputError, match="sheet 's' holds no row"):
        take([])


def test_problems_are_told_in_both_languages() -> None:
    duplicate = CellProblem(1, "duplicate", "the same number is in row 12")
    assert problem_text(duplicate, Language.ZH) == "与第 12 行号码重复"
    assert problem_text(duplicate, Language.EN) == duplicate.message
    other = CellProblem(1, "on-holiday", "words from elsewhere")
    assert problem_text(other, Language.ZH) == "words from elsewhere"
    said = {problem_text(CellProblem(0, r, ""), Language.ZH) for r in Reason}
    assert len(said) == len(Reason)


cells = st.sampled_from(["13812345678", "１３８１２３４５６７８", "13912345678", "110", "", "x"])


@given(st.lists(cells, min_size=1))
def test_every_row_is_taken_once_or_rejected_with_a_reason(phones: list[str]) -> None:
    rows = [SheetRow(1, ("手机", "x"))]
    rows += [SheetRow(row, (phone, "kept")) for row, phone in enumerate(phones, start=2)]
    batch = take(rows)
    numbers = [m.number for m in batch.members]
    assert len(set(numbers)) == len(numbers)
    taken = [m.row for m in batch.members]
    rejected = [r.row for r in batch.rejected]
    assert sorted(taken + rejected) == list(range(2, len(phones) + 2))
    assert taken == sorted(taken)
    assert rejected == sorted(rejected)
    assert all(r.problems[0].message for r in batch.rejected)
    assert all(phone not in r.problems[0].message for r in batch.rejected for phone in r.cells[:1]
               if len(phone) > 3)  # fmt: skip
