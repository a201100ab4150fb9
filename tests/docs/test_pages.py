from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from runtime.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_state_diagrams_are_those_of_the_tables() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "make_diagrams.py"))["page"]()
    assert (ROOT / "docs" / "states.md").read_text(encoding="utf-8") == drawn


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_target_that_the_readme_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)\b", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named - {"and"} <= targets


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"waihu ([a-z]+)\b", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named <= set(COMMANDS)
