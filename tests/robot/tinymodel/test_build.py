from __future__ import annotations

from pathlib import Path

import pytest

from kernel.errors import ConflictError
from robot.tinymodel import build as maker
from robot.tinymodel.exam import examine


@pytest.mark.slow
def test_the_model_hears_voices_it_was_not_taught_by(tiny_model: Path) -> None:
    """The figures of the first such model, which these must not fall below."""
    yes_no, digits, all_words, noisy = examine(tiny_model)
    assert yes_no.share == 1.0
    assert digits.share >= 0.977
    assert all_words.share >= 0.902
    assert noisy.share >= 0.376


def test_an_existing_folder_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConflictError, match="exists already"):
        maker.build(tmp_path)
    assert maker.main([str(tmp_path)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert maker.main([]) == 2
    assert "usage" in capsys.readouterr().err
