from __future__ import annotations

import json

import pytest
from hypothesis import given

from kernel.errors import InputError
from lists.filter_json import from_json, to_json
from lists.filters import AllOf, AnyOf, Compare, Condition, Not, Operator
from tests.lists.conditions import conditions

AGE = {"field": "age", "op": ">=", "values": ["30"]}


@given(conditions)
def test_a_condition_survives_the_journey(condition: Condition) -> None:
    assert from_json(json.loads(json.dumps(to_json(condition)))) == condition


def test_the_form_of_the_manual() -> None:
    tree = AllOf((Compare("age", Operator.AT_LEAST, ("30",)), Not(AnyOf(()))))
    assert to_json(tree) == {"all": [AGE, {"not": {"any": []}}]}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, "$"),
        ([], "$"),
        ({}, "$"),
        ({"all": [], "any": []}, "$"),
        ({"all": {}}, "$.all"),
        ({"any": "x"}, "$.any"),
        ({"not": 3}, "$.not"),
        ({"all": [AGE, {"any": [{**AGE, "op": "~"}]}]}, "$.all[1].any[0].op"),
        ({**AGE, "op": 3}, "$.op"),
        ({**AGE, "field": None}, "$.field"),
        ({**AGE, "values": "30"}, "$.values"),
        ({**AGE, "values": [30]}, "$.values[0]"),
        ({**AGE, "values": []}, "$"),
        ({**AGE, "values": ["old"]}, "$"),
        ({**AGE, "extra": 1}, "$"),
        ({"field": "age", "op": ">="}, "$"),
    ],
)
def test_errors_name_the_path(value: object, path: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json(value)
    assert f"at {path}: " in str(caught.value)


def test_depth_is_bounded() -> None:
    value: object = AGE
    for _ in range(500):
        value = {"not": value}
    with pytest.raises(InputError, match="nested deeper"):
        from_json(value)
