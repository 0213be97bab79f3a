"""dormancies: the campaigns that events told to be dormant, until a reading shows that they are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, case, delete, select, update

from reconciler.model.dormancy import SUSPENDED_AT_TCR, Dormancy
from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId
from reconciler.store.tables import campaigns, columns, dormancies, row_of
from reconciler.store.upsert import insert

_DORMANCY = columns(dormancies, Dormancy)
_told = insert(dormancies)
_TELL = _told.on_conflict_do_update(
    index_elements=[dormancies.c.campaign],
    set_={
        "told_at": case(
            (_told.excluded.told_at > dormancies.c.told_at, _told.excluded.told_at), else_=dormancies.c.told_at
        )
    },
)
"""What was tried stays: only a reading that is not dormant, in between, begins anew."""

_READ = select(campaigns.c.id, campaigns.c.read_at).where(campaigns.c.status != SUSPENDED_AT_TCR)
"""When each campaign that is neither dormant nor suspended was last read."""


def tell(connection: Connection, told: Collection[Dormancy]) -> None:
    """An event told of these. One that is known already keeps its tries, however often and late it is told.

    One that ended before it was told of is none: if its campaign is suspended again by now, then for another cause.
    """
    if not told:
        return
    later = {row.id: row.read_at for row in connection.execute(_READ)}
    news = [one for one in told if one.campaign not in later or not one.is_contradicted(later[one.campaign])]
    if rows := [row_of(one, _DORMANCY) for one in news]:
        connection.execute(_TELL, rows)


def count_try(connection: Connection, campaign: CampaignId, at: datetime) -> None:
    """An assignment was sent to this campaign; where it is dormant, that is a try to wake it."""
    tried = update(dormancies).where(dormancies.c.campaign == campaign)
    connection.execute(tried.values(tries=dormancies.c.tries + 1, tried_at=at))


def end(connection: Connection, seen: Iterable[Campaign]) -> None:
    """Forget those that a later reading shows in any other state: whatever comes after it is news."""
    others = {one.id: one.read_at for one in seen if one.status != SUSPENDED_AT_TCR}
    for id_, one in known(connection).items() if others else ():
        if id_ in others and one.is_contradicted(others[id_]):
            connection.execute(delete(dormancies).where(dormancies.c.campaign == id_))


def known(connection: Connection) -> Mapping[CampaignId, Dormancy]:
    """All of them."""
    return {row.campaign: Dormancy(*row) for row in connection.execute(select(*_DORMANCY))}
