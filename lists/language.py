"""The languages in which the lists room writes to people."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Language(StrEnum):
    """A language of the interface."""

    EN = "en"
    ZH = "zh"
