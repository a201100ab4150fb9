from __future__ import annotations

import json
from pathlib import Path

import pytest

from kernel.errors import InputError
from scripts_dsl import Program, compile_script

SAMPLES = sorted(Path("demo/scripts").glob("*.call"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_program_survives_json(path: Path) -> None:
    program = compile_script(path.read_text(encoding="utf-8"), path.name)
    stored = json.loads(json.dumps(program.to_dict(), ensure_ascii=False))
    assert Program.from_dict(stored) == program


def test_a_program_of_another_format_is_refused() -> None:
    with pytest.raises(InputError, match="format 99, this release reads 1: compile"):
        Program.from_dict({"format": 99})


def test_the_hash_names_the_text() -> None:
    text = SAMPLES[0].read_text(encoding="utf-8")
    one, same = compile_script(text, "a"), compile_script(text, "b")
    other = compile_script(text + "# more\n", "a")
    assert one.source_hash == same.source_hash != other.source_hash
    assert len(one.source_hash) == 64


def test_a_program_lists_its_outcomes_and_columns() -> None:
    text = Path("demo/scripts/satisfaction.call").read_text(encoding="utf-8")
    program = compile_script(text, "satisfaction.call")
    assert {"completed", "refused", "opted-out", "machine"} <= set(program.outcomes)
    assert [(item.name, item.kind.name) for item in program.questions] == [
        ("score", "scale"),
        ("solved", "choice"),
    ]
    assert program.questions[0].title == "满意度 Satisfaction"
    assert program.kind_of("nothing") is None
