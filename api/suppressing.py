"""A do-not-call entry from a number as a person writes it. For the API and the command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from dialer.ports import Suppression
from kernel.errors import InputError
from kernel.ids import CampaignId
from lists.language import Language
from lists.numbers import CleanNumber, clean_number
from lists.reasons import reason_text


def suppression_of(
    number: str,
    reason: str,
    now: datetime,
    *,
    campaign: CampaignId | None = None,
    days: int | None = None,
    source: UUID | None = None,
) -> Suppression:
    """Make an entry, ready to be stored.

    Args:
        number: in any form that a list may hold.
        reason: why, for the record.
        now: when (UTC).
        campaign: only in this campaign; by default in every one.
        days: how long; by default for ever.
        source: id of the user or attempt it comes from.

    Raises:
        InputError: this is no callable number; the message does not repeat it.
    """
    cleaned = clean_number(number)
    if not isinstance(cleaned, CleanNumber):
        raise InputError(f"number: {reason_text(cleaned, Language.EN)}")
    expires_at = now + timedelta(days=days) if days is not None else None
    return Suppression(cleaned.number, reason, now, campaign, expires_at, source)
