from __future__ import annotations

from collections.abc import Sequence

import pytest

from lists.csv_rows import read_csv
from lists.sheet_rows import ReadFailure


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = f"姓名{delimiter}手机\r\n\r\n䶮,;{delimiter}13812345678\r\n"
    if delimiter in ",;":
        text = text.replace("䶮,;", '"䶮,;"')
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    assert list(read_csv((mark + text).encode(encoding))) == [
        (1, ["姓名", "手机"]),
        (2, []),
        (3, ["䶮,;", "13812345678"]),
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("手机\n13812345678\n", [(1, ["手机"]), (2, ["13812345678"])]),
        ("sep=;\nx;13812345678\n", [(2, ["x", "13812345678"])]),
        ('手机,y\n="0123",=1+1\n', [(1, ["手机", "y"]), (2, ["0123", "=1+1"])]),
        ('手机,y\n="a,1\n', [(1, ["手机", "y"]), (2, ['="a', "1"])]),
        ('"a\nb",手机\nx,1\n', [(1, ["a\nb", "手机"]), (2, ["x", "1"])]),
        ("手机,y\n1\x003,\u202e2\n", [(1, ["手机", "y"]), (2, ["13", "\u202e2"])]),
    ],
)
def test_csv_habits(text: str, rows: Sequence[object]) -> None:
    assert list(read_csv(text.encode())) == rows


def test_a_broken_record_names_its_row() -> None:
    with pytest.raises(ReadFailure) as caught:
        list(read_csv(b'phone\n1\n"' + b"x" * 40_000))
    assert (caught.value.code, caught.value.facts) == ("csv", {"row": 3})


def test_angle_brackets_alone_are_no_web_page() -> None:
    assert next(read_csv(b"<phone>,x\n1,2\n")) == (1, ["<phone>", "x"])


def test_an_open_quote_in_the_sample_of_the_delimiter() -> None:
    long = "x" * 140_000
    with pytest.raises(ReadFailure, match="csv"):
        list(read_csv(f'a;b\n1;2\n"{long}'.encode()))
