"""grounds: which campaigns were read too long ago for anything to be sent on that, and when to look at them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from reconciler.model.ids import CampaignId
from reconciler.model.patience import EVIDENCE_FOR_ASSIGN
from reconciler.store.portions import portions
from reconciler.store.tables import QUEUED, campaigns, operations, triggers

SOON = timedelta(seconds=60)
"""A look that is asked for by then is waited for: what cannot be read is put off by no more than this."""


def stale(connection: Connection, now: datetime) -> frozenset[CampaignId]:
    """The campaigns that were last read longer ago than evidence for an assignment may be old."""
    old = select(campaigns.c.id).where(campaigns.c.read_at < now - EVIDENCE_FOR_ASSIGN)
    return frozenset(connection.execute(old).scalars())


def wanting(
    connection: Connection, those: Collection[CampaignId], now: datetime, held: Collection[datetime]
) -> Mapping[CampaignId, datetime]:
    """When each of these is to be looked at because something is to be sent for it then, and no look is asked for.

    `held` is until when nothing may be sent at all: before that, no look is needed.
    """
    found: dict[CampaignId, datetime] = {}
    first = select(operations.c.campaign, func.min(operations.c.not_before)).group_by(operations.c.campaign)
    for some in portions(those):
        for campaign, at in connection.execute(first.where(QUEUED, operations.c.campaign.in_(some))):
            found[campaign] = max(at, *held) if held else at
    for some in portions(found):
        asked = select(triggers.c.subject, triggers.c.due_at).where(triggers.c.subject.in_(some))
        for subject, at in connection.execute(asked):
            if at <= max(found[subject], now) + SOON:
                del found[subject]
    return found
