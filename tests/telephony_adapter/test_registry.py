from __future__ import annotations

from pathlib import Path

import pytest

from kernel.clock import SystemClock
from kernel.errors import InputError
from telephony_adapter.asterisk.client import AsteriskSwitch
from telephony_adapter.registry import FACTORIES, AdapterOptions, create_switch
from telephony_adapter.simulated.switch import SimulatedSwitch


def test_each_scheme_gives_its_adapter(tmp_path: Path) -> None:
    options = AdapterOptions(recordings=tmp_path)

    assert isinstance(create_switch("simulated://?seed=3", SystemClock(), options), SimulatedSwitch)
    assert isinstance(create_switch("asterisk://u:p@host/app", SystemClock()), AsteriskSwitch)
    assert sorted(FACTORIES) == ["asterisk", "simulated"]


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(InputError, match="unknown scheme"):
        create_switch("sip://host", SystemClock())
