"""freezes: what people paused. Kept with the operations, so that a restart forgets none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from reconciler.model.standing import EVERYWHERE, Freeze
from reconciler.store.tables import columns, freezes, row_of
from reconciler.store.upsert import overwrite

_FREEZE = columns(freezes, Freeze)
_KEEP = overwrite(freezes)


def kept(connection: Connection) -> tuple[Freeze, ...]:
    """All that was not ended by a person, that of everything first. The time of some may be up."""
    rows = connection.execute(select(*_FREEZE).order_by(freezes.c.scope != EVERYWHERE, freezes.c.scope))
    return tuple(Freeze(*row) for row in rows)


def pause(connection: Connection) -> Freeze | None:
    """What holds every write, or held it until its time was up."""
    return _at(connection, EVERYWHERE)


def holding(connection: Connection, now: datetime) -> Freeze | None:
    """The pause that holds now."""
    paused = pause(connection)
    return paused if paused is not None and paused.holds(now) else None


def keep(connection: Connection, new: Freeze) -> Freeze:
    """Freeze. One that holds already keeps its beginning, and takes the new reason and end. What holds from now on."""
    held = _at(connection, new.scope)
    since = held.since if held is not None and held.holds(new.since) else new.since
    kept = Freeze(new.scope, since, new.reason, new.author, new.until)
    connection.execute(_KEEP, row_of(kept, _FREEZE))
    return kept


def lift(connection: Connection, scope: str, now: datetime) -> Freeze | None:
    """End one. What held until now; None: nothing did."""
    held = _at(connection, scope)
    connection.execute(delete(freezes).where(freezes.c.scope == scope))
    return held if held is not None and held.holds(now) else None


def _at(connection: Connection, scope: str) -> Freeze | None:
    row = connection.execute(select(*_FREEZE).where(freezes.c.scope == scope)).one_or_none()
    return None if row is None else Freeze(*row)
