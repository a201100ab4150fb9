"""The engine: one process's campaigns on one switch.

It keeps no truth in memory: started anew, it takes its campaigns from the store, reconciles
with the switch, and goes on. Agents act through it; observers are told what happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePath

import structlog

from campaigns.campaign import CampaignState
from dialer import desk, dialing
from dialer.campaign_runner import CampaignRunner, EnginePorts
from dialer.commands import Command
from dialer.journal import WriteJournal
from dialer.ports import Disposition, Epoch, NewRecording
from dialer.reconciler import Reconciler
from kernel.errors import ConflictError, UnavailableError, WaihuError
from kernel.ids import AgentId, AttemptId, CampaignId, RecordingId
from kernel.service import TaskOwner
from kernel.telephony import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallId,
    DigitPressed,
    RecordingReady,
    SwitchBack,
    SwitchEvent,
    SwitchLost,
)

log = structlog.get_logger(__name__)

TICK_S = 0.1
#: How often the store is asked which campaigns run and how many names are due.
CAMPAIGN_POLL_S = 1.0
RECONCILE_S = 5.0
#: A leg of ours on the switch that nothing here explains is ended after this long.
ORPHAN_S = 10.0

Observer = Callable[[CampaignRunner, Command], None]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Who runs this engine.

    Attributes:
        host: shown beside the epoch.
    """

    host: str = "local"


