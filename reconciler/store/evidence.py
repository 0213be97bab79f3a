"""evidence: which campaigns were read too long ago for anything to be sent on that, and when to look at them again."""

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


def queued(connection: Connection) -> frozenset[CampaignId]:
    """The campaigns for which something waits, each by one look into the index, however long the queue."""
    next_one = func.min(operations.c.campaign)
    one = select(next_one.label("campaign")).where(QUEUED).cte("one", recursive=True)
    after = select(next_one).where(QUEUED, operations.c.campaign > one.c.campaign).correlate(one).scalar_subquery()
    each = one.union_all(select(after).where(one.c.campaign.is_not(None)))
    return frozenset(CampaignId(text) for text in connection.execute(select(each.c.campaign)).scalars() if text)


def wanting(
    connection: Connection, those: Collection[CampaignId], now: datetime, held: Collection[datetime]
) -> Mapping[CampaignId, datetime]:
    """When each of these is to be looked at because something is to be sent for it then, and no look is asked for.

    `held` is until when nothing may be sent at all: before that, no look is needed.
    """
    first = select(func.min(operations.c.not_before)).where(QUEUED, operations.c.campaign == campaigns.c.id)
    due: dict[CampaignId, datetime] = {}
    for some in portions(those):
        rows = connection.execute(select(campaigns.c.id, first.scalar_subquery()).where(campaigns.c.id.in_(some)))
        due.update((one, at) for one, at in rows if at is not None)
    found = {one: max(at, *held) if held else at for one, at in due.items()}
    for some in portions(found):
        asked = select(triggers.c.subject, triggers.c.due_at).where(triggers.c.subject.in_(some))
        for subject, at in connection.execute(asked):
            if at <= max(found[subject], now) + SOON:
                del found[subject]
    return found
