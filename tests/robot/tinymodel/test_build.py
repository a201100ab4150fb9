from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kernel.errors import ConflictError
from robot.tinymodel import build as maker, kept
from robot.tinymodel.exam import examine


@pytest.mark.slow
def test_the_model_hears_voices_it_was_not_taught_by(tiny_model: Path) -> None:
    """The figures of the first such model, which these must not fall below."""
    yes_no, digits, all_words, noisy = examine(tiny_model)
    assert yes_no.share == 1.0
    assert digits.share >= 0.977
    assert all_words.share >= 0.902
    assert noisy.share >= 0.376


def test_the_cache_is_found_again(tiny_model: Path) -> None:
    assert kept.ensure_model(tiny_model.parent) == tiny_model
    assert tiny_model.is_absolute()
    assert tiny_model.name == f"tinymodel-{kept.recipe_hash()}"


def test_askers_at_the_same_time_wait_for_one_maker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    all_ask = threading.Barrier(4)

    def make(folder: Path) -> None:
        made.append(folder)
        folder.mkdir()
        (folder / "model").write_text("whole")

    def ask() -> None:
        all_ask.wait()
        found = kept.ensure_model(tmp_path / "cache")
        assert (found / "model").read_text() == "whole"

    monkeypatch.setattr(maker, "build", make)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert {p.name for p in (tmp_path / "cache").iterdir()} == {
        f"tinymodel-{kept.recipe_hash()}",
        "tinymodel.lock",
    }


def test_a_maker_that_dies_leaves_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(folder: Path) -> None:
        folder.mkdir()
        (folder / "half").write_text("half")
        raise MemoryError

    monkeypatch.setattr(maker, "build", make)
    with pytest.raises(MemoryError):
        kept.ensure_model(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["tinymodel.lock"]


def test_an_existing_folder_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConflictError, match="exists already"):
        maker.build(tmp_path)
    assert maker.main([str(tmp_path)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert maker.main([]) == 2
    assert "usage" in capsys.readouterr().err
