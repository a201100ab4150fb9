"""What may go wrong between the engine and the simulated switch, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from random import Random


@dataclass(frozen=True, slots=True)
class Faults:
    """Rates of faults; all zero is a perfect line.

    Attributes:
        event_lost, event_duplicated, event_delayed: share of events, each drawn for itself.
        event_delay_s: longest delay of a delayed event (later ones overtake it).
        command_lost: share of commands that get no answer; half of them are carried out.
    """

    event_lost: float = 0.0
    event_duplicated: float = 0.0
    event_delayed: float = 0.0
    event_delay_s: float = 2.0
    command_lost: float = 0.0


NO_FAULTS = Faults()


class Fate(Enum):
    """What becomes of a command."""

    ANSWERED = auto()
    REQUEST_LOST = auto()  # never reaches the switch
    ANSWER_LOST = auto()  # carried out, but nobody hears of it


class FaultPlayer:
    """Draws the fate of each event and command.

    Args:
        faults: the rates.
        rng: one source per switch.
    """

    def __init__(self, faults: Faults, rng: Random) -> None:
        self.faults = faults
        self._rng = rng

    def deliveries(self) -> tuple[float, ...]:
        """Delays in seconds after which an event arrives: none, one or two of them."""
        faults, draw = self.faults, self._rng.random
        if draw() < faults.event_lost:
            return ()
        copies = 2 if draw() < faults.event_duplicated else 1
        return tuple(
            draw() * faults.event_delay_s if draw() < faults.event_delayed else 0.0
            for _ in range(copies)
        )

    def command(self) -> Fate:
        """What becomes of the next command."""
        if self._rng.random() >= self.faults.command_lost:
            return Fate.ANSWERED
        return self._rng.choice((Fate.REQUEST_LOST, Fate.ANSWER_LOST))
