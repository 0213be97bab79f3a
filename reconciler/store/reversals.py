"""reversals: how often somebody lately undid what we assigned, of the numbers of which that is so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from reconciler.model.events import Cause, Trigger
from reconciler.model.ids import PhoneNumber
from reconciler.model.reversals import Reversals
from reconciler.store import timeline, triggers
from reconciler.store.portions import MOST_IN_A_QUERY
from reconciler.store.tables import columns, operations, reversals
from reconciler.store.upsert import overwrite

_REVERSALS = columns(reversals, Reversals)
_KEEP = overwrite(reversals)


def keep(connection: Connection, changed: Iterable[Reversals]) -> None:
    """Keep these; of which none counts any more is forgotten."""
    for one in changed:
        if one.times:
            connection.execute(_KEEP, {"number": one.number, "times": one.times})
        else:
            connection.execute(delete(reversals).where(reversals.c.number == one.number))


def known(connection: Connection, numbers: Collection[PhoneNumber] | None) -> Mapping[PhoneNumber, Reversals]:
    """Those of these numbers; of all where that are many, for few numbers have any."""
    if numbers is not None and not numbers:
        return {}
    asked = select(*_REVERSALS)
    if numbers is not None and len(numbers) <= MOST_IN_A_QUERY:
        asked = asked.where(reversals.c.number.in_(numbers))
    return {row.number: Reversals(*row) for row in connection.execute(asked)}


def move(connection: Connection, by: timedelta) -> None:
    """The clock was set by so much."""
    for one in known(connection, None).values():
        keep(connection, (Reversals(one.number, tuple(at + by for at in one.times)),))


def forgive(
    connection: Connection, numbers: Collection[PhoneNumber], author: str, now: datetime
) -> frozenset[PhoneNumber]:
    """A person lets these be assigned once more, now. Those of them that were held."""
    held = [one for one in known(connection, numbers).values() if one.held_until(now) is not None]
    held = [one for one in held if one.number in numbers]
    keep(connection, (one.lately(now).forgiven() for one in held))
    triggers.ask(connection, (Trigger(one.number, Cause.EVENT, now) for one in held))
    last = select(func.max(operations.c.id))
    for one in held:
        id_ = connection.execute(last.where(operations.c.number == one.number)).scalar()
        lines = [] if id_ is None else [(id_, one.number, f"by {author}: it is assigned once more")]
        timeline.write(connection, now, "asked", lines)
    return frozenset(one.number for one in held)
