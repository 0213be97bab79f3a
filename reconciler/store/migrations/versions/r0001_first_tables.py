"""0001: the first tables: inbox, triggers, operations and their journal, facts, alerts, outbox, notes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()
TEXT = sa.Text()
INTEGER = sa.Integer()
BOOLEAN = sa.Boolean()


def upgrade() -> None:
    """Make them."""
    _events()
    _operations()
    _facts()
    _alerts()
    _account()


def _has(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _partial(name: str, table: str, of: list[str], where: sa.ColumnElement[bool], *, unique: bool = False) -> None:
    op.create_index(name, table, of, unique=unique, sqlite_where=where, postgresql_where=where)


def _events() -> None:
    op.create_table(
        "inbox",
        _has("id", ROW_ID),
        _has("event_id", TEXT),
        _has("digest", sa.LargeBinary()),
        _may("sole_id", TEXT),
        _has("body", sa.LargeBinary()),
        _has("received_at", INSTANT),
        _has("state", TEXT),
        _has("reason", TEXT),
        _has("event_type", TEXT),
        _has("type", TEXT),
        _has("subject", TEXT),
        _has("duplicates", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("event_id", "digest", name="uq_inbox_event_id_digest"),
        sa.UniqueConstraint("sole_id", name="uq_inbox_sole_id"),
    )
    op.create_index("ix_inbox_state", "inbox", ["state", "id"])
    op.create_table(
        "triggers",
        _has("subject", TEXT),
        _has("cause", TEXT),
        _has("due_at", INSTANT),
        _has("since", INSTANT),
        _has("generation", INTEGER),
        _has("taken", INTEGER),
        sa.PrimaryKeyConstraint("subject", name="pk_triggers"),
    )
    op.create_index("ix_triggers_due", "triggers", ["due_at"])


def _operations() -> None:
    op.create_table(
        "operations",
        _has("id", ROW_ID),
        _has("number", TEXT),
        _has("verb", TEXT),
        _has("pool", TEXT),
        _has("campaign", TEXT),
        _has("step", TEXT),
        _has("created_at", INSTANT),
        _has("not_before", INSTANT),
        _has("urgency", INTEGER),
        _has("attempt", INTEGER),
        _has("refusals", INTEGER),
        _has("trouble", INTEGER),
        _has("lease_token", INTEGER),
        _may("lease_until", INSTANT),
        _may("sent_at", INSTANT),
        _may("first_absent_at", INSTANT),
        _has("reason", TEXT),
        _has("detail", TEXT),
        _may("closed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_operations"),
    )
    _partial("ix_operations_open", "operations", ["number"], _step("step != 'closed'"), unique=True)
    queued = ["urgency", "not_before", "id"]
    _partial("ix_operations_queued", "operations", queued, _step("step IN ('ready', 'blocked')"))
    _partial("ix_operations_waiting", "operations", ["campaign", "not_before"], _step("step IN ('ready')"))
    _partial("ix_operations_in_doubt", "operations", ["step"], _step("step IN ('sent', 'unresolved')"))
    op.create_index("ix_operations_closed", "operations", ["number", "closed_at"])
    op.create_table(
        "journal",
        _has("id", ROW_ID),
        _has("number", TEXT),
        _has("operation", ROW_ID),
        _has("at", INSTANT),
        _has("what", TEXT),
        _has("detail", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.ForeignKeyConstraint(["operation"], ["operations.id"], name="fk_journal_operation"),
    )
    op.create_index("ix_journal_number", "journal", ["number", "id"])


def _step(where: str) -> sa.ColumnElement[bool]:
    return sa.literal_column(where, BOOLEAN)


def _facts() -> None:
    op.create_table(
        "campaigns",
        _has("id", TEXT),
        _has("phase", TEXT),
        _has("read_at", INSTANT),
        _has("status", TEXT),
        _may("telnyx_id", TEXT),
        _may("tcr_id", TEXT),
        _has("webhook_url", TEXT),
        _has("failure", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    op.create_table(
        "listings",
        _has("campaign", TEXT),
        _has("looked_at", INSTANT),
        sa.PrimaryKeyConstraint("campaign", name="pk_listings"),
    )
    op.create_table(
        "sightings",
        _has("number", TEXT),
        _has("seen_at", INSTANT),
        _has("source", TEXT),
        _has("since", INSTANT),
        _has("was_ready", BOOLEAN),
        _has("doubted", BOOLEAN),
        _has("settling", BOOLEAN),
        _may("campaign", TEXT),
        _may("state", TEXT),
        _has("carriers", sa.JSON()),
        _has("failure", TEXT),
        _has("aliases", TEXT),
        sa.PrimaryKeyConstraint("number", name="pk_sightings"),
    )
    settling = sa.column("settling", BOOLEAN).is_(sa.true())
    _partial("ix_sightings_settling", "sightings", ["campaign", "aliases", "source", "since"], settling)
    op.create_table(
        "pool_checks",
        _has("pool", TEXT),
        _has("checked_at", INSTANT),
        _has("drift", sa.JSON()),
        _may("changed_at", INSTANT),
        sa.PrimaryKeyConstraint("pool", name="pk_pool_checks"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        _has("alert", TEXT),
        _has("pool", TEXT),
        _has("subject", TEXT),
        _has("reason", TEXT),
        _has("detail", TEXT),
        _has("firing_since", INSTANT),
        _may("resolved_at", INSTANT),
        sa.PrimaryKeyConstraint("alert", "pool", "subject", name="pk_alerts"),
    )
    op.create_table(
        "groups",
        _has("alert", TEXT),
        _has("pool", TEXT),
        _may("last_sent_at", INSTANT),
        _has("last_sent", sa.JSON()),
        _may("started_at", INSTANT),
        sa.PrimaryKeyConstraint("alert", "pool", name="pk_groups"),
    )
    op.create_table(
        "outbox",
        _has("id", ROW_ID),
        _has("receiver", TEXT),
        _has("dedup_key", TEXT),
        _has("body", TEXT),
        _has("created_at", INSTANT),
        _has("due_at", INSTANT),
        _has("attempts", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_line", "outbox", ["receiver", "dedup_key", "id"])


def _account() -> None:
    op.create_table(
        "runs",
        _has("id", ROW_ID),
        _has("causes", sa.JSON()),
        _has("started_at", INSTANT),
        _has("finished_at", INSTANT),
        _has("digest", TEXT),
        _has("actions", INTEGER),
        _has("holds", INTEGER),
        _has("complete", BOOLEAN),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "halts",
        _has("scope", TEXT),
        _has("since", INSTANT),
        _has("probe_at", INSTANT),
        _has("detail", TEXT),
        sa.PrimaryKeyConstraint("scope", name="pk_halts"),
    )
    op.create_table(
        "meta",
        _has("key", TEXT),
        _has("value", sa.JSON()),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
