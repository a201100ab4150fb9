from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.results import AttemptRow, CampaignSummary
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


def test_the_way_from_answer_to_voice() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    met = attempt_row(answered_at=at, connected_at=at + timedelta(milliseconds=250))
    assert met.answer_to_voice_s == pytest.approx(0.25)
    assert attempt_row(answered_at=at).answer_to_voice_s is None
    assert attempt_row().answer_to_voice_s is None


def attempt_row(**changes: object) -> AttemptRow:
    facts: dict[str, object] = dict.fromkeys(field.name for field in fields(AttemptRow))
    return AttemptRow(**{**facts, **changes})  # type: ignore[arg-type]
