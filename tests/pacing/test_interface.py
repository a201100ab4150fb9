from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import InputError
from pacing import Limits


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": -0.01}, "target = -0.01"),
        ({"target": 1.0}, "target = 1.0"),
        ({"target": float("nan")}, "target = nan"),
        ({"patience_s": -1.0}, "patience_s = -1.0"),
        ({"patience_s": float("inf")}, "patience_s = inf"),
        ({"window": "week"}, "one of run, day, 30d"),
        ({"max_lines_per_agent": 0.5}, "max_lines_per_agent = 0.5"),
        ({"max_cps": 0.0}, "max_cps = 0.0"),
    ],
)
def test_a_limit_outside_its_range_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Limits(**change)


def test_limits_default_to_three_percent_of_a_run() -> None:
    assert Limits() == Limits(0.03, 2.0, "run", 10, None)
