from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from kernel.errors import UnavailableError
from robot.tinymodel import kept

MAKES = "import pathlib, sys; f = pathlib.Path(sys.argv[1]); f.mkdir(); "


def pretend(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A maker that is quicker than the real one, in a process of its own all the same."""
    monkeypatch.setattr(kept, "_MAKER", (sys.executable, "-c", MAKES + code))


def test_the_model_is_made_once_and_found_again(tiny_model: Path) -> None:
    assert kept.ensure_model(tiny_model.parent) == tiny_model
    assert tiny_model.is_absolute()
    assert tiny_model.name == f"tinymodel-{kept.recipe_hash()}"


def test_askers_at_the_same_time_wait_for_one_maker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_ask = threading.Barrier(4)
    log = tmp_path / "made"
    pretend(
        monkeypatch,
        f"(f / 'model').write_text('whole'); open({str(log)!r}, 'a').write('made ')",
    )

    def ask() -> None:
        all_ask.wait()
        found = kept.ensure_model(tmp_path / "cache")
        assert (found / "model").read_text() == "whole"

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.read_text() == "made "
    assert {p.name for p in (tmp_path / "cache").iterdir()} == {
        f"tinymodel-{kept.recipe_hash()}",
        "tinymodel.lock",
    }


def test_a_maker_that_dies_leaves_no_model_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, "(f / 'half').write_text('half'); raise MemoryError('too small')")
    with pytest.raises(UnavailableError, match="MemoryError: too small"):
        kept.ensure_model(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["tinymodel.lock"]
