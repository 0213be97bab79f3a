"""tables: what the store holds, as SQLAlchemy Core sees it. `migrations` makes the tables; a test compares the two."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    true,
)
from sqlalchemy.types import TypeEngine

from reconciler.model.alerts import AlertName
from reconciler.model.events import Cause, EventState
from reconciler.model.fleet import AssignmentState, CampaignPhase
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import LineKind
from reconciler.model.operations import Step
from reconciler.model.plan import Verb
from reconciler.model.reasons import Reason
from reconciler.store.kinds import IDS, INSTANT, LEVEL, ROW_ID, SAID, word

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"})


def _key(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _has(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _may(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, nullable=True)


def columns(table: Table, noun: type[Any]) -> list[Column[Any]]:
    """The columns that are named like the noun's fields, in their order: `noun(*row)` makes the noun of a row."""
    return [table.c[field.name] for field in fields(noun)]


inbox = Table(
    "inbox",
    metadata,
    _key("id", ROW_ID),
    _has("event_id", SAID),
    _has("digest", LargeBinary()),
    # The event id, in the first row that bears it; null in all others. So the database itself tells a second body
    # under a known id from a new event.
    Column("sole_id", SAID, unique=True),
    _has("body", LargeBinary()),
    _has("received_at", INSTANT),
    _has("state", word(EventState)),
    _has("reason", SAID),
    _has("event_type", SAID),
    _has("type", SAID),
    _has("subject", SAID),
    _has("duplicates", Integer()),
    UniqueConstraint("event_id", "digest"),
)
Index("ix_inbox_state", inbox.c.state, inbox.c.id)

triggers = Table(
    "triggers",
    metadata,
    _key("subject", Text()),
    _has("cause", word(Cause)),
    _has("due_at", INSTANT),
    _has("since", INSTANT),
    _has("generation", Integer()),
    _has("taken", Integer()),
)
Index("ix_triggers_due", triggers.c.due_at)

operations = Table(
    "operations",
    metadata,
    _key("id", ROW_ID),
    _has("number", word(PhoneNumber)),
    _has("verb", word(Verb)),
    _has("pool", word(PoolName)),
    _has("campaign", word(CampaignId)),
    _has("step", word(Step)),
    _has("created_at", INSTANT),
    _has("not_before", INSTANT),
    _has("urgency", LEVEL),
    _has("attempt", Integer()),
    _has("refusals", Integer()),
    _has("trouble", Integer()),
    _has("lease_token", Integer()),
    _may("lease_until", INSTANT),
    _may("sent_at", INSTANT),
    _may("first_absent_at", INSTANT),
    _has("reason", word(Reason)),
    _has("detail", SAID),
    _may("closed_at", INSTANT),
    _may("profile", word(ProfileId)),
)


def _is(*steps: Step) -> ColumnElement[bool]:
    """Written into the statement as it is, not bound: a database uses a partial index only where it sees the match."""
    return operations.c.step.in_([literal_column(f"'{step}'") for step in steps])


OPEN = operations.c.step != literal_column(f"'{Step.CLOSED}'")
QUEUED = _is(Step.READY, Step.BLOCKED)
WAITING = _is(Step.READY)
IN_DOUBT = _is(Step.SENT, Step.UNRESOLVED)


def _partial(name: str, where: ColumnElement[bool], *of: Column[Any], unique: bool = False) -> Index:
    return Index(name, *of, unique=unique, sqlite_where=where, postgresql_where=where)


_partial("ix_operations_open", OPEN, operations.c.number, unique=True)
_partial("ix_operations_queued", QUEUED, operations.c.urgency, operations.c.not_before, operations.c.id)
_partial("ix_operations_waiting", WAITING, operations.c.campaign, operations.c.not_before)
_partial("ix_operations_in_doubt", IN_DOUBT, operations.c.step)
Index("ix_operations_closed", operations.c.number, operations.c.closed_at)

journal = Table(
    "journal",
    metadata,
    _key("id", ROW_ID),
    _has("number", word(PhoneNumber)),
    Column("operation", ROW_ID, ForeignKey("operations.id", name="fk_journal_operation"), nullable=False),
    _has("at", INSTANT),
    _has("what", Text()),
    _has("detail", SAID),
)
Index("ix_journal_number", journal.c.number, journal.c.id)

