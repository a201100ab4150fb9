from __future__ import annotations

import pytest

from lab.number_plan import describe
from lab.rig import Rig
from tests.rig import CACHE_DIR

pytestmark = pytest.mark.switch


def test_two_rigs_side_by_side(rig: Rig) -> None:
    with Rig.start(CACHE_DIR) as other:
        assert other.switch.url != rig.switch.url
        ports = {i.sip_port for r in (rig, other) for i in (r.switch, r.world)}
        assert len(ports) == 4
        assert [i.channel_count() for i in (other.switch, other.world)] == [0, 0]
    assert not other.world.directory.exists()
    assert rig.world.channel_count() == 0


def test_describe_gives_the_address_and_the_plan(rig: Rig) -> None:
    assert rig.describe() == f"{rig.switch.url}\n\n{describe()}"
