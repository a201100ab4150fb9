from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.rig import CACHE_DIR
from tests.runtime.installation import WAIHU, environment
from tests.runtime.serving import all_gone, family

pytestmark = pytest.mark.switch


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_laboratory_goes_as_it_came(number: signal.Signals, folder: Path) -> None:
    with subprocess.Popen(
        [str(WAIHU), "lab", "up", "--cache", str(CACHE_DIR)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment(folder),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("asterisk://")
        everybody = family(process.pid)
        assert len(everybody) == 3
        process.send_signal(number)
        assert process.wait(20) == 0
    assert all_gone(everybody, 1.0)
    assert not list(folder.iterdir())
