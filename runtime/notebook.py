"""Data access for notebooks: a campaign's tables in one call."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from campaigns.frames import answers_frame, attempts_frame, names_frame
from campaigns.results import CampaignSummary
from kernel.errors import InputError
from runtime.database import open_store
from runtime.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class CampaignTables:
    """One campaign for analysis.

    Attributes:
        summary: its counts.
        attempts, names, answers: see `campaigns.frames`.
    """

    summary: CampaignSummary
    attempts: pd.DataFrame
    names: pd.DataFrame
    answers: pd.DataFrame


def read_campaign(name: str, data: Path | str | None = None) -> CampaignTables:
    """Read a campaign's tables from the database of the settings, or of a data folder.

    Args:
        name: of the campaign.
        data: data folder of the product; by default `WAIHU_DATA`.

    Raises:
        InputError: there is no such campaign.
        UnavailableError: the database does not answer.
    """
    settings = load_settings(data=Path(data) if data is not None else None)
    # A notebook's own event loop is running already, so ours runs in a thread.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(_read(settings, name))).result()


async def _read(settings: Settings, name: str) -> CampaignTables:
    async with open_store(settings) as opened:
        store = opened.store
        campaign = await store.find_campaign(name)
        if campaign is None:
            known = ", ".join(repr(c.plan.name) for c in await store.campaigns()) or "none"
            raise InputError(f"there is no campaign {name!r}; there are: {known}")
        return CampaignTables(
            await store.summary(campaign.id),
            attempts_frame(await store.attempt_history(campaign.id)),
            names_frame(await store.name_results(campaign.id)),
            answers_frame(await store.answer_sheet(campaign.id)),
        )
