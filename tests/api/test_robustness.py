"""Every single wrong value in an otherwise right body: refused, or taken, never a breakdown."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest

from kernel.users import Role
from tests.api.house import House, new_campaign, upload

_CONDITION = {"all": [{"field": "age", "op": "in", "values": ["1", "2"]}]}
_NASTY: tuple[object, ...] = (
    None, True, -1, 0, 10**30, 1.5, 1e308, float("nan"), float("inf"), "", "x" * 5000,
    "\u202e=1+1\n", "13812345678", [], {}, [None], {"a": {"b": []}},
)  # fmt: skip


def _bodies(batch: str, campaign: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        ("POST", "/session"): {"name": "agent", "password": "x"},
        ("POST", f"/batches/{batch}/count"): {"condition": _CONDITION},
        ("PUT", "/filter-forms/x"): {"condition": _CONDITION},
        ("POST", "/scripts"): {"name": "x", "source": "script x"},
        ("POST", "/campaigns"): {
            "name": "x", "mode": "preview", "lines": 3, "max_cps": 1.0, "script": None,
            "window": {"opens": "09:00:00", "closes": "20:00:00", "weekdays": [1], "zone": "UTC"},
            "redial": {"max_attempts": 2, "min_gap_s": 60, "delays_s": {"busy": 60}},
            "ring_timeout_s": 20.0, "caller_id": "+8675512345678", "record": False,
        },
        ("POST", f"/campaigns/{campaign}/allocations"): {
            "batch": batch, "target": "queue", "agents": [], "condition": _CONDITION,
            "filter_form": "x", "limit": 1,
        },
        ("POST", f"/campaigns/{campaign}/actions"): {"action": "pause"},
        ("PUT", f"/agents/{uuid4()}"): {"name": "x", "address": "sim:1"},
        ("PUT", "/suppressions"): {"number": "13900000000", "reason": "x", "days": 1},
        ("POST", "/me/seat"): {"action": "wrap-up", "code": "x", "result": "busy", "note": "n"},
    }  # fmt: skip


def _places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from _places(value[key], (*path, key))


def _changed(body: object, path: tuple[Any, ...], value: object) -> object:
    if not path:
        return value
    changed = deepcopy(body)
    spot: Any = changed
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return changed


@pytest.mark.parametrize("route", range(10))
async def test_one_wrong_value(house: House, route: int) -> None:
    async with house.client(Role.ADMINISTRATOR) as client:
        batch = (await upload(client)).json()["batch"]
        campaign = await new_campaign(client)
        (method, path), body = list(_bodies(batch, campaign).items())[route]
        for place, value in itertools.product(_places(body), _NASTY):
            answer = await client.request(
                method,
                "/api/v1" + path,
                content=json.dumps(_changed(body, place, value)).encode(),
                headers={"content-type": "application/json"},
            )
            assert answer.status_code < 500, (place, value, answer.text)
            if not answer.is_success:
                assert answer.json()["status"] == answer.status_code
                assert "\n" not in answer.json()["detail"]
