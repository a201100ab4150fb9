"""The engine: one process's campaigns on one switch.

It keeps no truth in memory: started anew, it takes its campaigns from the store, reconciles
with the switch, and goes on. Agents act through it (`AgentDesk`); observers are told what
happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from campaigns.campaign import Campaign, CampaignState
from dialer import desk, dialing
from dialer.agent_desk import AgentDesk
from dialer.agent_legs import AgentLegs
from dialer.campaign_runner import CampaignRunner, EnginePorts
from dialer.commands import Command
from dialer.event_router import EventRouter
from dialer.journal import WriteJournal
from dialer.ports import Epoch
from dialer.reconciler import Reconciler
from kernel.errors import CommitUnknownError, UnavailableError, WaihuError
from kernel.ids import CampaignId
from kernel.service import TaskOwner
from kernel.telephony import SwitchBack, SwitchLost

log = structlog.get_logger(__name__)

TICK_S = 0.1
#: How often the store is asked which campaigns run and how many names are due.
CAMPAIGN_POLL_S = 1.0
RECONCILE_S = 5.0
#: An engine that stops waits this long for a database that is away; what is not written then
#: is found by the reconciliation of the next one.
FLUSH_S = 10.0

Observer = Callable[[CampaignRunner, Command], None]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Who runs this engine.

    Attributes:
        host: shown beside the epoch.
    """

    host: str = "local"


