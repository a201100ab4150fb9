from __future__ import annotations

import io
import json
import logging
import sys

import pytest
import structlog
from hypothesis import given, strategies as st

from kernel.phone import PhoneNumber
from runtime.logs import configure_logs

_NUMBERS = st.from_regex(r"\+[1-9][0-9]{8,14}", fullmatch=True)
_WORDS = st.text(st.characters(exclude_characters="0123456789+"), max_size=8)


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    structlog.get_logger().info("it happened", attempt="a1", count=2)
    line = json.loads(capsys.readouterr().err)
    assert line.pop("timestamp")
    assert line == {"event": "it happened", "level": "info", "attempt": "a1", "count": 2}


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_less_than_the_level_is_not_written(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level)
    for written in ("debug", "info", "warning", "error"):
        getattr(structlog.get_logger(), written)("said")
    levels = [json.loads(line)["level"] for line in capsys.readouterr().err.splitlines()]
    assert levels == ["debug", "info", "warning", "error"][-len(levels) :]
    assert levels[0] == level


@given(number=_NUMBERS, before=_WORDS, after=_WORDS, where=st.sampled_from(["event", "field"]))
def test_no_phone_number_is_ever_written(number: str, before: str, after: str, where: str) -> None:
    stream, stderr = io.StringIO(), sys.stderr
    sys.stderr = stream
    try:
        configure_logs()
        text = f"{before}{number}{after}"
        told = {"error": text} if where == "field" else {}
        structlog.get_logger().warning(text if where == "event" else "dial failed", **told)
    finally:
        sys.stderr = stderr
    assert number[1:] not in stream.getvalue()
    assert number[-4:] in stream.getvalue()


@pytest.mark.parametrize("human", [True, False])
def test_every_shape_of_a_field_is_masked(human: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(human=human)
    number = "+8613812345678"
    structlog.get_logger().error(
        f"cannot dial {number}",
        number=PhoneNumber(number),
        deep={"to": [number, (number, {number: 1})]},
        error=ValueError(number),
        exc_info=ValueError(f"cannot dial {number}"),
    )
    written = capsys.readouterr().err
    assert "13812345678" not in written
    assert "cannot dial" in written


def test_warnings_of_libraries_go_there_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    logging.getLogger("library").warning("told %s", "+8613812345678")
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").error("broken", exc_info=ValueError("+8613812345678"))
    told, broken = map(json.loads, capsys.readouterr().err.splitlines())
    assert (told["event"], told["level"]) == ("told +***5678", "warning")
    assert broken["exception"] == "ValueError: +***5678"
