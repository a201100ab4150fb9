"""The event stream breaks, the switch dies, the switch freezes."""

from __future__ import annotations

import pytest

from kernel.call import AttemptState
from kernel.errors import UnavailableError
from kernel.telephony import CallEnded, SwitchBack, SwitchLost
from lab.number_plan import Behaviour
from tests.conformance.telephony.stage import Scene, on_every_switch


@on_every_switch
async def test_calls_survive_a_broken_event_stream(scene: Scene) -> None:
    boot_id = (await scene.switch.heartbeat()).boot_id
    call = await scene.answered(Behaviour.SILENT)
    await scene.controls.cut()
    await scene.until(SwitchLost)
    back = await scene.until(SwitchBack)

    assert back.boot_id == boot_id
    assert await scene.switch.live_calls() == {call: AttemptState.ANSWERED}
    # Its events flow again.
    await scene.hang_up(call)


@on_every_switch
async def test_a_call_that_ended_unseen_is_gone_after_the_gap(scene: Scene) -> None:
    call = await scene.answered(Behaviour.HANGS_UP, half_seconds=1)
    await scene.controls.cut()
    await scene.switch.hangup(call)
    await scene.until(SwitchBack)

    assert await scene.switch.live_calls() == {}
    # No end is made up: reconciliation asks.
    assert CallEnded not in scene.of(call)


@on_every_switch
async def test_a_dead_switch_comes_back_empty_with_a_new_boot_id(scene: Scene) -> None:
    before = await scene.switch.heartbeat()
    call = await scene.answered(Behaviour.SILENT)
    media = await scene.switch.media(call)
    scene.controls.kill_and_restart()
    await scene.until(SwitchLost)
    heard = [event async for event in media.events()]
    with pytest.raises(UnavailableError):
        await scene.switch.heartbeat()
    back = await scene.until(SwitchBack)

    assert len(heard) < 100
    assert back.boot_id != before.boot_id
    assert (await scene.switch.heartbeat()).boot_id == back.boot_id
    assert await scene.switch.live_calls() == {}
    # And it dials again.
    await scene.answered(Behaviour.SILENT)


@on_every_switch
async def test_a_frozen_switch_does_not_answer_and_then_goes_on(scene: Scene) -> None:
    call = await scene.answered(Behaviour.SILENT)
    scene.controls.freeze()
    with pytest.raises(UnavailableError):
        await scene.switch.heartbeat()
    scene.controls.thaw()
    await scene.clock.sleep(1.7)

    assert await scene.switch.live_calls() == {call: AttemptState.ANSWERED}
    assert SwitchLost() not in scene.log


@on_every_switch
async def test_an_originate_without_answer_is_not_repeated(scene: Scene) -> None:
    number = scene.number(Behaviour.SILENT)
    scene.controls.freeze()
    command = scene.command(number)
    with pytest.raises(UnavailableError):
        await scene.switch.originate(command)
    scene.controls.thaw()
    await scene.clock.sleep(2.5)

    # It may have been sent: at most one ring, whatever happened.
    assert scene.controls.rung(number) <= 1
