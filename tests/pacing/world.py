"""A small benchmark world for pacers: calls, agents and people on an event queue.

Calls are drawn once per call index from the seed, so two policies meet the same people. Time is
in seconds; each shift starts a day of the pacer's clock, with all agents idle and no calls.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field, replace
from math import pi, sin
from typing import TYPE_CHECKING

import numpy as np

from pacing import Agent, Outcome, Ringing, Served, Snapshot, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pacing import Decision, Pacer
    from pacing.interface import AgentState, OutcomeKind

DAY_S = 86_400.0
BREAK_LENGTH_S = 900.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Answer rate over the shift, handling times (lognormal mean, sigma) and breaks."""

    name: str
    answer_rate: Callable[[float], float]
    refusals: float = 0.45
    refusal_talk: tuple[float, float] = (20.0, 0.6)
    talk: tuple[float, float] = (240.0, 0.7)
    wrap: tuple[float, float] = (15.0, 0.6)
    breaks_at_s: tuple[float, ...] = ()


STATIONARY = Scenario("stationary", lambda _: 0.25)
VARYING = Scenario("varying", lambda t: 0.225 + 0.125 * sin(2 * pi * t / 14_400))
STEP = Scenario("step", lambda t: 0.45 if 9_600 <= t < 19_200 else 0.15)
EARLY_STEP = Scenario("early step", lambda t: 0.45 if 3_600 <= t < 7_200 else 0.15)
SHORT = Scenario("short", lambda _: 0.25, 0.8, (15.0, 0.5), (60.0, 0.6), (5.0, 0.4))
HEAVY = replace(STATIONARY, name="heavy", talk=(240.0, 1.4))
LOWP = Scenario("lowp", lambda _: 0.08)
BREAKS = replace(STATIONARY, name="breaks", breaks_at_s=(3_600.0, 10_800.0, 18_000.0, 25_200.0))


@dataclass(frozen=True, slots=True)
class Person:
    """What would happen on one call."""

    luck: float
    answers_after_s: float
    otherwise_after_s: float
    otherwise: OutcomeKind
    talk_s: float
    wrap_s: float


def draw_people(scenario: Scenario, seed: int) -> Iterator[Person]:
    """Yield the people of a campaign in dialing order."""
    rng = np.random.default_rng([seed, 7919])
    while True:
        yield from _draw_block(scenario, rng, 4096)


def _draw_block(scenario: Scenario, rng: np.random.Generator, size: int) -> Iterator[Person]:
    luck = rng.random(size)
    answer_s = 8.0 * np.exp(0.5 * rng.standard_normal(size))
    while (late := answer_s > 25.0).any():
        answer_s[late] = 8.0 * np.exp(0.5 * rng.standard_normal(int(late.sum())))
    which = rng.random(size)
    span = rng.random(size)
    machine_s = np.clip(rng.normal(20.0, 2.0, size), 14.0, 26.0)
    refuses = rng.random(size) < scenario.refusals
    talk_s = np.where(
        refuses,
        _lognormal(rng, scenario.refusal_talk, size),
        _lognormal(rng, scenario.talk, size),
    )
    wrap_s = np.minimum(_lognormal(rng, scenario.wrap, size), 600.0)
    for i in range(size):
        kind, after_s = _unanswered(float(which[i]), float(span[i]), float(machine_s[i]))
        yield Person(
            luck=float(luck[i]),
            answers_after_s=1.5 + float(answer_s[i]),
            otherwise_after_s=after_s,
            otherwise=kind,
            talk_s=float(min(talk_s[i], 7_200.0)),
            wrap_s=float(wrap_s[i]),
        )


