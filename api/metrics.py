"""Prometheus metrics: counters fed by the engine, gauges read when asked."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.services import EngineView, RunnerView
from dialer.commands import Command, Record
from dialer.numbers import numbers_of
from dialer.seat import SeatState
from kernel.call import AttemptState, Result


class Metrics:
    """The registry of one application; labels are few and never name a person."""

    def __init__(self, engine: EngineView) -> None:
        self.registry = CollectorRegistry()
        self._ended = Counter(
            "waihu_attempts_ended",
            "Attempts ended since this process started, by normal result.",
            ["result"],
            registry=self.registry,
        )
        self._reached = Counter(
            "waihu_attempts_reached",
            "Attempts that reached a state since this process started.",
            ["state"],
            registry=self.registry,
        )
        # Every series is there from the start, so that a rate over it is right from the start.
        for result in Result:
            self._ended.labels(result.value)
        for state in _REACHED:
            self._reached.labels(state.name.lower())
        self.registry.register(_Floors(engine))
        engine.observe(self._observe)

    def _observe(self, _runner: RunnerView, command: Command) -> None:
        if not isinstance(command, Record):
            return
        update = command.update
        if update.result is not None:
            self._ended.labels(update.result.value).inc()
        if update.state in _REACHED:
            self._reached.labels(update.state.name.lower()).inc()


_REACHED = (
    AttemptState.SENT,
    AttemptState.ANSWERED,
    AttemptState.CONNECTED,
    AttemptState.ABANDONED,
)


class _Floors(Collector):
    """Reads the running campaigns at every scrape."""

    def __init__(self, engine: EngineView) -> None:
        self._engine = engine

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Gauges of this moment."""
        numbers = [numbers_of(runner.floor) for runner in self._engine.runners]
        yield GaugeMetricFamily(
            "waihu_switch_connected",
            "Whether the switch's events are flowing.",
            float(self._engine.connected),
        )
        yield GaugeMetricFamily("waihu_campaigns", "Campaigns in this process.", len(numbers))
        calls = GaugeMetricFamily("waihu_calls", "Calls up now, by who has them.", labels=["with"])
        calls.add_metric(["nobody-yet"], sum(n.in_flight for n in numbers))
        calls.add_metric(["queue"], sum(n.waiting for n in numbers))
        calls.add_metric(["agent"], sum(n.with_agents for n in numbers))
        calls.add_metric(["robot"], sum(n.with_robot for n in numbers))
        calls.add_metric(["message"], sum(n.with_message for n in numbers))
        yield calls
        tally: Tally[str] = Tally()
        for number in numbers:
            tally.update(number.seats)
        seats = GaugeMetricFamily("waihu_seats", "Signed-in agents by state.", labels=["state"])
        for state in SeatState:
            if state is not SeatState.SIGNED_OUT:
                seats.add_metric([state.value], tally[state.value])
        yield seats
