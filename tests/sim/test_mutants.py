"""Protocol mutants: what the oracle must see. A mutant that survives is a hole in the oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from campaigns.campaign import Mode
from campaigns.redial import NextStep, RedialRules
from dialer import dialing, serving
from dialer.agent_legs import AgentLegs
from dialer.commands import Moment
from dialer.floor import Floor
from dialer.ports import AttemptUpdate, ClaimedName, ClaimRequest
from dialer.reconciler import Reconciler
from kernel.call import AttemptState, Result
from kernel.errors import CommitUnknownError
from kernel.ids import AttemptId
from kernel.phone import PhoneNumber
from sim.disasters import Disasters
from sim.run import MORNING, SimulationPlan, simulate
from sim.store_faults import StoreFaults, UnreliableStore
from storage.memory import attempts as attempts_table
from storage.memory.engine import MemoryEngineStore
from tests.sim.torture import calm, tortured

Patch = pytest.MonkeyPatch
SEEDS = range(1, 5)


def _short(seed: int) -> SimulationPlan:
    return tortured(seed, hours=0.25)


def _send_on_commit_unknown(patch: Patch) -> None:
    async def rolled_back(self: UnreliableStore, name: str, *args: Any) -> Sequence[ClaimedName]:
        if name != "claim":
            raise CommitUnknownError("not kept")
        [request] = args
        assert isinstance(request, ClaimRequest)
        names = await self._store.claim(request)
        now = self._clock.now()
        # The statement chose them, the database forgot them, the engine sends them all the same.
        await self._store.record([AttemptUpdate(n.attempt, AttemptState.VOID, now) for n in names])
        return names

    patch.setattr(UnreliableStore, "rolled_back", rolled_back)


def _no_answer_means_not_dialed(patch: Patch) -> None:
    def in_doubt(floor: Floor, attempt: AttemptId) -> None:
        call = floor.calls[attempt]
        dialing.not_dialed(floor, call, Moment(call.launched_s, MORNING))

    patch.setattr(dialing, "in_doubt", in_doubt)


def _gap_ignored(patch: Patch) -> None:
    # Two locks hold the gap: the name's due time, and the claim itself.
    after = RedialRules.after

    def at_once(self: RedialRules, result: Result, attempts: int, ended_at: datetime) -> NextStep:
        step = after(self, result, attempts, ended_at)
        return step if step.due_at is None else replace(step, due_at=ended_at)

    patch.setattr(RedialRules, "after", at_once)
    patch.setattr(MemoryEngineStore, "_called_since", lambda self, number, instant: False)


def _unknown_requeued_at_once(patch: Patch) -> None:
    def called_since(self: MemoryEngineStore, number: PhoneNumber, instant: datetime) -> bool:
        return any(
            a.ended_at is not None and a.ended_at > instant and a.result is not Result.UNKNOWN
            for a in self._tables.attempts_by_number.get(number, ())
        )

    after = RedialRules.after

    def at_once(self: RedialRules, result: Result, attempts: int, ended_at: datetime) -> NextStep:
        step = after(self, result, attempts, ended_at)
        wanted = result is Result.UNKNOWN and step.due_at is not None
        return replace(step, due_at=ended_at) if wanted else step

    patch.setattr(RedialRules, "after", at_once)
    patch.setattr(MemoryEngineStore, "_called_since", called_since)


def _rank_not_monotone(patch: Patch) -> None:
    patch.setattr(attempts_table, "rises", lambda before, after: True)
    patch.setattr("storage.attempt_patch.rises", lambda before, after: True)
    patch.setattr("dialer.floor.may_follow", lambda before, after: True)


def _no_reconciliation(patch: Patch) -> None:
    async def nothing(self: Reconciler, *args: Any) -> None:
        del self, args

    patch.setattr(Reconciler, "followed", nothing)
    patch.setattr(Reconciler, "strangers", nothing)


def _no_adoption(patch: Patch) -> None:
    async def nothing(self: Reconciler, *args: Any) -> None:
        del self, args

    patch.setattr(Reconciler, "strangers", nothing)


def _orphans_stay(patch: Patch) -> None:
    async def nothing(self: AgentLegs, runners: Iterable[Any], live: Mapping[Any, Any]) -> None:
        del self, runners, live

    patch.setattr(AgentLegs, "end_orphans", nothing)


def _no_patience(patch: Patch) -> None:
    patch.setattr(serving, "patience_over", lambda floor, now: None)


def _no_line_limit(patch: Patch) -> None:
    patch.setattr(Floor, "lines_free", property(lambda floor: floor.plan.lines))


def _attempts_not_counted(patch: Patch) -> None:
    after = RedialRules.after
    patch.setattr(
        RedialRules, "after", lambda self, result, attempts, at: after(self, result, 0, at)
    )
    may_ring = MemoryEngineStore._may_ring

    def endless(self: MemoryEngineStore, record: Any, lead: Any, now: datetime) -> bool:
        attempts, lead.attempts = lead.attempts, 0
        try:
            return may_ring(self, record, lead, now)
        finally:
            lead.attempts = attempts

    patch.setattr(MemoryEngineStore, "_may_ring", endless)


def _with_few_agents(seed: int) -> SimulationPlan:
    return replace(calm(seed, Mode.POWER), agents=2)


def _with_many_deaths(seed: int) -> SimulationPlan:
    return replace(calm(seed, hours=0.2), disasters=Disasters(kills=40))


def _with_few_names(seed: int) -> SimulationPlan:
    return replace(calm(seed, hours=0.4), names=20)


def _on_few_lines(seed: int) -> SimulationPlan:
    plan = calm(seed, hours=0.1)
    return replace(plan, campaign=replace(plan.campaign, lines=3))


def _on_a_forgetful_switch(seed: int) -> SimulationPlan:
    return replace(_short(seed), records=False, disasters=Disasters(crashes=20))


def _on_a_doubtful_database(seed: int) -> SimulationPlan:
    return replace(calm(seed, hours=0.25), store_faults=StoreFaults(commit_unknown=0.1))


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken protocol, the invariants that must show it, and where."""

    plant: Callable[[Patch], None]
    seen_as: frozenset[str]
    plan: Callable[[int], SimulationPlan] = _short


