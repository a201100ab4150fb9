from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from campaigns.campaign import (
    RANGES,
    TRANSITIONS,
    CampaignAction,
    CampaignPlan,
    CampaignState,
    Mode,
    next_state,
)
from kernel.errors import ConflictError, InputError
from kernel.ids import ScriptVersionId

PLAN = CampaignPlan("spring", Mode.PREDICTIVE)


def test_every_state_has_a_row_and_can_be_reached() -> None:
    assert set(TRANSITIONS) == set(CampaignState)
    reached = {CampaignState.DRAFT}
    while new := {s for r in reached for s in TRANSITIONS[r].values()} - reached:
        reached |= new
    assert reached == set(CampaignState)


def test_an_archived_campaign_stays_so() -> None:
    for action in CampaignAction:
        with pytest.raises(ConflictError, match="possible now: nothing"):
            next_state(CampaignState.ARCHIVED, action)


def test_a_refusal_says_what_is_possible() -> None:
    with pytest.raises(ConflictError, match=r"draft cannot pause; possible now: .*start"):
        next_state(CampaignState.DRAFT, CampaignAction.PAUSE)


def test_a_paused_campaign_starts_again() -> None:
    paused = next_state(CampaignState.RUNNING, CampaignAction.PAUSE)
    assert next_state(paused, CampaignAction.START) is CampaignState.RUNNING


@pytest.mark.parametrize("setting", RANGES)
def test_settings_outside_their_range_are_refused_by_name(setting: str) -> None:
    least, most = RANGES[setting]
    for good in (least, most):
        replace(PLAN, **{setting: good})  # type: ignore[arg-type] # by name
    for bad in (least - 0.01, most + 0.01, float("nan")):
        with pytest.raises(InputError, match=setting):
            replace(PLAN, **{setting: bad})  # type: ignore[arg-type] # by name


def test_other_settings_are_checked_too() -> None:
    with pytest.raises(InputError, match="needs a name"):
        CampaignPlan("  ", Mode.PREVIEW)
    with pytest.raises(InputError, match="max_cps"):
        replace(PLAN, max_cps=0.0)
    with pytest.raises(InputError, match="needs a script"):
        CampaignPlan("survey", Mode.ROBOT)
    CampaignPlan("survey", Mode.ROBOT, script=ScriptVersionId(UUID(int=1)))
