"""The house as a whole: every room is known to the linter and the wheel, and is ours."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: Packages of the checkout that are not rooms of the product.
BESIDE = {"tests", "bench", "demo"}
ROOMS = {path.parent.name for path in ROOT.glob("*/__init__.py")} - BESIDE


def test_the_import_contracts_know_every_room() -> None:
    linter = PROJECT["tool"]["importlinter"]
    assert set(linter["root_packages"]) == ROOMS
    layers = linter["contracts"][0]["layers"]
    assert {room.strip() for layer in layers for room in layer.split("|")} == ROOMS


def test_the_wheel_holds_every_room() -> None:
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == ROOMS


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_is_ours_and_not_another_package_of_the_same_name(room: str) -> None:
    # Generic names (`api`, `lists`, `robot`) exist elsewhere too.
    module = importlib.import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__).parent == ROOT / room


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_tests_mirror_the_room(room: str) -> None:
    assert (ROOT / "tests" / room / "__init__.py").is_file()
    tested = {path.name for path in (ROOT / "tests" / room).rglob("test_*.py")}
    assert tested, f"tests/{room} is empty"
