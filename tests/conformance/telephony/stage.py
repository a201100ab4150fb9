"""Where the suite is played: the simulated switch in real and virtual time, a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar
from uuid import UUID

from kernel.clock import Clock, SystemClock, VirtualClock
from kernel.ids import AttemptId, TimeOrderedIds
from kernel.phone import PhoneNumber
from kernel.service import TaskOwner
from kernel.telephony import (
    AgentLegCommand,
    CallAnswered,
    CallEnded,
    CallId,
    DialCommand,
    Reply,
    SwitchEvent,
    Telephony,
    call_id,
)
from kernel.virtual_time import run_virtual
from lab.number_plan import Behaviour, agent_extension, mobile
from lab.rig import Rig
from telephony_adapter.address import parse_address
from telephony_adapter.asterisk import requests
from telephony_adapter.asterisk.client import AsteriskSwitch
from telephony_adapter.asterisk.connection import AsteriskOptions
from telephony_adapter.simulated.switch import SimulatedOptions, SimulatedSwitch
from tests.conformance.telephony.people import LabVoices, PlannedPopulation, agent_person

E = TypeVar("E", bound=SwitchEvent)
REST_TIMEOUT_S = 0.5


class Controls(Protocol):
    """What only a test can do to a switch."""

    async def cut(self) -> None:
        """Break the event stream for a moment."""

    def kill_and_restart(self) -> None:
        """End the switch without a word and start it again."""

    def freeze(self) -> None:
        """Stop the switch's process."""

    def thaw(self) -> None:
        """Let it go on; the simulated one thaws by itself after two seconds."""

    def rung(self, number: PhoneNumber) -> int:
        """How many calls reached this number."""

    def keys_heard(self, number: PhoneNumber) -> str:
        """The keys that the latest call to this number heard."""

    def heard_by_agent(self, extension: str, recording: str) -> str:
        """What an agent's telephone heard, given the switch's own recording of its leg.

        On Asterisk the telephone itself tells: there a leg's recording may miss the second of
        two telephones that speak one after the other (see AsteriskSwitch.record).
        """

    async def leftovers(self) -> int:
        """Channels and bridges on the switch."""


@dataclass
class Scene:
    """One switch, one test."""

    switch: Telephony
    controls: Controls
    clock: Clock
    ids: TimeOrderedIds
    agent_prefix: str
    log: list[SwitchEvent] = field(default_factory=list)
    extensions: dict[CallId, str] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _suffix: int = 0

    async def listen(self) -> None:
        async for event in self.switch.events():
            self.log.append(event)
            self._changed.set()

    async def until(self, kind: type[E], call: CallId | None = None, timeout_s: float = 12.0) -> E:
        """The first event of this kind (of this call), waiting for it if need be."""
        async with asyncio.timeout(timeout_s):
            while (found := self._find(kind, call)) is None:
                self._changed.clear()
                await self._changed.wait()
        return found

    def _find(self, kind: type[E], call: CallId | None) -> E | None:
        for event in self.log:
            if isinstance(event, kind) and call in {None, getattr(event, "call_id", None)}:
                return event
        return None

    def of(self, call: CallId) -> list[type]:
        """The kinds of this call's events, in order."""
        return [type(event) for event in self.log if getattr(event, "call_id", None) == call]

    def number(
        self, behaviour: Behaviour, *, half_seconds: int = 0, keys: int | None = None
    ) -> PhoneNumber:
        """A number nobody else in this test run has (unless it must press these keys)."""
        suffix = int(self.ids.new()) % 10_000 if keys is None else keys
        return PhoneNumber(mobile(behaviour, half_seconds=half_seconds, suffix=suffix))

    def command(
        self,
        number: PhoneNumber,
        *,
        ring_timeout_s: float = 10.0,
        deadline_s: float = 3.0,
        attempt: AttemptId | None = None,
    ) -> DialCommand:
        return DialCommand(
            attempt or AttemptId(self.ids.new()),
            number,
            None,
            ring_timeout_s,
            self.clock.now() + timedelta(seconds=deadline_s),
        )

    async def dial(
        self,
        behaviour: Behaviour,
        *,
        half_seconds: int = 0,
        ring_timeout_s: float = 10.0,
        keys: int | None = None,
    ) -> CallId:
        number = self.number(behaviour, half_seconds=half_seconds, keys=keys)
        command = self.command(number, ring_timeout_s=ring_timeout_s)
        assert await self.switch.originate(command) is Reply.SENT
        return call_id(command.attempt_id)

    async def answered(self, behaviour: Behaviour, **how: int) -> CallId:
        call = await self.dial(behaviour, **how)
        await self.until(CallAnswered, call)
        return call

    async def agent(self, behaviour: Behaviour = Behaviour.AGENT) -> CallId:
        self._suffix += 1
        leg = CallId(self.ids.new())
        extension = agent_extension(behaviour, suffix=self._suffix)
        self.extensions[leg] = extension
        await self.switch.connect_agent(AgentLegCommand(leg, self.agent_prefix + extension))
        await self.until(CallAnswered, leg)
        return leg

    async def hang_up(self, *calls: CallId) -> None:
        for call in calls:
            await self.switch.hangup(call)
        for call in calls:
            await self.until(CallEnded, call)


