"""What may go wrong between the engine and its database, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random
from typing import Any, cast

from dialer.ports import EngineStore
from kernel.clock import Clock
from kernel.errors import CommitUnknownError, UnavailableError

#: Statements whose commit may be in doubt; everything else is read, or read again.
_WRITES = frozenset({
    "claim",
    "record",
    "change_seat",
    "dispose",
    "finish_campaign",
    "save_recording",
})


@dataclass(frozen=True, slots=True)
class StoreFaults:
    """Rates of faults; all zero is a perfect database, but for its latency.

    Attributes:
        unavailable: share of statements that fail without effect.
        commit_unknown: share of writes whose commit is in doubt; half of them are kept.
        latency_s: longest time of a statement.
        outages_per_hour: how often the database is away altogether.
        outage_s: mean length of such an outage.
    """

    unavailable: float = 0.0
    commit_unknown: float = 0.0
    latency_s: float = 0.02
    outages_per_hour: float = 0.0
    outage_s: float = 10.0


NO_STORE_FAULTS = StoreFaults()


class _Fate(Enum):
    DONE = auto()
    REFUSED = auto()
    ROLLED_BACK_IN_DOUBT = auto()
    KEPT_IN_DOUBT = auto()


class UnreliableStore:
    """`EngineStore` behind an unreliable connection.

    Args:
        store: the real one.
        clock: lets latency pass.
        rng: one source per run.
        faults: the rates.
    """

    def __init__(self, store: EngineStore, clock: Clock, rng: Random, faults: StoreFaults) -> None:
        self.faults = faults
        self.away = False
        self._store = store
        self._clock = clock
        self._rng = rng

    @property
    def port(self) -> EngineStore:
        """This store as the engine's port."""
        return cast("EngineStore", self)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._clock.sleep(self._rng.random() * self.faults.latency_s)
            fate = self._draw(name)
            if self.away or fate is _Fate.REFUSED:
                raise UnavailableError("the simulated database is away")
            if fate is _Fate.ROLLED_BACK_IN_DOUBT:
                return await self.rolled_back(name, *args)
            result = await method(*args, **kwargs)
            await self._clock.sleep(self._rng.random() * self.faults.latency_s)
            if fate is _Fate.KEPT_IN_DOUBT:
                raise CommitUnknownError("the simulated database broke off; this was kept")
            return result

        return call

    async def rolled_back(self, name: str, *args: Any) -> Any:
        """The connection broke before the commit, and nobody can tell."""
        del name, args
        raise CommitUnknownError("the simulated database broke off; this was not kept")

    def _draw(self, name: str) -> _Fate:
        faults, draw = self.faults, self._rng.random()
        if draw < faults.unavailable:
            return _Fate.REFUSED
        if name in _WRITES and draw < faults.unavailable + faults.commit_unknown:
            return self._rng.choice((_Fate.ROLLED_BACK_IN_DOUBT, _Fate.KEPT_IN_DOUBT))
        return _Fate.DONE
