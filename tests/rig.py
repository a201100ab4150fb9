"""The telephone rig as a fixture: one for each test process, started when first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.rig import Rig

CACHE_DIR = Path(__file__).parents[1] / ".cache" / "asterisk"


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """A real switch and the world outside. Fetches Asterisk on the first run (about 10 s)."""
    with Rig.start(CACHE_DIR) as running:
        yield running