SceneTest = Callable[[Scene], Awaitable[None]]


class Stage(Protocol):
    """Plays one scene on one switch."""

    def run(self, scene_test: SceneTest) -> None: ...


def on_every_switch(scene_test: SceneTest) -> Callable[[Stage], None]:
    """Make a pytest function of a scene: it runs on each stage of the fixture `stage`."""

    def test(stage: Stage) -> None:
        stage.run(scene_test)

    test.__name__ = getattr(scene_test, "__name__", "test")
    test.__doc__ = scene_test.__doc__
    return test


async def _perform(scene: Scene, scene_test: SceneTest) -> None:
    await scene.switch.start()
    owner = TaskOwner("scene")
    listener = owner.start("listen", scene.listen())
    try:
        await scene_test(scene)
        for call in await scene.switch.live_calls():
            await scene.switch.hangup(call)
        async with asyncio.timeout(5):
            while await scene.controls.leftovers():
                await scene.clock.sleep(0.02)
    finally:
        await scene.switch.aclose()
    # The event stream ends by itself, without an error.
    await listener


# --- simulated -------------------------------------------------------------------------------


class SimulatedControls:
    def __init__(self, switch: SimulatedSwitch) -> None:
        self._switch = switch

    async def cut(self) -> None:
        self._switch.cut(0.3)

    def kill_and_restart(self) -> None:
        self._switch.crash(down_s=0.5)

    def freeze(self) -> None:
        self._switch.stall(2.0)

    def thaw(self) -> None:
        pass

    def rung(self, number: PhoneNumber) -> int:
        return sum(record.number == number for record in self._switch.truth)

    def keys_heard(self, number: PhoneNumber) -> str:
        return [r.digits_heard for r in self._switch.truth if r.number == number][-1]

    def heard_by_agent(self, extension: str, recording: str) -> str:
        return recording

    async def leftovers(self) -> int:
        return (await self._switch.heartbeat()).live_calls


@dataclass
class SimulatedStage:
    """The simulated switch on the machine's clock, or in virtual time."""

    folder: Path
    prompts: Path
    virtual: bool

    def run(self, scene_test: SceneTest) -> None:
        if self.virtual:
            run_virtual(self._play(scene_test))
        else:
            asyncio.run(self._play(scene_test))

    async def _play(self, scene_test: SceneTest) -> None:
        loop = asyncio.get_running_loop()
        clock: Clock = VirtualClock(loop=loop) if self.virtual else SystemClock()
        options = SimulatedOptions(
            population=PlannedPopulation(),
            voices=LabVoices(),
            agent=agent_person,
            prompts=self.prompts,
            recordings=self.folder / "recordings",
            command_timeout_s=REST_TIMEOUT_S,
        )
        switch = SimulatedSwitch(clock, options)
        ids = TimeOrderedIds(clock, Random(1))
        scene = Scene(switch, SimulatedControls(switch), clock, ids, "sim:")
        await _perform(scene, scene_test)


# --- Asterisk --------------------------------------------------------------------------------


class AsteriskControls:
    def __init__(self, rig: Rig, switch: AsteriskSwitch) -> None:
        self._rig = rig
        self._switch = switch

    async def cut(self) -> None:
        await self._switch._open.link.drop()

    def kill_and_restart(self) -> None:
        self._rig.switch.kill()
        self._rig.switch.launch()

    def freeze(self) -> None:
        self._rig.switch.freeze()

    def thaw(self) -> None:
        self._rig.switch.thaw()

    def rung(self, number: PhoneNumber) -> int:
        return sum(call.number == number.e164 for call in self._rig.world.calls())

    def keys_heard(self, number: PhoneNumber) -> str:
        return [c.digits for c in self._rig.world.calls() if c.number == number.e164][-1]

    def heard_by_agent(self, extension: str, recording: str) -> str:
        return str(self._rig.world.recording(extension))

    async def leftovers(self) -> int:
        rest = self._switch._rest
        channels = await rest.send(requests.channels())
        bridges = await rest.send(requests.bridges())
        return len(channels) + len(bridges)


@dataclass
class AsteriskStage:
    """The real thing, from `lab`."""

    rig: Rig
    prompts: Path

    def run(self, scene_test: SceneTest) -> None:
        asyncio.run(self._play(scene_test))

    async def _play(self, scene_test: SceneTest) -> None:
        clock = SystemClock()
        options = AsteriskOptions(
            prompts=self.prompts,
            recordings=self.rig.switch.recordings_dir,
            rest_timeout_s=REST_TIMEOUT_S,
        )
        switch = AsteriskSwitch(parse_address(self.rig.switch.url), clock, options)
        ids = TimeOrderedIds(clock, Random())
        controls = AsteriskControls(self.rig, switch)
        try:
            await _perform(Scene(switch, controls, clock, ids, "PJSIP/"), scene_test)
        finally:
            self.rig.switch.thaw()


def attempt_of(call: CallId) -> AttemptId:
    """An attempt's id is its call id."""
    return AttemptId(UUID(str(call)))