class Engine(AgentDesk):
    """Runs every campaign that this process owns.

    Args:
        ports: the outside.
        settings: this process's.
    """

    def __init__(self, ports: EnginePorts, settings: EngineSettings | None = None) -> None:
        self._ports = ports
        self._settings = settings or EngineSettings()
        self._campaigns: dict[CampaignId, CampaignRunner] = {}
        journal = WriteJournal(ports.store, ports.clock)
        legs = AgentLegs(ports.switch, ports.clock)
        super().__init__(self._campaigns, legs, journal, ports.ids)
        self._router = EventRouter(self._campaigns, legs, journal, ports.clock)
        self._reconciler = Reconciler(ports.store, ports.switch)
        self._reconciling = asyncio.Lock()
        self._tasks = TaskOwner("engine")
        self._writing = TaskOwner("journal")
        self._observers: list[Observer] = []
        self._epoch = Epoch(0)
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
        self._legs.inherit((await self._ports.switch.live_calls()).keys())
        self._connected = True
        self._writing.start("writer", self._journal.run())
        self._tasks.start("watch-journal", self._writing.watch())
        self._tasks.start("events", self._follow_switch())
        await self._refresh_campaigns()
        self._tasks.start("ticks", self._tick_for_ever())
        self._tasks.start("campaigns", self._poll_campaigns())
        self._tasks.start("reconcile", self._reconcile_for_ever())

    async def watch(self) -> None:
        """Raise the error of the first background task that failed."""
        await self._tasks.watch()

    async def aclose(self) -> None:
        """Stop dialing, end the seats, store what is known, disconnect; calls live on."""
        for runner in self._campaigns.values():
            runner.floor.owned = False
        await self._tasks.aclose()
        for runner in self._campaigns.values():
            await runner.aclose()
        with suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                await self._journal.flush()
        if len(self._journal):
            log.error("database away: left to the next start", writes=len(self._journal))
        await self._writing.aclose()
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
        return tuple(self._campaigns.values())

    # --- switch ------------------------------------------------------------------------------

    async def _follow_switch(self) -> None:
        async for event in self._ports.switch.events():
            match event:
                case SwitchLost():
                    log.warning("switch lost")
                    self._connected = False
                    self._set_switch_up(up=False)
                case SwitchBack():
                    self._connected = True
                    self._tasks.start("reconcile-now", self._reconcile())
                case _:
                    self._router.route(event)

    async def _reconcile_for_ever(self) -> None:
        while True:
            await self._ports.clock.sleep(RECONCILE_S)
            await self._reconcile()

    async def _reconcile(self) -> None:
        """Bring every campaign into line with the switch; only then is dialing allowed."""
        async with self._reconciling:
            try:
                reconciled = await self._compare()
            except WaihuError as error:
                log.warning("cannot reconcile; dialing waits", error=str(error))
                self._set_switch_up(up=False)
                return
            for runner in reconciled:
                runner.floor.switch_up = self._connected

    async def _compare(self) -> list[CampaignRunner]:
        """One round; what needs no database comes first."""
        info = await self._ports.switch.heartbeat()
        live = await self._ports.switch.live_calls()
        runners = self.runners
        for runner in runners:
            runner.boot_id = info.boot_id
            await self._reconciler.followed(runner, live)
            self._legs.check_seats(runner, live)
        reconciled = [runner for runner in runners if await self._find_strangers(runner)]
        if len(reconciled) == len(runners):
            # Only who has read every open attempt knows which legs nothing explains.
            await self._legs.end_orphans(runners, live)
        return reconciled

    async def _find_strangers(self, runner: CampaignRunner) -> bool:
        """False when the database is away: what was allowed before then stays allowed."""
        try:
            await self._reconciler.strangers(runner)
        except (UnavailableError, CommitUnknownError) as error:
            log.warning("cannot read open attempts", error=str(error))
            return False
        return True

    def _set_switch_up(self, *, up: bool) -> None:
        for runner in self._campaigns.values():
            runner.floor.switch_up = up

    # --- campaigns ---------------------------------------------------------------------------

    async def _tick_for_ever(self) -> None:
        while True:
            for runner in self.runners:
                runner.tick()
            await self._ports.clock.sleep(TICK_S)

    async def _poll_campaigns(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CAMPAIGN_POLL_S):
                    await self._poked.wait()
            self._poked.clear()
            try:
                await self._refresh_campaigns()
            except (UnavailableError, CommitUnknownError) as error:
                log.warning("database away", error=str(error))

    async def _refresh_campaigns(self) -> None:
        taken = {c.id: c for c in await self._ports.store.take_campaigns(self._epoch)}
        new = [c for c in taken.values() if c.id not in self._campaigns]
        for campaign in new:
            self._take(campaign)
        if new:
            # An earlier engine may have calls of theirs up: dialing waits for that.
            await self._reconcile()
        for campaign in taken.values():
            floor = self._campaigns[campaign.id].floor
            floor.campaign, floor.owned = campaign, True
            floor.leads_left = await self._ports.store.ready_count(campaign.id)
        for campaign_id in [c for c in self._campaigns if c not in taken]:
            await self._let_go(campaign_id)
        await self._finish_campaigns()

    def _take(self, campaign: Campaign) -> None:
        runner = CampaignRunner(campaign, self._epoch, self._ports, self._journal, self._tell)
        self._campaigns[campaign.id] = runner
        self._tasks.start(f"watch-{campaign.id}", runner.watch())

    async def _let_go(self, campaign: CampaignId) -> None:
        """A campaign finished, was archived, or has another owner: no more dialing here."""
        runner = self._campaigns[campaign]
        runner.floor.owned = False
        if not dialing.is_idle(runner.floor) or await self._unresolved(runner):
            return
        desk.let_go(runner.floor, runner.moment())
        runner.carry_out()
        if not len(runner.floor.seating):
            del self._campaigns[campaign]
            await runner.aclose()

    async def _unresolved(self, runner: CampaignRunner) -> bool:
        """Whether an attempt of ours still waits for reconciliation."""
        attempts = await self._ports.store.open_attempts(runner.floor.campaign.id)
        return any(attempt.epoch <= self._epoch for attempt in attempts)

    async def _finish_campaigns(self) -> None:
        for campaign_id, runner in list(self._campaigns.items()):
            floor = runner.floor
            if floor.campaign.state is CampaignState.PAUSED or not dialing.is_idle(floor):
                continue
            await self._journal.flush()
            unsettled = await self._ports.store.unsettled_count(campaign_id)
            waiting = await self._ports.store.open_attempts(campaign_id)
            if floor.owned and dialing.may_finish(floor, unsettled, len(waiting)):
                await self._ports.store.finish_campaign(campaign_id, self._epoch)

    def _tell(self, runner: CampaignRunner, command: Command) -> None:
        for observer in self._observers:
            observer(runner, command)
