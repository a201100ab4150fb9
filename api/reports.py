"""Reports as plain data: what /summary answers, the demo prints and scripts read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from campaigns.campaign import Campaign
from campaigns.ports import CampaignStore
from campaigns.results import CampaignSummary
from kernel.ids import CampaignId
from lists.ports import BatchStore


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """A campaign and its figures.

    Attributes:
        rows_total, rows_rejected: of the batches that its names came from.
    """

    campaign: Campaign
    rows_total: int
    rows_rejected: int
    summary: CampaignSummary

    def as_json(self) -> dict[str, Any]:
        """Plain data: text, numbers, lists and mappings only; no personal data in it."""
        summary = self.summary
        return {
            "campaign": self.campaign.plan.name,
            "mode": self.campaign.plan.mode.value,
            "state": self.campaign.state.value,
            "rows_total": self.rows_total,
            "rows_rejected": self.rows_rejected,
            "names": summary.names,
            "by_state": {state.value: count for state, count in summary.by_state.items()},
            "dialed": summary.dialed,
            "answered": summary.answered,
            "connected": summary.connected,
            "abandoned": summary.abandoned,
            "abandon_ratio": round(summary.abandon_ratio, 4),
            "results": {result.value: count for result, count in summary.results.items()},
            "survey": {question: dict(tally) for question, tally in summary.survey.items()},
            "occupancy": round(summary.occupancy, 4),
            "agent_seconds": {s: round(t, 1) for s, t in summary.agent_seconds.items()},
            "talk_s": round(summary.talk_s, 1),
            "first_at": summary.first_at.isoformat() if summary.first_at else None,
            "last_at": summary.last_at.isoformat() if summary.last_at else None,
            "seconds": _span_s(summary),
        }


def _span_s(summary: CampaignSummary) -> float:
    if summary.first_at is None or summary.last_at is None:
        return 0.0
    return round((summary.last_at - summary.first_at).total_seconds(), 1)


async def report_campaign(
    batches: BatchStore, campaigns: CampaignStore, campaign_id: CampaignId
) -> CampaignReport:
    """Gather a campaign's figures.

    Raises:
        InputError: there is no such campaign.
    """
    campaign = await campaigns.campaign(campaign_id)
    used = set(await campaigns.batches_of(campaign_id))
    sources = [batch for batch in await batches.batches() if batch.id in used]
    return CampaignReport(
        campaign=campaign,
        rows_total=sum(batch.members + batch.rejected for batch in sources),
        rows_rejected=sum(batch.rejected for batch in sources),
        summary=await campaigns.summary(campaign_id),
    )
