"""Finds and loads eSpeak NG 1.52 from the espeakng-loader wheel.

eSpeak NG is GPL-3.0, the product is Apache-2.0: only worker processes (`robot.tts_worker`,
`robot.tinymodel.voice_worker`) import this module; they talk to the product through pipes.
Debian 12 ships 1.51, whose Mandarin voice reads hanzi as English letters, hence the wheel.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader


@dataclass(frozen=True, slots=True)
class EspeakLibrary:
    """The loaded library and the folder that holds `phontab` and the dictionaries."""

    handle: ctypes.CDLL
    data_path: Path


def load() -> EspeakLibrary:
    """Load the library with global symbols, so that a later load by its soname finds it."""
    handle = ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
    return EspeakLibrary(handle, Path(espeakng_loader.get_data_path()))
