"""A measured figure, and how figures are gathered and shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kernel.clock import SystemClock

CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    Attributes:
        what: what was measured, in words.
        value: the number.
        unit: of the number.
        note: how it was measured, and what it stands beside.
    """

    what: str
    value: float
    unit: str
    note: str = ""


#: Measures; `quick` asks for a smaller run that shows the same things.
Measure = Callable[[bool], Sequence[Figure]]


def seconds(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = CLOCK.monotonic()
    work()
    return CLOCK.monotonic() - start


def by_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each work; they take turns, so a busy moment harms all alike."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return {name: statistics.median(times) for name, times in taken.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def as_data(figures: Mapping[str, Sequence[Figure]]) -> list[dict[str, Any]]:
    """Figures as plain data."""
    return [{"bench": name, **asdict(f)} for name, found in figures.items() for f in found]


def table(name: str, figures: Sequence[Figure]) -> Iterator[str]:
    """The lines of one measurement."""
    for figure in figures:
        yield (
            f"{name:<9} {figure.what:<47} {_number(figure.value):>10} {figure.unit:<12} "
            f"{figure.note}"
        ).rstrip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
