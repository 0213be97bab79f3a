"""rebase: the clock was set: what the service waits for, and what it knows by its age, moves with it.

Durations last, and dates stay: a freeze's end is a date that a person named, and history is what it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Connection, Table, func, or_, select, type_coerce, update

from reconciler.model.alerts import Judgement
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.store import epochs, meta, outbox, parcels, reversals
from reconciler.store import triggers as asking
from reconciler.store.kinds import INSTANT
from reconciler.store.tables import (
    OPEN,
    alerts,
    campaigns,
    dormancies,
    freezes,
    groups,
    halts,
    lines,
    listings,
    operations,
    pool_checks,
    profiles,
    rosters,
    selections,
    sightings,
    triggers,
)
from reconciler.store.tables import outbox as letters

SHOWN = "clock_showed"
"""The note of the last time that the clock showed: one that shows less at the next start was set back meanwhile."""
_DATES = {freezes.c.until}
MOVING = (
    *(triggers, halts, freezes, dormancies, alerts, groups, letters),
    *(campaigns, listings, sightings, lines, profiles, rosters, selections, pool_checks),
)


def rebase(connection: Connection, by: timedelta, judgement: Judgement, now: datetime) -> None:
    """Move it all by so much, note what that says, and ask for a look everywhere. `now` is what the clock shows now.

    The same setting, told twice, moves nothing the second time.
    """
    if meta.moment(connection, meta.CLOCK_SET) == now:
        return
    for table in MOVING:
        _move(connection, table, by)
    connection.execute(update(operations).where(OPEN).values(_moved(operations, by)))
    if by < timedelta():  # nothing ends in the future: what is learned from now on would seem older
        ended = update(operations).where(operations.c.closed_at > now)
        connection.execute(ended.values(_plus([operations.c.closed_at], by)))
    for key in (meta.READ_BACK, meta.RESYNCED):
        if (at := meta.moment(connection, key)) is not None:
            meta.note_moment(connection, key, at + by)
    for room in (epochs, parcels, reversals):
        room.move(connection, by)
    meta.note_moment(connection, meta.CLOCK_SET, now)
    meta.note_moment(connection, SHOWN, now)
    outbox.judge(connection, judgement, now)
    asking.ask(connection, (Trigger(EVERYTHING, Cause.SWEEP, now),))


def showed(connection: Connection) -> datetime | None:
    """The latest time that the clock is known to have shown: as noted, or when something was last read."""
    reads = (campaigns.c.read_at, listings.c.looked_at, sightings.c.seen_at, lines.c.taken_at)
    times = [connection.execute(select(func.max(one))).scalar() for one in reads]
    return max((at for at in (meta.moment(connection, SHOWN), *times) if at is not None), default=None)


def _move(connection: Connection, table: Table, by: timedelta) -> None:
    moving = _moved(table, by)
    connection.execute(update(table).where(or_(*(column.is_not(None) for column in moving))).values(moving))


def _moved(table: Table, by: timedelta) -> dict[Column[datetime], object]:
    return _plus((one for one in table.columns if one.type is INSTANT and one not in _DATES), by)


def _plus(columns: Iterable[Column[datetime]], by: timedelta) -> dict[Column[datetime], object]:
    microseconds = by // timedelta(microseconds=1)
    return {one: type_coerce(one, BigInteger) + microseconds for one in columns}
