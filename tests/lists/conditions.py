"""Random condition trees for the laws of the filter modules."""

from __future__ import annotations

from hypothesis import strategies as st

from lists.filters import ORDERED, AllOf, AnyOf, Compare, Condition, Not, Operator

_fields = st.sampled_from(["age", "city", "名字"])
_texts = st.text(max_size=5)
_numbers = st.decimals(-999, 999, places=1).map(str)


@st.composite
def comparisons(draw: st.DrawFn) -> Compare:
    operator = draw(st.sampled_from(Operator))
    values: st.SearchStrategy[list[str]] = st.lists(_texts, min_size=1, max_size=1)
    if operator is Operator.IS_EMPTY:
        values = st.just([])
    elif operator is Operator.IN:
        values = st.lists(_texts, min_size=1, max_size=3)
    elif operator in ORDERED:
        values = st.lists(_numbers, min_size=1, max_size=1)
    return Compare(draw(_fields), operator, tuple(draw(values)))


def _grow(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, max_size=3).map(tuple)
    return several.map(AllOf) | several.map(AnyOf) | parts.map(Not)


conditions: st.SearchStrategy[Condition] = st.recursive(comparisons(), _grow, max_leaves=8)
