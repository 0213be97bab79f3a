"""dormancies: the campaigns that events told to be dormant, until a reading shows that they are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, case, delete, select, update

from reconciler.model.dormancy import SUSPENDED_AT_TCR, Dormancy
from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId
from reconciler.store.tables import columns, dormancies
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


def tell(connection: Connection, told: Iterable[Dormancy]) -> None:
    """An event told of these. One that is known already keeps its tries, however often and late it is told."""
    rows = [{column.name: getattr(one, column.name) for column in _DORMANCY} for one in told]
    if rows:
        connection.execute(_TELL, rows)


def count_try(connection: Connection, campaign: CampaignId, at: datetime) -> None:
    """An assignment was sent to this campaign; where it is dormant, that is a try to wake it."""
    tried = update(dormancies).where(dormancies.c.campaign == campaign)
    connection.execute(tried.values(tries=dormancies.c.tries + 1, tried_at=at))


def end(connection: Connection, seen: Iterable[Campaign]) -> None:
    """Forget those that a later reading shows in any other state: whatever comes after it is news."""
    for one in seen:
        if one.status != SUSPENDED_AT_TCR:
            of_it = (dormancies.c.campaign == one.id) & (dormancies.c.told_at <= one.read_at)
            connection.execute(delete(dormancies).where(of_it))


def known(connection: Connection) -> Mapping[CampaignId, Dormancy]:
    """All of them."""
    return {row.campaign: Dormancy(*row) for row in connection.execute(select(*_DORMANCY))}
