"""The simulated switch: the kernel's `Telephony` on any clock, with faults on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

from kernel.call import AttemptState
from kernel.clock import Clock
from kernel.errors import UnavailableError
from kernel.ids import AttemptId
from kernel.media import MediaStream
from kernel.telephony import (
    AgentLegCommand,
    CallId,
    DialCommand,
    Reply,
    Sighting,
    SwitchBack,
    SwitchEvent,
    SwitchInfo,
    SwitchLost,
    call_id,
)
from telephony_adapter.simulated.agenda import Agenda
from telephony_adapter.simulated.exchange import Exchange, World
from telephony_adapter.simulated.faults import NO_FAULTS, FaultPlayer, Faults
from telephony_adapter.simulated.people import Person, Population, Voices
from telephony_adapter.simulated.population import QuietPerson, SeededPopulation
from telephony_adapter.simulated.records import Records
from telephony_adapter.simulated.truth import InviteRecord
from telephony_adapter.simulated.voices import ToneVoices
from telephony_adapter.simulated.wire import Wire

VERSION = "simulated 1"
T = TypeVar("T")


def _quiet(address: str) -> Person:
    del address
    return QuietPerson()


@dataclass(frozen=True, slots=True)
class SimulatedOptions:
    """How a simulated switch behaves.

    Attributes:
        seed: of the faults, and of the population when none is given.
        population: who can be called.
        voices: how words sound.
        agent: makes the person behind an agent's address (`sim:<n>`).
        prompts, recordings: folders; without one, `play` or `record` is refused (PeerError).
        records: whether used ids and ended calls survive a crash.
        faults: what goes wrong between engine and switch.
        command_timeout_s: how long a command waits for an answer.
        clock_ahead_s: how far the switch's wall clock is ahead of `clock`.
    """

    seed: int = 0
    population: Population | None = None
    voices: Voices = field(default_factory=ToneVoices)
    agent: Callable[[str], Person] = _quiet
    prompts: Path | None = None
    recordings: Path | None = None
    records: bool = True
    faults: Faults = NO_FAULTS
    command_timeout_s: float = 2.0
    clock_ahead_s: float = 0.0


class SimulatedSwitch:
    """`Telephony` on a switch that lives in this process.

    The switch is powered on by the first `start` and lives as long as the event loop: `aclose`
    only disconnects, and a later `start` finds the calls that are still up. Ringing, people and
    sound run on the event loop's time, which must be the clock's.

    A recording holds what flowed on the call in both directions, and silence where nobody made
    a sound; its length is from `record` to the end of the call.

    Args:
        clock: system time or virtual time.
        options: see `SimulatedOptions`.
    """

    def __init__(self, clock: Clock, options: SimulatedOptions | None = None) -> None:
        self._options = options or SimulatedOptions()
        self._clock = clock
        self._wall = _AheadClock(clock, timedelta(seconds=self._options.clock_ahead_s))
        faults = FaultPlayer(self._options.faults, Random(self._options.seed))
        self._wire = Wire(faults, self._options.command_timeout_s)
        self._boots = 0
        self._born = clock.now()
        self._running = False
        self._agenda: Agenda | None = None
        self._exchange: Exchange | None = None
        self._records = Records(durable=self._options.records, since=self._born)

    @property
    def truth(self) -> Sequence[InviteRecord]:
        """Every INVITE ever sent, in order, as the switch alone knows it."""
        return () if self._exchange is None else self._exchange.truth.records()

    @property
    def boot_id(self) -> str:
        """Changes with every restart of the switch."""
        return f"simulated-{self._born:%Y%m%dT%H%M%S%f}-{self._boots}"

    # --- Telephony ---------------------------------------------------------------------------

    async def start(self) -> None:
        """See `Telephony`."""
        if self._agenda is None:
            self._power_on()
        if not self._running:
            raise UnavailableError("the simulated switch is down")
        self._wire.connect()

    async def aclose(self) -> None:
        """See `Telephony`."""
        self._wire.disconnect()

    def events(self) -> AsyncIterator[SwitchEvent]:
        """See `Telephony`."""
        return self._wire.inbox.read()

    async def heartbeat(self) -> SwitchInfo:
        """See `Telephony`."""
        return await self._command(
            lambda exchange: SwitchInfo(self.boot_id, VERSION, self._wall.now(), len(exchange.legs))
        )

    async def originate(self, command: DialCommand) -> Reply:
        """See `Telephony`."""
        return await self._command(lambda exchange: exchange.dial(command))

    async def connect_agent(self, command: AgentLegCommand) -> None:
        """See `Telephony`."""
        await self._command(lambda exchange: exchange.ring_agent(command))

    async def bridge(self, call: CallId, leg: CallId) -> None:
        """See `Telephony`."""
        await self._command(lambda exchange: exchange.bridge(call, leg))

    async def unbridge(self, call: CallId, leg: CallId) -> None:
        """See `Telephony`."""
        await self._command(lambda exchange: exchange.unbridge(call, leg))

    async def play(self, call: CallId, prompt: str) -> float:
        """See `Telephony`."""
        return await self._command(lambda exchange: exchange.play(call, prompt))

    async def media(self, call: CallId) -> MediaStream:
        """See `Telephony`; also works on early media, where nobody hears what is sent."""
        return await self._command(lambda exchange: exchange.open_media(call))

    async def send_digits(self, call: CallId, digits: str) -> None:
        """See `Telephony`."""
        await self._command(lambda exchange: exchange.send_digits(call, digits))

    async def record(self, call: CallId, name: str) -> None:
        """See `Telephony`."""
        await self._command(lambda exchange: exchange.record(call, name))

    async def hangup(self, call: CallId) -> None:
        """See `Telephony`."""
        await self._command(lambda exchange: exchange.hang_up(call))

    async def live_calls(self) -> Mapping[CallId, AttemptState]:
        """See `Telephony`; a call that was answered stays ANSWERED, whoever has it."""
        return await self._command(
            lambda exchange: {call: leg.state for call, leg in exchange.legs.items()}
        )

    async def inquire(self, attempts: Iterable[AttemptId]) -> Mapping[AttemptId, Sighting]:
        """See `Telephony`.

        `Untold` is the answer for ids older than the records (version 7 ids carry their time):
        made before the switch was first powered on, or before a crash without `records`.
        """
        wanted = tuple(attempts)
        return await self._command(lambda exchange: self._sight(exchange, wanted))

    # --- faults on demand --------------------------------------------------------------------

    def crash(self, down_s: float = 1.0) -> None:
        """Kill the switch: every call is gone without a word; it is back after `down_s`."""
        agenda, exchange = self._world()
        self._running = False
        self._records.crash(exchange.die())
        agenda.forget()
        self._wire.inbox.put(SwitchLost())
        self._wire.break_off()
        agenda.after(down_s, self._boot)

    def cut(self, seconds: float) -> None:
        """Break the event stream; calls go on unseen, commands still work."""
        agenda, _ = self._world()
        self._wire.inbox.put(SwitchLost())
        self._wire.deaf = True
        agenda.after(seconds, self._hear_again)

    def stall(self, seconds: float) -> None:
        """Stop the switch's process as SIGSTOP does; then everything due happens at once."""
        self._world()[0].freeze(seconds)

    def set_faults(self, faults: Faults) -> None:
        """Change the rates of random faults from now on."""
        self._wire.faults.faults = faults

    # --- inside ------------------------------------------------------------------------------

    def _power_on(self) -> None:
        options = self._options
        self._agenda = Agenda(self._inside_failed)
        world = World(
            population=options.population or SeededPopulation(options.seed),
            voices=options.voices,
            agent=options.agent,
            prompts=options.prompts,
            recordings=options.recordings,
        )
        self._exchange = Exchange(self._wall, self._agenda, world, self._records, self._emit)
        self._boots = 1
        self._running = True

    def _boot(self) -> None:
        self._boots += 1
        self._records.boot(self._clock.now())
        self._running = True
        self._wire.deaf = False
        self._wire.inbox.put(SwitchBack(self.boot_id))

    def _hear_again(self) -> None:
        self._wire.deaf = False
        self._wire.inbox.put(SwitchBack(self.boot_id))

    def _world(self) -> tuple[Agenda, Exchange]:
        if self._agenda is None or self._exchange is None or not self._running:
            raise UnavailableError("the simulated switch is down")
        return self._agenda, self._exchange

    async def _command(self, act: Callable[[Exchange], T]) -> T:
        agenda, exchange = self._world()
        return await self._wire.command(agenda, partial(act, exchange))

    def _emit(self, event: SwitchEvent) -> None:
        self._wire.emit(self._world()[0], event)

    def _inside_failed(self, error: BaseException) -> None:
        self._wire.inbox.close(error)

    def _sight(
        self, exchange: Exchange, attempts: Iterable[AttemptId]
    ) -> Mapping[AttemptId, Sighting]:
        return {attempt: self._sight_one(exchange, attempt) for attempt in attempts}

    def _sight_one(self, exchange: Exchange, attempt: AttemptId) -> Sighting:
        leg = exchange.legs.get(call_id(attempt))
        return self._records.sight(attempt, None if leg is None else leg.state)


class _AheadClock:
    """A clock whose wall time is ahead of another's."""

    def __init__(self, clock: Clock, ahead: timedelta) -> None:
        self._clock = clock
        self._ahead = ahead

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
