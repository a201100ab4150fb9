from __future__ import annotations

import re
from importlib import resources

import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError
from kernel.phone import PhoneNumber
from lab.number_plan import Behaviour, agent_extension, behaviour_of, describe, mobile

PEOPLE = [behaviour for behaviour in Behaviour if not behaviour.is_agent]
AGENTS = [behaviour for behaviour in Behaviour if behaviour.is_agent]


def test_the_dialplan_has_exactly_the_plans_behaviours() -> None:
    dialplan = resources.files("lab") / "config/world/extensions.conf"
    codes = re.findall(r"^exten => b(\d\d),1,", dialplan.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(codes) == sorted(behaviour.value for behaviour in Behaviour)


@given(st.sampled_from(PEOPLE), st.integers(0, 99), st.integers(0, 9999))
def test_a_number_tells_its_behaviour(behaviour: Behaviour, delay: int, suffix: int) -> None:
    number = mobile(behaviour, half_seconds=delay, suffix=suffix)
    assert PhoneNumber(number).e164 == number
    assert behaviour_of(number) is behaviour
    assert behaviour_of(number.removeprefix("+86")) is behaviour


@given(st.sampled_from(AGENTS), st.integers(0, 99))
def test_an_extension_tells_its_behaviour(behaviour: Behaviour, suffix: int) -> None:
    assert behaviour_of(agent_extension(behaviour, suffix=suffix)) is behaviour


@pytest.mark.parametrize(
    "number", ["", "4001", "13800000000", "13999000000", "13980000000", "8900", "+868000"]
)
def test_numbers_nobody_has(number: str) -> None:
    assert behaviour_of(number) is None


@pytest.mark.parametrize(
    ("behaviour", "delay", "suffix"),
    [(Behaviour.AGENT, 0, 0), (Behaviour.ECHO, 100, 0), (Behaviour.ECHO, 0, 10_000)],
)
def test_mobiles_outside_the_plan(behaviour: Behaviour, delay: int, suffix: int) -> None:
    with pytest.raises(InputError):
        mobile(behaviour, half_seconds=delay, suffix=suffix)


@pytest.mark.parametrize(("behaviour", "suffix"), [(Behaviour.ECHO, 0), (Behaviour.AGENT, 100)])
def test_extensions_outside_the_plan(behaviour: Behaviour, suffix: int) -> None:
    with pytest.raises(InputError):
        agent_extension(behaviour, suffix=suffix)


def test_describe_has_a_line_for_each_behaviour() -> None:
    text = describe()
    for behaviour in Behaviour:
        assert behaviour.text in text
    assert "13907DDNNNN" in text
    assert "82XX" in text
