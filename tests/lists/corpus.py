"""Files that are no list, and the code that says why."""

from __future__ import annotations

from tests.lists.files import OLE, archive, with_part, xlsx

GOOD = xlsx([["姓名", "手机"], ["甲", "13812345678"]])
HTML = "<html><meta charset=utf-8><table><tr><td>手机</td></tr></table></html>"

BROKEN: list[tuple[bytes, str]] = [
    (b"%PDF-1.7\n" + bytes(range(256)) * 20, "not-a-workbook"),
    (bytes(5000), "not-a-workbook"),
    (archive({"word/document.xml": b"<x/>"}), "not-a-workbook"),
    (archive({"content.xml": b"<x/>"}), "other-spreadsheet"),
    (archive({"xl/workbook.bin": b"x"}), "other-spreadsheet"),
    (archive({"xl/workbook.xml": b"<x/>"}), "damaged"),
    (HTML.encode(), "html"),
    (("\n  " + HTML.upper()).encode("utf-8-sig"), "html"),
    (HTML.encode("utf-16"), "html"),
    (b'<?xml version="1.0"?><Workbook/>', "old-xml"),
    (GOOD[:-100], "damaged"),
    (GOOD[: len(GOOD) // 2], "damaged"),
    (GOOD[:4], "damaged"),
    (b"PK\x05\x06" + bytes(18), "not-a-workbook"),
    (OLE + bytes(600), "damaged"),
    (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), "password"),
    (with_part(GOOD, "xl/vbaProject.bin", b"x"), "macros"),
    (with_part(GOOD, "xl/worksheets/sheet1.xml", b"<broken"), "damaged"),
    (b"\xff\xfe\x00\xd8", "encoding"),
    (b"phone\n\xff\xff\xff\n", "encoding"),
    (b'phone\n13812345678\n"' + b"x" * 40_000, "csv"),
    (b"\n \n,,\n", "no-rows"),
    (xlsx([]), "no-rows"),
    (xlsx([[" "], [None]]), "no-rows"),
]
