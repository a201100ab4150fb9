"""Carries out one campaign's commands: the shell around the floor.

Each command runs as a task of its own and reports back into the floor; the floor's rules run
between awaits and therefore one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from campaigns.campaign import Campaign
from dialer import claiming, desk, dialing, serving
from dialer.commands import (
    AnswerTransfer,
    Apologise,
    ClaimNames,
    Command,
    Dial,
    DropLeg,
    FetchPreview,
    Forget,
    HangUp,
    Join,
    Moment,
    Record,
    RingAgent,
    StartHandler,
    StartRecording,
    WriteSeat,
)
from dialer.floor import Floor
from dialer.journal import WriteJournal
from dialer.ports import ClaimRequest, EngineStore, Epoch, PreviewName
from dialer.robot_desk import RobotDesk
from kernel.clock import Clock
from kernel.conversation import AnsweredCallHandler
from kernel.errors import CommitUnknownError, PeerError, UnavailableError, WaihuError
from kernel.ids import AgentId, AttemptId, Ids
from kernel.service import TaskOwner
from kernel.telephony import AgentLegCommand, CallId, DialCommand, Telephony

log = structlog.get_logger(__name__)

#: Seconds an engine has to hand a claimed attempt to the switch.
CLAIM_DEADLINE_S = 3.0
#: Waits between tries of a command that may be repeated without harm (join, part, hang up).
_INSIST_S = (0.1, 0.3, 1.0)
#: Tries of the abandonment message: heard twice is better than silence.
_MESSAGE_TRIES = 2
#: An engine that stops waits this long for its agents' phones to be hung up.
_LEAVE_S = 3.0
#: Name of the stored prompt that abandoned people hear.
ABANDONMENT_PROMPT = "abandonment"


@dataclass(frozen=True, slots=True)
class EnginePorts:
    """Everything the engine reaches the outside through."""

    store: EngineStore
    switch: Telephony
    clock: Clock
    ids: Ids
    handler: AnsweredCallHandler | None = None


class CampaignRunner:
    """One campaign's floor, and the tasks that serve it.

    Args:
        campaign: the campaign as stored.
        epoch: this engine's.
        ports: the outside.
        journal: where writes go.
        tell: called with every command as it is carried out, for observers.
    """

    def __init__(
        self,
        campaign: Campaign,
        epoch: Epoch,
        ports: EnginePorts,
        journal: WriteJournal,
        tell: Callable[[CampaignRunner, Command], None],
    ) -> None:
        self.floor = Floor.open(campaign)
        self.boot_id = ""
        self.epoch = epoch
        self._ports = ports
        self._journal = journal
        self._tell = tell
        self._tasks = TaskOwner(f"campaign-{campaign.id}")
        self._leaving = TaskOwner(f"campaign-{campaign.id}-phones")
        self._claimed: set[AttemptId] = set()
        self._robots = RobotDesk(
            self.floor, ports.switch, ports.handler, self.moment, self.carry_out
        )

    # --- inputs ------------------------------------------------------------------------------

    def moment(self) -> Moment:
        """Now."""
        clock = self._ports.clock
        return Moment(clock.monotonic(), clock.now())

    def tick(self) -> None:
        """Let time pass: patience, wrap-up limits, overdue reports, pacing."""
        now = self.moment()
        serving.patience_over(self.floor, now)
        dialing.reports_overdue(self.floor, now)
        desk.time_passes(self.floor, now)
        if not self._journal.congested:
            claiming.pace(self.floor, now)
        self.carry_out()

    def digit(self, attempt: AttemptId, digit: str) -> None:
        """A key press of one of this campaign's people."""
        if link := self._robots.link(attempt):
            link.press(digit)

    def in_hand(self) -> set[AttemptId]:
        """Attempts whose fate is decided here: being claimed, live, or being written."""
        return self._claimed | self.floor.calls.keys() | self._journal.attempts()

    def carry_out(self) -> None:
        """Start whatever the floor has decided."""
        for command in self.floor.take_commands():
            self._tell(self, command)
            self._start(command)

    async def watch(self) -> None:
        """Raise the error of the first task that failed."""
        await self._tasks.watch()

    async def aclose(self) -> None:
        """Stop every task and end the seats; calls on the switch stay up."""
        await self._tasks.aclose()
        desk.close(self.floor, self.moment())
        self.carry_out()
        # A task that failed has told whoever watches; a phone that stays up is an orphan then.
        with suppress(TimeoutError, Exception):
            async with asyncio.timeout(_LEAVE_S):
                await self._leaving.settle()
        await self._leaving.aclose()

    # --- commands ----------------------------------------------------------------------------

    def _start(self, command: Command) -> None:
        match command:
            case Record(update):
                self._journal.put(update)
            case WriteSeat(change):
                self._journal.put(change)
            case AnswerTransfer(attempt, joined):
                if link := self._robots.link(attempt):
                    link.answer_transfer(joined=joined)
            case Forget(attempt):
                if link := self._robots.link(attempt):
                    link.call_over()
            case DropLeg():
                self._leaving.start("DropLeg", self._on_switch(command))
            case _:
                self._tasks.start(type(command).__name__, self._perform(command))

    async def _perform(self, command: Command) -> None:
        match command:
            case ClaimNames():
                await self._claim(command)
            case Dial():
                await self._dial(command)
            case Join():
                await self._join(command)
            case StartHandler(attempt):
                await self._robots.serve(attempt)
            case Apologise(attempt):
                await self._apologise(attempt)
            case FetchPreview(agent):
                desk.preview_found(self.floor, agent, await self._next(agent), self.moment())
            case _:
                await self._on_switch(command)
        self.carry_out()

    async def _on_switch(self, command: Command) -> None:
        switch = self._ports.switch
        try:
            match command:
                case RingAgent(_, leg, address):
                    await switch.connect_agent(AgentLegCommand(leg, address))
                case DropLeg(leg):
                    await self._insist(lambda: switch.hangup(leg))
                case HangUp(attempt):
                    await self._insist(lambda: switch.hangup(CallId(attempt)))
                case StartRecording(attempt):
                    await self._insist(lambda: switch.record(CallId(attempt), str(attempt)))
                case _:
                    raise AssertionError(f"no hand for {command}")
        except WaihuError as error:
            log.warning("switch command failed", command=type(command).__name__, error=str(error))
            if isinstance(command, RingAgent):
                desk.leg_down(self.floor, command.leg, self.moment())

    async def _claim(self, asked: ClaimNames) -> None:
        begun_s = self.moment().mono_s
        ids = tuple(AttemptId(self._ports.ids.new()) for _ in range(asked.count))
        request = ClaimRequest(
            self.floor.campaign.id,
            self.epoch,
            self.boot_id,
            ids,
            CLAIM_DEADLINE_S,
            asked.agent,
            asked.lead,
        )
        self._claimed |= set(ids)
        try:
            names = await self._ports.store.claim(request)
        except (UnavailableError, CommitUnknownError) as error:
            log.warning("claim failed", error=str(error))
            claiming.claim_failed(self.floor, asked, ids, self.moment())
            return
        finally:
            self._claimed -= set(ids)
        # Counted from before the statement began: never later than the database's deadline.
        until_s = begun_s + CLAIM_DEADLINE_S
        claiming.names_claimed(self.floor, asked, names, until_s, self.moment())

    async def _next(self, agent: AgentId) -> PreviewName | None:
        try:
            return await self._ports.store.preview(self.floor.campaign.id, agent)
        except (UnavailableError, CommitUnknownError) as error:
            log.warning("no name to preview", error=str(error))
            return None

    async def _dial(self, command: Dial) -> None:
        if not claiming.still_due(self.floor, command, self.moment()):
            return
        name, plan = command.name, self.floor.plan
        order = DialCommand(
            name.attempt, name.number, plan.caller_id, plan.ring_timeout_s, name.deadline_at
        )
        try:
            reply = await self._ports.switch.originate(order)
        except PeerError as error:
            log.warning("switch refused a call", attempt=str(name.attempt), error=str(error))
            dialing.dial_refused(self.floor, name.attempt, self.moment())
        except UnavailableError as error:
            # It may ring or not: never sent again, left to reconciliation.
            log.warning("dial in doubt", attempt=str(name.attempt), error=str(error))
            dialing.in_doubt(self.floor, name.attempt)
        else:
            dialing.dial_replied(self.floor, name.attempt, reply, self.moment())
            self._tasks.start("prepare", self._robots.prepare(name.attempt))

    async def _join(self, command: Join) -> None:
        switch, call = self._ports.switch, CallId(command.attempt)
        try:
            await self._insist(lambda: switch.bridge(call, command.leg))
        except PeerError as error:
            log.warning("join failed", attempt=str(command.attempt), error=str(error))
            serving.join_failed(self.floor, command.attempt, command.agent, self.moment())
        except UnavailableError as error:
            # They may hear each other or not. Two people on one agent would be worse than an
            # ended call, so it ends, and the agent is free only after that.
            log.warning("join in doubt", attempt=str(command.attempt), error=str(error))
            self._dismiss(command.attempt)
        else:
            serving.joined(self.floor, command.attempt, command.agent, self.moment())

    async def _apologise(self, attempt: AttemptId) -> None:
        for _ in range(_MESSAGE_TRIES):
            try:
                length_s = await self._ports.switch.play(CallId(attempt), ABANDONMENT_PROMPT)
            except UnavailableError as error:
                log.warning("abandonment message in doubt", attempt=str(attempt), error=str(error))
            except WaihuError as error:
                log.warning("abandonment message failed", attempt=str(attempt), error=str(error))
                break
            else:
                await self._ports.clock.sleep(length_s)
                break
        self._dismiss(attempt)

    def _dismiss(self, attempt: AttemptId) -> None:
        call = self.floor.calls.get(attempt)
        if call is not None:
            self.floor.dismiss(call, self.moment())

    async def _insist(self, command: Callable[[], Awaitable[None]]) -> None:
        """Repeat a command that does no harm when it is carried out twice."""
        for wait_s in _INSIST_S:
            try:
                await command()
            except UnavailableError:
                await self._ports.clock.sleep(wait_s)
            else:
                return
        await command()
