"""Rows of the database as values of the house."""

from __future__ import annotations

from datetime import timedelta

from asyncpg import Record

from campaigns.allocation import Allocation
from campaigns.campaign import Campaign, CampaignPlan, CampaignState, Mode
from campaigns.redial import RedialRules
from campaigns.windows import CallingWindow
from kernel.call import Result
from kernel.ids import AllocationId, BatchId, CampaignId, ScriptVersionId
from kernel.phone import PhoneNumber
from lists.batch import Batch, Field


def plan_columns(plan: CampaignPlan) -> list[object]:
    """The plan as the columns `name` to `record` of a campaign, its state left out."""
    window, redial = plan.window, plan.redial
    return [
        plan.name,
        plan.mode.value,
        window.opens,
        window.closes,
        sorted(window.weekdays),
        window.zone,
        redial.max_attempts,
        redial.min_gap,
        {result.value: delay.total_seconds() for result, delay in redial.delays.items()},
        plan.ring_timeout_s,
        plan.lines,
        plan.max_cps,
        plan.abandon_target,
        plan.patience_s,
        plan.wrap_up_limit_s,
        plan.script,
        plan.caller_id.e164 if plan.caller_id else None,
        plan.record,
    ]


def redial_of(row: Record) -> RedialRules:
    """The redial rules in a row with a campaign's columns."""
    return RedialRules(
        max_attempts=row["max_attempts"],
        min_gap=row["min_gap"],
        delays={Result(name): timedelta(seconds=delay) for name, delay in row["delays"].items()},
    )


def campaign_of(row: Record) -> Campaign:
    """A campaign."""
    plan = CampaignPlan(
        name=row["name"],
        mode=Mode(row["mode"]),
        window=CallingWindow(
            opens=row["opens"],
            closes=row["closes"],
            weekdays=frozenset(row["weekdays"]),
            zone=row["zone"],
        ),
        redial=redial_of(row),
        ring_timeout_s=row["ring_timeout_s"],
        lines=row["lines"],
        max_cps=row["max_cps"],
        abandon_target=row["abandon_target"],
        patience_s=row["patience_s"],
        wrap_up_limit_s=row["wrap_up_limit_s"],
        script=ScriptVersionId(row["script_id"]) if row["script_id"] else None,
        caller_id=PhoneNumber(row["caller_id"]) if row["caller_id"] else None,
        record=row["record"],
    )
    return Campaign(CampaignId(row["id"]), plan, CampaignState(row["state"]), row["created_at"])


def allocation_of(row: Record) -> Allocation:
    """The record of an extraction."""
    return Allocation(
        id=AllocationId(row["id"]),
        campaign=CampaignId(row["campaign_id"]),
        matched=row["matched"],
        allocated=row["allocated"],
        suppressed=row["suppressed"],
        created_at=row["created_at"],
    )


def batch_of(row: Record, fields: tuple[Field, ...]) -> Batch:
    """A batch with its fields."""
    return Batch(
        id=BatchId(row["id"]),
        name=row["name"],
        source_name=row["source_name"],
        source_sha256=row["sha256"],
        sheet=row["sheet"],
        header_row=row["header_row"],
        fields=fields,
        members=row["members"],
        rejected=row["rejected"],
        created_at=row["created_at"],
    )
