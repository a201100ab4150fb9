"""Agents drawn from a seed: they sign in, take calls, talk, and wrap up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from campaigns.ports import AgentRecord
from dialer.campaign_runner import CampaignRunner
from dialer.commands import Command, WriteSeat
from dialer.engine import Engine
from dialer.ports import Disposition, SeatChange
from dialer.seat import SeatState
from kernel.clock import Clock
from kernel.errors import ConflictError
from kernel.ids import CampaignId
from kernel.service import TaskOwner


@dataclass(frozen=True, slots=True)
class Manner:
    """How agents work; times are means in seconds.

    Attributes:
        talk_s: after this the agent ends the talk, if the person has not.
        wrap_up_s: time to note the disposition.
        look_s: time to read a name in preview.
        return_s: time to sign in again after the phone has dropped.
        dispositions: codes noted after a talk.
    """

    talk_s: float = 120.0
    wrap_up_s: float = 15.0
    look_s: float = 4.0
    return_s: float = 5.0
    dispositions: tuple[str, ...] = ("interested", "not-interested", "call-later")


class SimulatedAgent:
    """One agent at an engine.

    Args:
        engine: where to sign in.
        record: who it is, and at which phone.
        campaign: what to work for.
        clock: time.
        rng: this agent's own randomness.
        manner: how the agent works.
    """

    def __init__(
        self,
        engine: Engine,
        record: AgentRecord,
        campaign: CampaignId,
        clock: Clock,
        *,
        rng: Random,
        manner: Manner,
    ) -> None:
        self._engine = engine
        self._agent = record.id
        self._address = record.address
        self._campaign = campaign
        self._clock = clock
        self._rng = rng
        self._manner = manner
        self._tasks = TaskOwner(f"agent-{record.id}")
        self._gone = False
        engine.observe(self._observe)

    def sign_in(self) -> None:
        """Take a seat; the phone rings."""
        self._engine.sign_in(self._agent, self._address, self._campaign)

    async def aclose(self) -> None:
        """Stop acting, for good."""
        self._gone = True
        await self._tasks.aclose()

    def _observe(self, runner: CampaignRunner, command: Command) -> None:
        del runner
        if self._gone or not isinstance(command, WriteSeat):
            return
        if command.change.agent == self._agent:
            self._react(command.change)

    def _react(self, change: SeatChange) -> None:
        manner = self._manner
        match change.state:
            case SeatState.SIGNED_OUT:
                # The phone dropped, or could not be rung: back to work.
                self._later("sign-in", manner.return_s, self.sign_in)
            case SeatState.PAUSED:
                self._later("ready", 1.0, lambda: self._engine.ready(self._agent))
            case SeatState.PREVIEWING:
                self._look()
            case SeatState.TALKING:
                self._later("talk", manner.talk_s, lambda: self._hang_up(change))
            case SeatState.WRAP_UP:
                self._later("wrap-up", manner.wrap_up_s, lambda: self._wrap_up(change))
            case _:
                pass

    def _look(self) -> None:
        self._later("look", self._manner.look_s, self._dial)

    def _dial(self) -> None:
        try:
            self._engine.preview_dial(self._agent)
        except ConflictError:
            seat = self._engine.seat_runner(self._agent).floor.seating.seat(self._agent)
            if seat.state is SeatState.PREVIEWING:
                # The house does not dial at this moment: press again in a while.
                self._look()

    def _later(self, name: str, mean_s: float, act: Callable[[], None]) -> None:
        delay_s = self._rng.gammavariate(4.0, mean_s / 4.0)
        self._tasks.start(name, self._act_after(delay_s, act))

    async def _act_after(self, delay_s: float, act: Callable[[], None]) -> None:
        await self._clock.sleep(delay_s)
        try:
            act()
        except ConflictError:
            # The floor has moved on meanwhile, as it does under a slow hand.
            return

    def _hang_up(self, change: SeatChange) -> None:
        seat = self._engine.seat_runner(self._agent).floor.seating.seat(self._agent)
        if seat.state is SeatState.TALKING and seat.attempt == change.attempt:
            self._engine.hang_up(self._agent)

    def _wrap_up(self, change: SeatChange) -> None:
        if change.attempt is None:
            return
        code = self._rng.choice(self._manner.dispositions)
        self._engine.wrap_up(Disposition(change.attempt, self._agent, code, self._clock.now()))