class Engine:
    """Runs every campaign that this process owns.

    Args:
        ports: the outside.
        settings: this process's.
    """

    def __init__(self, ports: EnginePorts, settings: EngineSettings | None = None) -> None:
        self._ports = ports
        self._settings = settings or EngineSettings()
        self._journal = WriteJournal(ports.store, ports.clock)
        self._reconciler = Reconciler(ports.store, ports.switch)
        self._tasks = TaskOwner("engine")
        self._runners: dict[CampaignId, CampaignRunner] = {}
        self._legs: dict[CallId, CampaignId] = {}
        self._orphans: dict[CallId, float] = {}
        self._observers: list[Observer] = []
        self._epoch = Epoch(0)
        self._boot_id = ""
        self._connected = False
        self._poked = asyncio.Event()

    # --- life --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect, take over the campaigns, reconcile, begin.

        Raises:
            UnavailableError: database or switch does not answer.
            InputError: the switch refuses us.
        """
        await self._ports.switch.start()
        self._epoch = await self._ports.store.start_engine(self._settings.host)
        self._boot_id = (await self._ports.switch.heartbeat()).boot_id
        self._connected = True
        self._tasks.start("journal", self._journal.run())
        self._tasks.start("events", self._follow_switch())
        await self._refresh_campaigns()
        await self._reconcile()
        self._tasks.start("ticks", self._tick_for_ever())
        self._tasks.start("campaigns", self._poll_campaigns())
        self._tasks.start("reconcile", self._reconcile_for_ever())

    async def watch(self) -> None:
        """Raise the error of the first background task that failed."""
        await self._tasks.watch()

    async def aclose(self) -> None:
        """Stop dialing, store what is known, disconnect; calls on the switch live on."""
        for runner in self._runners.values():
            runner.floor.switch_up = False
        await self._journal.flush()
        for runner in self._runners.values():
            await runner.aclose()
        await self._tasks.aclose()
        await self._ports.switch.aclose()

    def observe(self, observer: Observer) -> None:
        """Tell `observer` every command as it is carried out; it must not block."""
        self._observers.append(observer)

    def poke(self) -> None:
        """A campaign changed in the store: look now instead of at the next poll."""
        self._poked.set()

    @property
    def connected(self) -> bool:
        """Whether the switch's events are flowing."""
        return self._connected

    @property
    def runners(self) -> tuple[CampaignRunner, ...]:
        """The campaigns that run here."""
        return tuple(self._runners.values())

    def runner(self, campaign: CampaignId) -> CampaignRunner:
        """A running campaign.

        Raises:
            ConflictError: it does not run in this engine.
        """
        runner = self._runners.get(campaign)
        if runner is None:
            raise ConflictError("the campaign is not running; start it first")
        return runner

    # --- agents ------------------------------------------------------------------------------

    def sign_in(self, agent: AgentId, address: str, campaign: CampaignId) -> None:
        """Seat an agent at a campaign and ring their phone.

        Raises:
            ConflictError: the campaign does not run here, or the agent has a seat already.
        """
        if self._seat_of(agent) is not None:
            raise ConflictError("the agent is signed in already")
        runner = self.runner(campaign)
        leg = CallId(self._ports.ids.new())
        self._legs[leg] = campaign
        desk.sign_in(runner.floor, agent, address, leg, runner.moment())
        runner.carry_out()

    def sign_out(self, agent: AgentId) -> None:
        """The agent leaves, at once or after the present call."""
        runner = self.seat_runner(agent)
        desk.sign_out(runner.floor, agent, runner.moment())
        runner.carry_out()

    def ready(self, agent: AgentId) -> None:
        """The agent wants calls."""
        runner = self.seat_runner(agent)
        desk.ready(runner.floor, agent, runner.moment())
        runner.tick()

    def pause(self, agent: AgentId, reason: str = "") -> None:
        """The agent wants no calls for a while."""
        runner = self.seat_runner(agent)
        desk.pause(runner.floor, agent, reason, runner.moment())
        runner.carry_out()

    def hang_up(self, agent: AgentId) -> None:
        """The agent ends the call."""
        runner = self.seat_runner(agent)
        desk.hang_up(runner.floor, agent)
        runner.carry_out()

    def preview_dial(self, agent: AgentId) -> None:
        """The agent dials the name on the screen."""
        runner = self.seat_runner(agent)
        desk.preview_dial(runner.floor, agent, runner.moment())
        runner.carry_out()

    def wrap_up(self, disposition: Disposition) -> None:
        """Store the agent's disposition and end wrap-up.

        Raises:
            ConflictError: the agent is not in wrap-up.
        """
        runner = self.seat_runner(disposition.agent)
        desk.wrapped_up(runner.floor, disposition.agent, runner.moment())
        self._journal.put(disposition)
        runner.tick()

    def seat_runner(self, agent: AgentId) -> CampaignRunner:
        """The campaign an agent works for.

        Raises:
            ConflictError: the agent is not signed in.
        """
        runner = self._seat_of(agent)
        if runner is None:
            raise ConflictError("the agent is not signed in")
        return runner

    def _seat_of(self, agent: AgentId) -> CampaignRunner | None:
        return next(
            (r for r in self._runners.values() if r.floor.seating.get(agent) is not None), None
        )

    # --- switch events -----------------------------------------------------------------------

    async def _follow_switch(self) -> None:
        async for event in self._ports.switch.events():
            self._on_event(event)

    def _on_event(self, event: SwitchEvent) -> None:
        match event:
            case SwitchLost():
                self._connected = False
                self._set_switch_up(up=False)
                log.warning("switch lost")
            case SwitchBack(boot_id):
                self._boot_id = boot_id
                self._connected = True
                self._tasks.start("reconcile-now", self._reconcile())
            case RecordingReady(call, path, seconds):
                self._keep_recording(call, path, seconds)
            case _ if event.call_id in self._legs:
                self._on_leg_event(event)
            case _:
                self._on_call_event(event)

    def _on_call_event(self, event: CallEvent) -> None:
        attempt = AttemptId(event.call_id)
        runner = next((r for r in self._runners.values() if attempt in r.floor.calls), None)
        if runner is None:
            return
        if isinstance(event, DigitPressed):
            runner.digit(attempt, event.digit)
            return
        dialing.switch_event(runner.floor, event, runner.moment())
        runner.carry_out()

    def _on_leg_event(self, event: CallEvent) -> None:
        leg = event.call_id
        runner = self._runners.get(self._legs[leg])
        if isinstance(event, CallEnded):
            del self._legs[leg]
        if runner is None:
            return
        if isinstance(event, CallAnswered):
            desk.leg_up(runner.floor, leg, runner.moment())
        elif isinstance(event, CallEnded):
            desk.leg_down(runner.floor, leg, runner.moment())
        runner.carry_out()

    def _keep_recording(self, call: CallId, path: str, seconds: float) -> None:
        self._journal.put(
            NewRecording(
                RecordingId(self._ports.ids.new()),
                AttemptId(call),
                PurePath(path).name,
                seconds,
                self._ports.clock.now(),
            )
        )

    # --- loops -------------------------------------------------------------------------------

    async def _tick_for_ever(self) -> None:
        while True:
            for runner in self._runners.values():
                runner.tick()
            await self._ports.clock.sleep(TICK_S)

    async def _poll_campaigns(self) -> None:
        while True:
            try:
                async with asyncio.timeout(CAMPAIGN_POLL_S):
                    await self._poked.wait()
            except TimeoutError:
                pass
            self._poked.clear()
            try:
                await self._refresh_campaigns()
            except UnavailableError as error:
                log.warning("database away", error=str(error))

    async def _refresh_campaigns(self) -> None:
        taken = {c.id: c for c in await self._ports.store.take_campaigns(self._epoch)}
        for campaign in taken.values():
            runner = self._runners.get(campaign.id)
            if runner is None:
                runner = CampaignRunner(
                    campaign, self._epoch, self._ports, self._journal, self._tell
                )
                runner.boot_id = self._boot_id
                self._runners[campaign.id] = runner
                self._tasks.start(f"watch-{campaign.id}", runner.watch())
                runner.floor.switch_up = self._connected and bool(self._boot_id)
            runner.floor.campaign = campaign
            runner.floor.leads_left = await self._ports.store.ready_count(campaign.id)
        for campaign_id in [c for c in self._runners if c not in taken]:
            await self._let_go(campaign_id)
        await self._finish_campaigns()

    async def _let_go(self, campaign: CampaignId) -> None:
        """A campaign finished, was archived, or has another owner: no more dialing here."""
        runner = self._runners[campaign]
        runner.floor.switch_up = False
        if dialing.is_idle(runner.floor):
            for seat in runner.floor.seating:
                desk.sign_out(runner.floor, seat.agent, runner.moment())
            runner.carry_out()
            if not len(runner.floor.seating):
                del self._runners[campaign]
                await runner.settle()

    async def _finish_campaigns(self) -> None:
        for campaign_id, runner in list(self._runners.items()):
            if runner.floor.campaign.state is CampaignState.PAUSED:
                continue
            if not dialing.is_idle(runner.floor):
                continue
            await self._journal.flush()
            unsettled = await self._ports.store.unsettled_count(campaign_id)
            if dialing.may_finish(runner.floor, unsettled):
                await self._ports.store.finish_campaign(campaign_id, self._epoch)

    async def _reconcile_for_ever(self) -> None:
        while True:
            await self._ports.clock.sleep(RECONCILE_S)
            await self._reconcile()

    async def _reconcile(self) -> None:
        """Bring every campaign into line with the switch; only then is dialing allowed."""
        try:
            info = await self._ports.switch.heartbeat()
            live = await self._ports.switch.live_calls()
            self._boot_id = info.boot_id
            for runner in list(self._runners.values()):
                runner.boot_id = info.boot_id
                await self._reconciler.run(runner, live)
                self._drop_lost_seats(runner, live)
            await self._end_orphans(live)
        except WaihuError as error:
            log.warning("cannot reconcile; dialing waits", error=str(error))
            self._set_switch_up(up=False)
            return
        self._set_switch_up(up=self._connected)

    def _drop_lost_seats(self, runner: CampaignRunner, live: Collection[CallId]) -> None:
        """Seats whose phone the switch does not have any more."""
        now = runner.moment()
        for seat in runner.floor.seating:
            # A phone that is just being rung may not be listed yet.
            if seat.leg not in live and now.mono_s - seat.since_s > RECONCILE_S:
                self._legs.pop(seat.leg, None)
                desk.leg_down(runner.floor, seat.leg, now)
        runner.carry_out()

    async def _end_orphans(self, live: Collection[CallId]) -> None:
        """End legs that nothing here explains, such as phones that a dead engine had rung.

        While a call adopted from an earlier engine is still talking, its agent's phone is one
        of these legs, so all of them are spared.
        """
        now_s = self._ports.clock.monotonic()
        floors = [runner.floor for runner in self._runners.values()]
        explained = {CallId(a) for floor in floors for a in floor.calls} | self._legs.keys()
        strange = [leg for leg in live if leg not in explained]
        self._orphans = {leg: self._orphans.get(leg, now_s) for leg in strange}
        if any(call.orphaned_talk for floor in floors for call in floor.calls.values()):
            return
        for leg, since_s in self._orphans.items():
            if now_s - since_s >= ORPHAN_S:
                log.warning("ending a leg that nothing explains", leg=str(leg))
                await self._ports.switch.hangup(leg)

    def _set_switch_up(self, *, up: bool) -> None:
        for runner in self._runners.values():
            runner.floor.switch_up = up

    def _tell(self, runner: CampaignRunner, command: Command) -> None:
        for observer in self._observers:
            observer(runner, command)
