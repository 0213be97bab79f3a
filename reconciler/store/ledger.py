"""ledger: what the store tells of the service as a whole: webhooks, changes, what is due; each by a look at one end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from reconciler.model.events import EventState
from reconciler.model.health import Ledger, Unusable
from reconciler.model.plan import Verb
from reconciler.model.verdicts import End
from reconciler.store import epochs, freezes, meta
from reconciler.store.inbox import last_webhook_at
from reconciler.store.queue import due_at
from reconciler.store.tables import QUEUED, UNRESOLVED, alerts, inbox, journal, operations, runs

MOST_UNUSABLE = 100
TOLD_AFTER = timedelta(minutes=15)
"""A change younger than this may be told of yet, Telnyx's five attempts included."""
_TOLD_OF = (journal.c.what.in_(("accepted", End.DONE)), operations.c.verb == Verb.ASSIGN)
"""What Telnyx sends a webhook for: it took an assignment, or finished it."""
_TROUBLED_POOLS = select(alerts.c.pool).where(alerts.c.resolved_at.is_(None)).distinct()


def read(connection: Connection, now: datetime) -> Ledger:
    """All of it, as of one transaction."""
    changed = select(journal.c.at).join(operations, operations.c.id == journal.c.operation)
    changed = changed.where(*_TOLD_OF, journal.c.at <= now - TOLD_AFTER)
    return Ledger(
        first_run_at=connection.execute(select(runs.c.started_at).order_by(runs.c.id).limit(1)).scalar(),
        webhook_at=last_webhook_at(connection),
        changed_at=connection.execute(changed.order_by(journal.c.id.desc()).limit(1)).scalar(),
        unusable=_unusable(connection),
        due_at=due_at(connection, QUEUED, now),
        doubted_at=due_at(connection, UNRESOLVED, now),
        worked_at=connection.execute(select(journal.c.at).order_by(journal.c.id.desc()).limit(1)).scalar(),
        halt=meta.halt(connection),
        freezes=freezes.kept(connection),
        epoch=epochs.epoch(connection),
        pools=frozenset(connection.execute(_TROUBLED_POOLS).scalars()),
    )


def _unusable(connection: Connection) -> tuple[Unusable, ...]:
    rows = connection.execute(
        select(inbox.c.id, inbox.c.reason)
        .where(inbox.c.state == EventState.QUARANTINED, inbox.c.inspected_at.is_(None))
        .order_by(inbox.c.id.desc())
        .limit(MOST_UNUSABLE)
    )
    return tuple(Unusable(*row) for row in rows)
