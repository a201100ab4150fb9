from __future__ import annotations

import pytest

from campaigns.results import CampaignSummary
from kernel.call import Result


def summary(**changes: object) -> CampaignSummary:
    facts: dict[str, object] = {
        "names": 0, "by_state": {}, "dialed": 0, "answered": 0, "connected": 0, "abandoned": 0,
        "results": {}, "survey": {}, "agent_seconds": {}, "talk_s": 0.0, "first_at": None,
        "last_at": None,
    }  # fmt: skip
    return CampaignSummary(**{**facts, **changes})  # type: ignore[arg-type]


def test_abandonment_is_counted_over_live_answers_only() -> None:
    counted = summary(
        abandoned=3, results={Result.ANSWERED_HUMAN: 97, Result.ANSWERED_MACHINE: 500}
    )
    assert counted.abandon_ratio == pytest.approx(0.03)
    assert summary().abandon_ratio == 0.0


def test_occupancy_leaves_out_pauses() -> None:
    seconds = {
        "talking": 60.0, "wrap-up": 20.0, "reserved": 0.0, "ready": 20.0, "paused": 900.0,
        "connecting": 5.0,
    }  # fmt: skip
    assert summary(agent_seconds=seconds).occupancy == pytest.approx(0.8)
    assert summary().occupancy == 0.0
