"""work: the inbox, where to look, operations and their journal, rounds, and what holds all writes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
)

from reconciler.model.events import Cause, EventSource, EventState
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.operations import Step
from reconciler.model.plan import Verb
from reconciler.model.reasons import Reason
from reconciler.store.kinds import INSTANT, LEVEL, ROW_ID, SAID, common, word
from reconciler.store.tables.columns import has, key, may, metadata, partial

inbox = Table(
    "inbox",
    metadata,
    key("id", ROW_ID),
    has("event_id", SAID),
    has("digest", LargeBinary()),
    # The event id, in the first row that bears it; null in all others. So the database itself tells a second body
    # under a known id from a new event.
    Column("sole_id", SAID, unique=True),
    has("body", LargeBinary()),
    has("received_at", INSTANT),
    has("state", common(EventState)),
    has("reason", SAID),
    has("event_type", SAID),
    has("type", SAID),
    has("subject", SAID),
    has("duplicates", Integer()),
    has("source", common(EventSource)),
    may("inspected_at", INSTANT),
    UniqueConstraint("event_id", "digest"),
)
Index("ix_inbox_state", inbox.c.state, inbox.c.id)
BY_WEBHOOK = inbox.c.source == literal_column(f"'{EventSource.WEBHOOK}'")
partial("ix_inbox_webhooks", BY_WEBHOOK, inbox.c.id)

triggers = Table(
    "triggers",
    metadata,
    key("subject", Text()),
    has("cause", common(Cause)),
    has("due_at", INSTANT),
    has("since", INSTANT),
    has("generation", Integer()),
    has("taken", Integer()),
)
Index("ix_triggers_due", triggers.c.due_at)

operations = Table(
    "operations",
    metadata,
    key("id", ROW_ID),
    has("number", word(PhoneNumber)),
    has("verb", common(Verb)),
    has("pool", common(PoolName)),
    has("campaign", common(CampaignId)),
    has("step", common(Step)),
    has("created_at", INSTANT),
    has("not_before", INSTANT),
    has("urgency", LEVEL),
    has("attempt", Integer()),
    has("refusals", Integer()),
    has("trouble", Integer()),
    has("lease_token", Integer()),
    may("lease_until", INSTANT),
    may("sent_at", INSTANT),
    may("first_absent_at", INSTANT),
    has("reason", common(Reason)),
    has("detail", SAID),
    may("closed_at", INSTANT),
    may("profile", common(ProfileId)),
)


def _is(*steps: Step) -> ColumnElement[bool]:
    """Written into the statement as it is, not bound: a database uses a partial index only where it sees the match."""
    return operations.c.step.in_([literal_column(f"'{step}'") for step in steps])


OPEN = operations.c.step != literal_column(f"'{Step.CLOSED}'")
QUEUED = _is(Step.READY, Step.BLOCKED)
WAITING = QUEUED & (operations.c.step == Step.READY)
IN_DOUBT = _is(Step.SENT, Step.UNRESOLVED)
UNRESOLVED = IN_DOUBT & (operations.c.step == Step.UNRESOLVED)
"""Both are said twice, so that the index of what is queued, or in doubt, is used."""


def is_free(now: datetime) -> ColumnElement[bool]:
    """Whether no worker holds an operation: it never was claimed, or its lease is over."""
    return or_(operations.c.lease_until.is_(None), operations.c.lease_until <= now)


partial("ix_operations_open", OPEN, operations.c.number, unique=True)
partial("ix_operations_queued", QUEUED, operations.c.urgency, operations.c.not_before, operations.c.id)
partial("ix_operations_by_campaign", QUEUED, operations.c.campaign, operations.c.not_before)
partial("ix_operations_in_doubt", IN_DOUBT, operations.c.step)
Index("ix_operations_closed", operations.c.number, operations.c.closed_at)

journal = Table(
    "journal",
    metadata,
    key("id", ROW_ID),
    has("number", word(PhoneNumber)),
    Column("operation", ROW_ID, ForeignKey("operations.id", name="fk_journal_operation"), nullable=False),
    has("at", INSTANT),
    has("what", Text()),
    has("detail", SAID),
)
Index("ix_journal_number", journal.c.number, journal.c.id)

runs = Table(
    "runs",
    metadata,
    key("id", ROW_ID),
    has("causes", JSON()),
    has("started_at", INSTANT),
    has("finished_at", INSTANT),
    has("digest", Text()),
    has("actions", Integer()),
    has("holds", Integer()),
    has("complete", Boolean()),
)

halts = Table(
    "halts",
    metadata,
    key("scope", Text()),
    has("since", INSTANT),
    has("probe_at", INSTANT),
    has("detail", SAID),
)

freezes = Table(
    "freezes",
    metadata,
    key("scope", Text()),
    has("since", INSTANT),
    has("reason", SAID),
    has("author", SAID),
    may("until", INSTANT),
)

meta = Table("meta", metadata, key("key", Text()), has("value", JSON()))