campaigns = Table(
    "campaigns",
    metadata,
    _key("id", word(CampaignId)),
    _has("phase", word(CampaignPhase)),
    _has("read_at", INSTANT),
    _has("status", SAID),
    _may("telnyx_id", word(CampaignId)),
    _may("tcr_id", word(CampaignId)),
    _has("webhook_url", SAID),
    _has("failure", SAID),
)

listings = Table("listings", metadata, _key("campaign", word(CampaignId)), _has("looked_at", INSTANT))

sightings = Table(
    "sightings",
    metadata,
    _key("number", word(PhoneNumber)),
    _has("seen_at", INSTANT),
    _has("source", Text()),
    _has("since", INSTANT),
    _has("was_ready", Boolean()),
    _has("doubted", Boolean()),
    _has("settling", Boolean()),
    # The assignment; no campaign: seen to be on none.
    _may("campaign", word(CampaignId)),
    _may("state", word(AssignmentState)),
    _has("carriers", JSON()),
    _has("failure", SAID),
    _has("aliases", IDS),
)
SETTLING = sightings.c.settling.is_(true())
_partial(
    "ix_sightings_settling",
    SETTLING,
    sightings.c.campaign,
    sightings.c.aliases,
    sightings.c.source,
    sightings.c.since,
)

lines = Table(
    "lines",
    metadata,
    _key("number", word(PhoneNumber)),
    _has("taken_at", INSTANT),
    _may("profile", word(ProfileId)),
    _has("id", SAID),
    _has("kind", word(LineKind)),
    _has("country", SAID),
    _has("unclear", Boolean()),
    _has("absences", Integer()),
)

profiles = Table(
    "profiles",
    metadata,
    _key("id", word(ProfileId)),
    _has("read_at", INSTANT),
    _has("exists", Boolean()),
    _has("name", SAID),
    _has("pooled", Boolean()),
)

rosters = Table("rosters", metadata, _key("profile", word(ProfileId)), _has("looked_at", INSTANT))

selections = Table("selections", metadata, _key("selection", Text()), _has("taken_at", INSTANT))

selected = Table(
    "selected",
    metadata,
    _key("selection", Text()),
    _key("number", word(PhoneNumber)),
    sqlite_with_rowid=False,  # a row is nothing but its key: stored once, not again beside an index of itself
)

pool_checks = Table(
    "pool_checks",
    metadata,
    _key("pool", word(PoolName)),
    _has("checked_at", INSTANT),
    _has("drift", JSON()),
    _may("changed_at", INSTANT),
)

runs = Table(
    "runs",
    metadata,
    _key("id", ROW_ID),
    _has("causes", JSON()),
    _has("started_at", INSTANT),
    _has("finished_at", INSTANT),
    _has("digest", Text()),
    _has("actions", Integer()),
    _has("holds", Integer()),
    _has("complete", Boolean()),
)

halts = Table(
    "halts",
    metadata,
    _key("scope", Text()),
    _has("since", INSTANT),
    _has("probe_at", INSTANT),
    _has("detail", SAID),
)

alerts = Table(
    "alerts",
    metadata,
    _key("alert", word(AlertName)),
    _key("pool", Text()),
    _key("subject", Text()),
    _has("reason", SAID),
    _has("detail", SAID),
    _has("firing_since", INSTANT),
    _may("resolved_at", INSTANT),
)

groups = Table(
    "groups",
    metadata,
    _key("alert", word(AlertName)),
    _key("pool", Text()),
    _may("last_sent_at", INSTANT),
    _has("last_sent", JSON()),
    _may("started_at", INSTANT),
)

outbox = Table(
    "outbox",
    metadata,
    _key("id", ROW_ID),
    _has("receiver", Text()),
    _has("dedup_key", Text()),
    _has("body", Text()),
    _has("created_at", INSTANT),
    _has("due_at", INSTANT),
    _has("attempts", Integer()),
    sqlite_autoincrement=True,  # an id is never used again: a late word about one parcel cannot touch another
)
Index("ix_outbox_line", outbox.c.receiver, outbox.c.dedup_key, outbox.c.id)

meta = Table("meta", metadata, _key("key", Text()), _has("value", JSON()))
