from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import InputError
from pacing import POLICIES, Limits, create_pacer
from tests.pacing.floors import floor, record


def test_an_unknown_policy_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="'magic'; known policies: progressive, power, predictive"):
        create_pacer("magic", Limits())


@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize("damage", ["missing", "type", "shape"])
def test_a_damaged_memory_is_refused_and_the_present_one_kept(policy: str, damage: str) -> None:
    pacer, _ = record(policy, Limits(), shift_s=600.0)
    before = pacer.state_dict()
    with pytest.raises(InputError, match="damaged"):
        pacer.load_state(_damaged(before, damage))
    assert pacer.state_dict() == before


def _damaged(memory: dict[str, Any], damage: str) -> dict[str, Any]:
    if damage == "missing":
        return {key: value for key, value in memory.items() if key != "gate"}
    if damage == "shape" and "rings" in memory:
        return {**memory, "rings": {**memory["rings"], "rates_hz": [[0.1]]}}
    return {**memory, "gate": {"longest_ring_s": [], "tokens": "many", "filled_at": None}}


@pytest.mark.parametrize(
    "memory", [{}, {"policy": "power", "version": 1}, {"policy": "progressive", "version": 0}]
)
def test_a_memory_of_another_policy_is_refused(memory: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="wanted 'progressive' version 1"):
        create_pacer("progressive", Limits()).load_state(memory)


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_policy_tells_a_manager_what_it_saw(policy: str) -> None:
    decision = create_pacer(policy, Limits()).decide(floor(idle=2, talk=3, ringing=3, waiting=1))
    assert decision.reason.startswith("2 of 5 agents free, 3 ringing, 1 waiting; ")
