"""The switches this suite runs on."""

from __future__ import annotations

from pathlib import Path

import pytest

from telephony_adapter.simulated.voices import tone
from telephony_adapter.sound import write_wav
from tests.conformance.telephony.stage import AsteriskStage, SimulatedStage, Stage

#: Stored prompts: name, pitch and seconds.
PROMPT_HZ, PROMPT_S = 700.0, 0.8


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    write_wav(folder / "welcome.wav", tone(PROMPT_HZ, PROMPT_S))
    return folder


@pytest.fixture(params=["simulated", "virtual", pytest.param("asterisk", marks=pytest.mark.switch)])
def stage(request: pytest.FixtureRequest, tmp_path: Path, prompts: Path) -> Stage:
    if request.param == "asterisk":
        return AsteriskStage(request.getfixturevalue("rig"), prompts)
    return SimulatedStage(tmp_path, prompts, virtual=request.param == "virtual")
