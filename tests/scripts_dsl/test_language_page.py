"""The language page: every example on it compiles, every code is on it."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from scripts_dsl import CODES, check_script

PAGE = Path("docs/script-language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```callscript(-\w+)?\n(.*?)```", PAGE, re.DOTALL)

# What the page's shorter examples stand in.
AROUND = """\
script example 1
needs
  name: text
  tail: digits(4)?
  owed: money?
  region: north|south
gives
  code: digits(4)?
words
  phone key 6   zh: 电话 | en: phone
  internet key 7   zh: 宽带 | en: internet
ladder
  silent 1: repeat
  silent 2: end no-answer
  unclear 1: repeat
  unclear 2 -> bye
"""
# Which of them are used differs from example to example.
UNUSED = {"E21", "W47", "E02"}


def whole(kind: str, example: str) -> str:
    if kind == "-step":
        inner = indent(example, "  ")
        present = "  if tail is missing -> bye\n" if "{tail" in example else ""
        return f"{AROUND}step a\n{present}{inner}step bye\n  end done\n"
    if kind == "-words":
        return f"{AROUND}{example}step a\n  end done\nstep bye\n  end done\n"
    return example


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_the_examples_compile(kind: str, example: str) -> None:
    found = check_script(whole(kind, example), "docs/script-language.md")
    allowed = UNUSED if kind else set()
    assert [item for item in found if item.code not in allowed] == []


def test_there_are_examples_of_every_kind() -> None:
    assert {kind for kind, _ in EXAMPLES} == {"", "-step", "-words"}


def test_every_code_is_explained() -> None:
    assert set(re.findall(r"^\| ([EW]\d\d) \|", PAGE, re.MULTILINE)) == set(CODES)
