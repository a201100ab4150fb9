from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from kernel.errors import ConflictError, DefectError, InputError, WaihuError
from runtime.logs import configure_logs
from runtime.terminal import fail, print_json, run


async def _raise(error: BaseException) -> None:
    raise error


async def _give() -> int:
    return 7


def test_a_command_gives_what_its_work_gives() -> None:
    assert run(_give()) == 7


@pytest.mark.parametrize(
    "error",
    [
        InputError("line 3: no number"),
        ExceptionGroup("", [InputError("line 3: no number")]),
        ExceptionGroup("", [ExceptionGroup("", [InputError("line 3: no number")])]),
        ExceptionGroup("", [InputError("line 3: no number"), ConflictError("second")]),
        ExceptionGroup("", [InputError("line 3: no number"), ValueError("of ours")]),
    ],
)
def test_of_a_group_the_first_error_is_told(error: Exception) -> None:
    with pytest.raises(InputError, match=r"^line 3: no number$"):
        run(_raise(error))


@pytest.mark.parametrize(
    "error", [KeyError("k"), ExceptionGroup("tasks", [ExceptionGroup("", [KeyError("k")])])]
)
def test_a_defect_is_told_as_itself(error: Exception) -> None:
    with pytest.raises(KeyError, match="k"):
        run(_raise(error))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("line 3:\n no number"), "waihu: line 3: no number\n"),
        (ConflictError("taken"), "waihu: taken\n"),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(
    error: WaihuError, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        fail(error)
    assert end.value.code == 1
    assert capsys.readouterr() == ("", told)


@pytest.mark.parametrize("error", [ValueError("two\nlines"), DefectError("two lines")])
def test_a_defect_is_one_line_that_says_whose_it_is(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("error")
    with pytest.raises(SystemExit) as end:
        fail(error)
    assert end.value.code == 1
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert "our defect" in err
    assert "two lines" in err


def test_debug_shows_where_a_defect_is(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("debug")
    with pytest.raises(SystemExit):
        fail(ValueError("broken"))
    first, _, last = capsys.readouterr().err.partition("\n")
    assert json.loads(first)["exception"].startswith("ValueError: broken")
    assert last.startswith("waihu: ")


def test_data_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({1: "名", "at": datetime(2026, 3, 2, tzinfo=UTC), "odd": {3}})
    assert json.loads(capsys.readouterr().out) == {
        "1": "名",
        "at": "2026-03-02T00:00:00+00:00",
        "odd": "{3}",
    }
