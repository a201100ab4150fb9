"""Where checks put what they find."""

from __future__ import annotations

from scripts_dsl.errors import CODES, Position


class Findings:
    """Collects remarks; the same remark at the same place counts once.

    A script's common ladder is lowered into every question, so one fault in it would otherwise
    be told once per question.
    """

    def __init__(self) -> None:
        self._found: set[tuple[Position, str, str]] = set()

    def add(self, at: Position, code: str, message: str) -> None:
        """Note a remark under one of `CODES`."""
        assert code in CODES, code
        self._found.add((at, code, message))

    def in_order(self) -> list[tuple[Position, str, str]]:
        """Everything found, in the order of the text."""
        return sorted(self._found)
