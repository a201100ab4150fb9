"""What befalls a simulated house: deaths of the engine, of the switch, and of the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from kernel.clock import Clock
from kernel.errors import UnavailableError
from kernel.service import TaskOwner
from sim.store_faults import UnreliableStore
from sim.works import Works
from telephony_adapter.simulated.switch import SimulatedSwitch

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Disasters:
    """Mean numbers per hour; all zero is a quiet day.

    Attributes:
        kills: `kill -9` of the engine.
        freezes: the engine's process stands still, for up to `freeze_s`.
        crashes: the switch dies with all its calls.
        stalls: the switch stands still, for up to `freeze_s`.
        cuts: the switch's event stream breaks, for up to `freeze_s`.
    """

    kills: float = 0.0
    freezes: float = 0.0
    crashes: float = 0.0
    stalls: float = 0.0
    cuts: float = 0.0
    freeze_s: float = 10.0


NO_DISASTERS = Disasters()


class Fate:
    """Lets disasters happen until told to stop.

    Args:
        disasters: the rates.
        seed: of when and how long.
        clock: time.
    """

    def __init__(self, disasters: Disasters, seed: int, clock: Clock) -> None:
        self._disasters = disasters
        self._seed = seed
        self._clock = clock
        self._tasks = TaskOwner("fate")
        self._over = False

    def begin(self, works: Works, switch: SimulatedSwitch, store: UnreliableStore) -> None:
        """Start drawing."""
        disasters, faults = self._disasters, store.faults
        self._often("engine", disasters.kills, lambda rng: works.kill())
        self._often("freeze", disasters.freezes, lambda rng: works.freeze(self._span(rng)))
        self._often("crash", disasters.crashes, lambda rng: _crash(switch, self._span(rng)))
        self._often("stall", disasters.stalls, lambda rng: _stall(switch, self._span(rng)))
        self._often("cut", disasters.cuts, lambda rng: _cut(switch, self._span(rng)))
        self._often(
            "outage",
            faults.outages_per_hour,
            lambda rng: self._outage(store, rng.uniform(0, 2 * faults.outage_s)),
        )

    async def end(self) -> None:
        """Nothing happens any more; what is under way is seen through."""
        self._over = True
        await self._tasks.settle()

    def _often(
        self, name: str, per_hour: float, happen: Callable[[Random], Awaitable[None]]
    ) -> None:
        if per_hour > 0:
            rng = Random(f"{self._seed}/{name}")
            self._tasks.start(name, self._repeat(rng, per_hour / _HOUR_S, happen))

    async def _repeat(
        self, rng: Random, per_s: float, happen: Callable[[Random], Awaitable[None]]
    ) -> None:
        wait_s = rng.expovariate(per_s)
        while not self._over:
            # In small steps, so that the end need not wait for a disaster.
            step_s = min(1.0, wait_s)
            await self._clock.sleep(step_s)
            wait_s -= step_s
            if wait_s <= 0:
                await happen(rng)
                wait_s = rng.expovariate(per_s)

    def _span(self, rng: Random) -> float:
        return rng.uniform(0.1, self._disasters.freeze_s)

    async def _outage(self, store: UnreliableStore, seconds: float) -> None:
        store.away = True
        await self._clock.sleep(seconds)
        store.away = False


async def _crash(switch: SimulatedSwitch, seconds: float) -> None:
    _if_up(lambda: switch.crash(seconds))


async def _stall(switch: SimulatedSwitch, seconds: float) -> None:
    _if_up(lambda: switch.stall(seconds))


async def _cut(switch: SimulatedSwitch, seconds: float) -> None:
    _if_up(lambda: switch.cut(seconds))


def _if_up(strike: Callable[[], None]) -> None:
    try:
        strike()
    except UnavailableError:
        return  # it is down already
