from __future__ import annotations

import asyncio

import pytest

from lab.number_plan import Behaviour, describe, mobile
from lab.rig import Rig
from tests.lab.ari import Ari
from tests.rig import CACHE_DIR

pytestmark = pytest.mark.switch


def test_two_rigs_side_by_side(rig: Rig) -> None:
    with Rig.start(CACHE_DIR) as other:
        assert other.switch.url != rig.switch.url
        ports = {i.sip_port for r in (rig, other) for i in (r.switch, r.world)}
        assert len(ports) == 4
        assert [i.channel_count() for i in (other.switch, other.world)] == [0, 0]
    assert not other.world.directory.exists()
    rig.hang_up_all()


async def test_every_call_can_be_ended_on_both_sides(rig: Rig) -> None:
    async with Ari(rig.switch.url) as ari:
        channel = await ari.call(mobile(Behaviour.SILENT, suffix=4321))
        await ari.wait("StasisStart", channel)
        assert rig.world.channel_count() > 0
        await asyncio.to_thread(rig.hang_up_all)
    assert rig.switch.channel_count() == rig.world.channel_count() == 0


def test_describe_gives_the_address_and_the_plan(rig: Rig) -> None:
    assert rig.describe() == f"{rig.switch.url}\n\n{describe()}"
