from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from lists.filters import (
    EVERYTHING,
    ORDERED,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Not,
    Operator,
    matches,
)
from storage.postgres.database import Database
from storage.postgres.filters import _SPACES, ConditionCompiler

pytestmark = pytest.mark.postgres

_KEYS = ("name", "age", "city", "absent")
_TEXT = st.one_of(
    st.sampled_from((
        *(
            "",
            " ",
            "0",
            "-0",
            "00",
            "+5",
            "5.",
            ".5",
            ".",
            "-",
            "+-1",
            "1e3",
            "12.50",
            "１２",
            "--1",
        ),
        *(
            "１２",
            "\u3000",
            " 7 ",
            "\x1f7",
            "\ufeff7",
            "深圳",
            "深",
            "%",
            "_",
            "\\",
            "'",
            "a\nb",
            "1\n",
        ),
        "9" * 400,
    )),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
)
_NUMBERS = (
    st
    .decimals(allow_nan=False, allow_infinity=False, places=3)
    .map(str)
    .filter(lambda text: set(text) <= set("+-.0123456789"))
)
_ROWS = st.fixed_dictionaries({}, optional=dict.fromkeys(_KEYS[:3], _TEXT | _NUMBERS))


def _compare(operator: Operator) -> st.SearchStrategy[Condition]:
    value = _NUMBERS if operator in ORDERED else _TEXT
    sizes = {Operator.IS_EMPTY: (0, 0), Operator.IN: (0, 4)}
    least, most = sizes.get(operator, (1, 1))
    values = st.lists(value, min_size=least, max_size=most).map(tuple)
    if operator is Operator.IN:
        values = values.filter(bool)
    return st.builds(Compare, st.sampled_from(_KEYS), st.just(operator), values)


_CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(Operator).flatmap(_compare),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda p: AllOf(tuple(p))),
        st.lists(parts, max_size=3).map(lambda p: AnyOf(tuple(p))),
        parts.map(Not),
    ),
    max_leaves=6,
)


async def in_sql(
    database: Database, condition: Condition, rows: list[dict[str, Any]]
) -> list[bool]:
    compiler = ConditionCompiler(rows)
    sql = (
        "SELECT " + compiler.compile(condition) + " AS matched"
        " FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS m (fields, place) ORDER BY place"
    )
    return [row["matched"] for row in await database.fetch(sql, *compiler.parameters)]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(condition=_CONDITIONS, rows=st.lists(_ROWS, min_size=1, max_size=12))
@example(condition=EVERYTHING, rows=[{}])
@example(condition=AnyOf(()), rows=[{}])
@example(condition=Compare("age", Operator.GREATER, ("-1",)), rows=[{"age": "9" * 20_000 + "x"}])
async def test_sql_means_what_matches_means(
    database: Database, condition: Condition, rows: list[dict[str, str]]
) -> None:
    assert await in_sql(database, condition, rows) == [matches(condition, row) for row in rows]


def test_the_same_spaces_are_stripped() -> None:
    assert set(_SPACES) == {chr(code) for code in range(0x110000) if chr(code).isspace()}


def test_values_never_reach_the_text() -> None:
    hostile = Compare("'; DROP TABLE lead; --", Operator.EQUALS, ("' OR 1=1",))
    compiler = ConditionCompiler("batch")
    assert compiler.compile(AllOf((hostile,) * 6)).count("$") == 12
    assert "DROP" not in compiler.compile(hostile)
    assert "OR 1" not in compiler.compile(hostile)
