from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from kernel.errors import InputError
from lists import sandbox
from lists.batch import SourceFile
from lists.workbook import ReadLimits, SheetRow, load_source, open_sheet, source_from_bytes
from tests.lists.corpus import BROKEN, GOOD
from tests.lists.files import archive, old_xls, saved, sheet_xml, with_part, xlsx

AT = dt.datetime.fromisoformat("2026-01-02T03:04:05")


def read(
    content: bytes, sheet: str | None = None, limits: ReadLimits | None = None
) -> list[SheetRow]:
    with open_sheet(source_from_bytes("list.xlsx", content), sheet, limits) as opened:
        return list(opened.rows)


def complaint(content: bytes, sheet: str | None = None, limits: ReadLimits | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(content, sheet, limits)
    text = str(caught.value)
    assert text.startswith("list.xlsx: ")
    assert "\n" not in text
    return text


# --- good files ----------------------------------------------------------------------------


def test_cells_become_the_texts_a_person_sees() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["C3"], sheet["D3"], sheet["E3"] = "手机", 13812345678, 1.5
    sheet["C5"], sheet["D5"] = dt.date(2026, 1, 2), AT
    sheet["C6"], sheet["D6"], sheet["E6"] = True, dt.time(1, 2), dt.timedelta(hours=30)
    sheet["C7"], sheet["D7"] = "a\nb", 13812000000
    sheet["C8"], sheet["D8"], sheet["E8"] = None, -3, 138123456780123456789
    sheet["C9"] = "=1+1"  # no value was ever computed for it
    sheet["C10"] = False
    assert read(saved(workbook)) == [
        SheetRow(3, ("", "", "手机", "13812345678", "1.5")),
        SheetRow(5, ("", "", "2026-01-02", "2026-01-02 03:04:05")),
        SheetRow(6, ("", "", "TRUE", "01:02:00", "30:00:00")),
        SheetRow(7, ("", "", "a\nb", "13812000000"), cut=(3,)),
        SheetRow(8, ("", "", "", "-3", "138123456780123504640")),
        SheetRow(10, ("", "", "FALSE")),
    ]


def test_formulas_are_read_as_their_cached_values() -> None:
    cells = '<c r="A1" t="str"><f>"1"&amp;"2"</f><v>12</v></c><c r="B1"><f>1+1</f><v>2</v></c>'
    part = sheet_xml(f'<sheetData><row r="1">{cells}</row></sheetData>')
    content = with_part(GOOD, "xl/worksheets/sheet1.xml", part)
    assert read(content) == [SheetRow(1, ("12", "2"))]


def _three_sheets() -> bytes:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.active.title = "空"
    workbook.create_sheet("hidden").append(["x"])
    workbook["hidden"].sheet_state = "hidden"
    for name in ("first", "second"):
        workbook.create_sheet(name).append([name])
    workbook.create_chartsheet("chart")
    return saved(workbook)


def test_the_first_visible_sheet_with_data_is_the_default() -> None:
    with open_sheet(source_from_bytes("l.xlsx", _three_sheets())) as opened:
        assert opened.sheet == "first"
        assert opened.sheets == ("空", "hidden", "first", "second")
        assert list(opened.rows) == [SheetRow(1, ("first",))]


@pytest.mark.parametrize(("sheet", "cell"), [("second", "second"), ("hidden", "x")])
def test_a_sheet_by_name(sheet: str, cell: str) -> None:
    assert read(_three_sheets(), sheet) == [SheetRow(1, (cell,))]


def test_leaving_early_ends_the_child() -> None:
    source = source_from_bytes("l.xlsx", xlsx([[n, "x" * 50] for n in range(5_000)]))
    with open_sheet(source) as opened:
        assert next(opened.rows).row == 1


def test_csv_in_chinese_encoding() -> None:
    assert read("姓名;手机\r\n\r\n䶮;13812345678\r\n".encode("gb18030")) == [
        SheetRow(1, ("姓名", "手机")),
        SheetRow(3, ("䶮", "13812345678")),
    ]


# --- files that cannot be loaded -----------------------------------------------------------


def test_load_source_reads_once(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes(b"phone\n13812345678\n")
    content = path.read_bytes()
    assert load_source(path) == SourceFile("名单.csv", hashlib.sha256(content).hexdigest(), content)


def test_upload_names_lose_their_folders() -> None:
    assert source_from_bytes("C:\\a\\list.csv", b"x").name == "list.csv"
    assert source_from_bytes("../../list.csv", b"x").name == "list.csv"
    assert source_from_bytes("a/", b"x").name == "list"


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.xlsx: there is no such file; check"):
        load_source(tmp_path / "nothing.xlsx")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this is a folder; give the file"):
        load_source(tmp_path)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"phone")

    def refuse(_: Path) -> bytes:  # the tests may run as root, whom no mode bits stop
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match=r"list\.csv: no permission to read it"):
        load_source(path)


def test_a_path_that_cannot_be_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_source(tmp_path / ("x" * 300 + ".csv"))


