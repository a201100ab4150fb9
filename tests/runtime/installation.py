"""An installation for a test, and its command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from runtime.settings import Settings

WAIHU = Path(sys.executable).with_name("waihu")


def settings_of(folder: Path, **changes: object) -> Settings:
    """Settings with every folder below `folder`; the environment is not read."""
    given = {"data": folder / "data", "cache": folder / "cache", **changes}
    return Settings.model_validate(Settings.model_construct().model_dump() | given)


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """What a command's process finds in its environment."""
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    ours = {"WAIHU_DATA": str(folder / "data"), "TMPDIR": str(folder)}
    return {**kept, **ours, **changes}


def waihu(
    folder: Path, *arguments: str, typed: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in `folder`."""
    return subprocess.run(
        [str(WAIHU), *arguments],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
        env=environment(folder, **(env or {})),
    )