def _mutant(
    plant: Callable[[Patch], None],
    *seen_as: str,
    plan: Callable[[int], SimulationPlan] = _short,
) -> Any:
    return pytest.param(
        Mutant(plant, frozenset(seen_as), plan), id=plant.__name__.removeprefix("_")
    )


MUTANTS = [
    _mutant(_send_on_commit_unknown, "I1", "I6", "I13", plan=_on_a_doubtful_database),
    _mutant(_no_answer_means_not_dialed, "I1", "I6", "I13"),
    _mutant(_gap_ignored, "I1"),
    _mutant(_unknown_requeued_at_once, "I1", plan=_on_a_forgetful_switch),
    _mutant(_rank_not_monotone, "I13", "I20"),
    _mutant(_no_reconciliation, "I13", "I7"),
    _mutant(_no_adoption, "I13"),
    _mutant(_orphans_stay, "I14", plan=_with_many_deaths),
    _mutant(_no_patience, "I7", plan=_with_few_agents),
    _mutant(_no_line_limit, "I9", plan=_on_few_lines),
    _mutant(_attempts_not_counted, "I2", plan=_with_few_names),
]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_oracle_sees_a_broken_protocol(mutant: Mutant, monkeypatch: Patch) -> None:
    with monkeypatch.context() as patch:
        mutant.plant(patch)
        seen: set[str] = set()
        for seed in SEEDS:
            report = simulate(mutant.plan(seed))
            seen |= {violation.invariant for violation in report.violations}
            if seen & mutant.seen_as:
                break
    assert seen & mutant.seen_as, f"the mutant lives: only {sorted(seen)} after {len(SEEDS)} seeds"


@pytest.mark.parametrize(
    "plan",
    [
        _on_few_lines,
        _with_few_agents,
        _with_few_names,
        _on_a_forgetful_switch,
        _on_a_doubtful_database,
    ],
)
def test_the_same_worlds_without_a_mutant_are_clean(
    plan: Callable[[int], SimulationPlan],
) -> None:
    assert simulate(plan(1)).violations == []
