"""telling: alerts as stored state, what each receiver was last told of them, and messages on their way."""

from __future__ import annotations

from sqlalchemy import JSON, Index, Integer, Table, Text

from reconciler.model.alerts import AlertName, Severity
from reconciler.store.kinds import INSTANT, ROW_ID, SAID, common
from reconciler.store.tables.columns import has, key, may, metadata

alerts = Table(
    "alerts",
    metadata,
    key("alert", common(AlertName)),
    key("pool", Text()),
    key("subject", Text()),
    has("reason", SAID),
    has("detail", SAID),
    has("severity", common(Severity)),
    has("pending_since", INSTANT),
    # When it may begin to fire, if it still holds then.
    has("fires_at", INSTANT),
    # Null: it is pending.
    may("firing_since", INSTANT),
    may("resolved_at", INSTANT),
)

groups = Table(
    "groups",
    metadata,
    key("receiver", Text()),
    key("alert", common(AlertName)),
    key("pool", Text()),
    may("last_sent_at", INSTANT),
    # The `subjects` that it was told of, their `severity`, and `is_known`: it may have a message that says they fire.
    has("last_sent", JSON()),
    may("started_at", INSTANT),
)

outbox = Table(
    "outbox",
    metadata,
    key("id", ROW_ID),
    has("receiver", Text()),
    has("dedup_key", Text()),
    has("body", Text()),
    has("created_at", INSTANT),
    has("due_at", INSTANT),
    has("attempts", Integer()),
    sqlite_autoincrement=True,  # an id is never used again: a late word about one parcel cannot touch another
)
Index("ix_outbox_line", outbox.c.receiver, outbox.c.dedup_key, outbox.c.id)