def test_empty_and_too_big(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"list\.csv: the file is empty"):
        load_source(path)
    path.write_bytes(b"x" * 11)
    with pytest.raises(InputError, match="has 11 bytes, more than 10; split"):
        load_source(path, ReadLimits(max_bytes=10))


# --- broken and hostile files --------------------------------------------------------------


@pytest.mark.parametrize(("content", "code"), BROKEN)
def test_what_is_no_list_is_refused_in_one_line(content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(content)
    assert caught.value.facts == {"code": code}
    assert re.fullmatch(r"list\.xlsx: \S.*[;(].*", str(caught.value))


def test_an_encrypted_archive_is_called_so() -> None:
    content = bytearray(GOOD)
    central = content.rindex(b"PK\x01\x02")
    content[central + 8] |= 1  # the flag of an encrypted part
    assert "password" in complaint(bytes(content))


def test_a_part_that_does_not_unpack() -> None:
    content = bytearray(GOOD)
    start = content.index(b"xl/worksheets/sheet1.xml") + len(b"xl/worksheets/sheet1.xml")
    content[start : start + 40] = b"\xff" * 40
    assert "damaged" in complaint(bytes(content))


def test_wrong_sheet_names_the_right_ones() -> None:
    assert "its sheets are: 空, hidden, first, second" in complaint(_three_sheets(), "third")
    assert "the chosen sheet holds no row" in complaint(_three_sheets(), "空")
    assert "a CSV file has no sheets" in complaint(b"phone\n1\n", "x")


def test_one_cell_in_the_last_corner() -> None:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.active["A1"] = workbook.active["XFD1048576"] = 1
    content = saved(workbook)
    assert "16384 columns wide, more than 200" in complaint(content)
    limits = ReadLimits(max_columns=16_384, memory_bytes=1_000_000_000)
    assert "more memory than allowed" in complaint(content, limits=limits)


def test_a_false_dimension_does_not_hide_a_far_cell() -> None:
    body = (
        '<dimension ref="A1"/><sheetData><row r="1"><c r="A1"><v>1</v></c>'
        '<c r="ZZ1"><v>1</v></c></row></sheetData>'
    )
    content = with_part(GOOD, "xl/worksheets/sheet1.xml", sheet_xml(body))
    assert "702 columns wide" in complaint(content)


def test_bombs() -> None:
    text = with_part(GOOD, "xl/sharedStrings.xml", b"a" * 60_000_000)
    assert "a zip bomb?" in complaint(text)
    unlimited = ReadLimits(max_unpacked_bytes=50_000_000)
    assert "unpacks to 600" in complaint(text, limits=unlimited)
    many = archive({f"xl/{n}": b"" for n in range(2_001)})
    assert "holds 2001 parts, more than 2000" in complaint(many)


def test_entities_are_not_expanded() -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    body = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData>'
    part = sheet_xml(body).replace(b"?><", f"?>{doctype}<".encode(), 1)
    assert "damaged" in complaint(with_part(GOOD, "xl/worksheets/sheet1.xml", part))


def test_bounds_of_rows_and_columns() -> None:
    limits = ReadLimits(max_rows=1, max_columns=2)
    assert "more than 1 rows" in complaint(GOOD, limits=limits)
    assert "more than 1 rows" in complaint(b"a,b\nc,d\n", limits=limits)
    assert "3 columns wide, more than 2" in complaint(b"a,b,c\nd,e,f\n", limits=limits)
    assert "3 columns wide, more than 2" in complaint(xlsx([["a", "b", "c"]]), limits=limits)


def test_bounds_of_memory_and_time() -> None:
    content = b"phone,name\n" * 8_000_000
    assert "more memory" in complaint(content, limits=ReadLimits(memory_bytes=60_000_000))
    assert "takes longer than allowed" in complaint(content, limits=ReadLimits(wall_s=0.05))
    assert "takes longer than allowed" in complaint(content, limits=ReadLimits(cpu_s=1))


def test_a_reader_that_dies_is_never_the_end_of_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "READER", "lists.no_such_reader")
    assert "its reader stopped unexpectedly" in complaint(GOOD)


def test_rows_can_fail_after_the_sheet_was_opened() -> None:
    content = "a,手机\n".encode() * 100_000 + b'"' + b"x" * 40_000
    with open_sheet(source_from_bytes("list.csv", content)) as opened:
        assert next(opened.rows).row == 1
        with pytest.raises(InputError, match=r"list\.csv: row 100001 cannot be read"):
            list(opened.rows)


def test_xls_files_are_read() -> None:
    rows: list[list[str | float]] = [
        ["姓名", "手机"],
        ["甲", 13812345678.0],
        ["乙", "0755-86013388"],
    ]
    assert read(old_xls(rows, "名单")) == [
        SheetRow(1, ("姓名", "手机")),
        SheetRow(2, ("甲", "13812345678")),
        SheetRow(3, ("乙", "0755-86013388")),
    ]
    assert read(old_xls(rows, "名单"), "名单")[0].row == 1
    assert "there is no sheet of that name" in complaint(old_xls(rows), "名单")