def _lognormal(
    rng: np.random.Generator, mean_sigma: tuple[float, float], size: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    mean, sigma = mean_sigma
    return mean * np.exp(sigma * rng.standard_normal(size) - sigma**2 / 2)


def _unanswered(which: float, span: float, machine_s: float) -> tuple[OutcomeKind, float]:
    if which < 0.06:
        return "busy", 2.0 + 3.0 * span
    if which < 0.10:
        return "invalid", 1.0 + 2.0 * span
    if which < 0.40:
        return "machine", machine_s
    return "no_answer", 26.5


@dataclass(slots=True)
class Score:
    """What a policy achieved; times in seconds, shares from 0 to 1."""

    busy_s: float = 0.0
    staffed_s: float = 0.0
    launched: int = 0
    answers: int = 0
    abandoned: int = 0
    decisions: int = 0
    abandonment_by_shift: list[float] = field(default_factory=list)

    @property
    def utilisation(self) -> float:
        return self.busy_s / self.staffed_s

    @property
    def abandonment(self) -> float:
        return self.abandoned / max(1, self.answers)


@dataclass(slots=True)
class World:
    """One campaign on a floor of identical agents.

    Attributes:
        tick_s: how often the pacer is asked; with `on_events` also after every event.
        leads: names on the list.
        watch: called with every snapshot and its decision.
    """

    scenario: Scenario
    agents: int
    seed: int
    shift_s: float = 28_800.0
    tick_s: float = 0.1
    on_events: bool = False
    patience_s: float = 2.0
    leads: int = 1_000_000_000
    lines: int = 1_000_000
    tell_shift_end: bool = False
    watch: Callable[[Snapshot, Decision], None] | None = None

    def run(self, pacer: Pacer, shifts: int = 1) -> Score:
        """Play consecutive shifts; the pacer keeps its memory from one to the next."""
        score = Score()
        people = draw_people(self.scenario, self.seed)
        for day in range(shifts):
            before = score.answers, score.abandoned
            _Shift(self, pacer, people, score, day * DAY_S).play()
            answers, abandoned = score.answers - before[0], score.abandoned - before[1]
            score.abandonment_by_shift.append(abandoned / max(1, answers))
        return score


class _Shift:
    """Agents and calls of one shift. Same-time events go by their order of creation."""

    def __init__(
        self, world: World, pacer: Pacer, people: Iterator[Person], score: Score, start_s: float
    ) -> None:
        self._world, self._pacer, self._people, self._score = world, pacer, people, score
        self._start_s, self._end_s = start_s, start_s + world.shift_s
        self.now = start_s
        self._agents = {f"a{i}": Agent(f"a{i}", "idle", start_s) for i in range(world.agents)}
        self._idle: deque[str] = deque(self._agents)
        self._ringing: dict[str, Ringing] = {}
        self._waiting: dict[str, tuple[Waiting, Person]] = {}
        self._news: list[Outcome | Served] = []
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._sequence = 0

    def play(self) -> None:
        for at_s in self._world.scenario.breaks_at_s:
            self._at(self._start_s + at_s, self._call_break)
        step = 0
        while (tick_s := self._start_s + step * self._world.tick_s) < self._end_s:
            self._run_events(until_s=tick_s)
            self.now = tick_s
            self._ask()
            step += 1
        self._run_events(until_s=self._end_s)
        self.now = self._end_s
        for name in self._agents:
            self._close_interval(name)

    def _run_events(self, until_s: float) -> None:
        while self._queue and self._queue[0][0] < until_s:
            self.now, _, act = heapq.heappop(self._queue)
            act()
            if self._world.on_events:
                self._ask()

    def _at(self, at_s: float, act: Callable[[], None]) -> None:
        self._sequence += 1
        heapq.heappush(self._queue, (at_s, self._sequence, act))

    def _ask(self) -> None:
        snapshot = Snapshot(
            now=self.now,
            agents=tuple(self._agents.values()),
            ringing=tuple(self._ringing.values()),
            waiting=tuple(waiting for waiting, _ in self._waiting.values()),
            events=tuple(self._news),
            leads_left=self._world.leads - self._score.launched,
            lines_free=self._world.lines - len(self._ringing) - len(self._waiting),
            shift_ends_at=self._end_s if self._world.tell_shift_end else None,
        )
        self._news.clear()
        decision = self._pacer.decide(snapshot)
        self._score.decisions += 1
        if self._world.watch is not None:
            self._world.watch(snapshot, decision)
        for _ in range(decision.launch):
            self._launch(next(self._people))

    def _launch(self, person: Person) -> None:
        self._score.launched += 1
        call = Ringing(f"c{self._score.launched}", self.now)
        self._ringing[call.id] = call
        answered = person.luck < self._world.scenario.answer_rate(self.now - self._start_s)
        kind: OutcomeKind = "answered" if answered else person.otherwise
        after_s = person.answers_after_s if answered else person.otherwise_after_s
        self._at(self.now + after_s, lambda: self._ring_ends(call, person, kind))

    def _ring_ends(self, call: Ringing, person: Person, kind: OutcomeKind) -> None:
        del self._ringing[call.id]
        self._news.append(Outcome(call.id, call.since, self.now, kind))
        if kind != "answered":
            return
        self._score.answers += 1
        if self._idle:
            self._connect(call.id, person)
            return
        self._waiting[call.id] = Waiting(call.id, self.now), person
        self._at(self.now + self._world.patience_s, lambda: self._give_up(call.id))

    def _give_up(self, call_id: str) -> None:
        if self._waiting.pop(call_id, None) is not None:
            self._score.abandoned += 1
            self._news.append(Served(call_id, "", self.now, None, None, abandoned=True))

    def _connect(self, call_id: str, person: Person) -> None:
        name = self._idle.popleft()
        self._change(name, "talk")
        connected_s = self.now

        def talk_ends() -> None:
            self._change(name, "wrap")
            self._at(self.now + person.wrap_s, wrap_ends)

        def wrap_ends() -> None:
            served = Served(call_id, name, connected_s, person.talk_s, person.wrap_s, False)
            self._news.append(served)
            self._free(name)

        self._at(self.now + person.talk_s, talk_ends)

    def _free(self, name: str) -> None:
        if self._agents[name].pause_pending:
            self._pause(name)
            return
        self._change(name, "idle")
        self._idle.append(name)
        if self._waiting:
            call_id = next(iter(self._waiting))
            _, person = self._waiting.pop(call_id)
            self._connect(call_id, person)

    def _call_break(self) -> None:
        """Send a fifth of the floor off for a quarter of an hour, once their calls end."""
        for name in list(self._agents)[: max(1, round(self._world.agents * 0.2))]:
            if name in self._idle:
                self._idle.remove(name)
                self._pause(name)
            else:
                self._agents[name] = replace(self._agents[name], pause_pending=True)

    def _pause(self, name: str) -> None:
        self._change(name, "paused")
        self._at(self.now + BREAK_LENGTH_S, lambda: self._free(name))

    def _change(self, name: str, state: AgentState) -> None:
        self._close_interval(name)
        pending = self._agents[name].pause_pending and state == "wrap"
        self._agents[name] = Agent(name, state, self.now, pending)

    def _close_interval(self, name: str) -> None:
        agent = self._agents[name]
        length_s = self.now - agent.since
        if agent.state != "paused":
            self._score.staffed_s += length_s
        if agent.state in {"talk", "wrap"}:
            self._score.busy_s += length_s
