"""The sounds of the world outside, made once and kept in the cache."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from kernel.errors import UnavailableError
from lab.cache import build_once


def make_sounds(cache_dir: Path) -> Path:
    """Return the folder of 8 kHz mono wav files, making them first if they are not there.

    Raises:
        UnavailableError: the voice does not work, or the cache cannot be written.
    """
    # Named after its recipe, so that a changed phrase never plays from an old cache.
    recipe = Path(__file__).with_name("speak_sounds.py").read_bytes()
    name = hashlib.sha256(recipe).hexdigest()[:12]
    return build_once(cache_dir.resolve() / "sounds" / name, _speak)


def _speak(folder: Path) -> None:
    # A process of its own: the voice is GPL and must not be linked into ours.
    done = subprocess.run(
        [sys.executable, "-m", "lab.speak_sounds", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UnavailableError(f"could not make the lab's sounds: {last}")
