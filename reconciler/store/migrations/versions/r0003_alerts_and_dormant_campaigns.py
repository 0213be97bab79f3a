"""0003: alerts that wait before they fire, what each receiver was told, dormant campaigns, freezes, event sources."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.BigInteger()
TEXT = sa.Text()
INTEGER = sa.Integer()
BOOLEAN = sa.Boolean()


def upgrade() -> None:
    """Add them. Alerts keep their state; what each receiver was told of them is told once more, for nobody knows it."""
    op.add_column("inbox", _new("source", TEXT, "webhook"))
    op.add_column("inbox", sa.Column("inspected_at", INSTANT, nullable=True))
    by_webhook = sa.text("source = 'webhook'")
    op.create_index("ix_inbox_webhooks", "inbox", ["id"], sqlite_where=by_webhook, postgresql_where=by_webhook)
    for name in ("brand_id", "tcr_brand_id"):
        op.add_column("campaigns", _new(name, TEXT, ""))
    for name in ("pooled", "sole_proprietor"):
        op.add_column("campaigns", _new(name, BOOLEAN, sa.false()))
    op.add_column("listings", sa.Column("empty_since", INSTANT, nullable=True))
    _dormancies()
    _freezes()
    _alerts()
    _groups()


def _new(name: str, kind: sa.types.TypeEngine[Any], default: object) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default=default)  # type: ignore[arg-type]  # text or a clause


def _has(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _dormancies() -> None:
    op.create_table(
        "dormancies",
        _has("campaign", TEXT),
        _has("told_at", INSTANT),
        _has("tries", INTEGER),
        _may("tried_at", INSTANT),
        sa.PrimaryKeyConstraint("campaign", name="pk_dormancies"),
    )


def _freezes() -> None:
    op.create_table(
        "freezes",
        _has("scope", TEXT),
        _has("since", INSTANT),
        _has("reason", TEXT),
        _has("author", TEXT),
        _may("until", INSTANT),
        sa.PrimaryKeyConstraint("scope", name="pk_freezes"),
    )


def _alerts() -> None:
    """A column that may be null now cannot be changed in place everywhere: the table is made anew with its rows."""
    op.rename_table("alerts", "alerts_before")
    op.create_table(
        "alerts",
        _has("alert", TEXT),
        _has("pool", TEXT),
        _has("subject", TEXT),
        _has("reason", TEXT),
        _has("detail", TEXT),
        _has("severity", TEXT),
        _has("pending_since", INSTANT),
        _has("fires_at", INSTANT),
        _may("firing_since", INSTANT),
        _may("resolved_at", INSTANT),
        sa.PrimaryKeyConstraint("alert", "pool", "subject", name="pk_alerts"),
    )
    op.execute(
        "INSERT INTO alerts SELECT alert, pool, subject, reason, detail,"
        " CASE WHEN alert IN ('CampaignNotApproved', 'TelnyxAuthFailed') THEN 'critical' ELSE 'warning' END,"
        " firing_since, firing_since, firing_since, resolved_at FROM alerts_before"
    )
    op.drop_table("alerts_before")


def _groups() -> None:
    op.drop_table("groups")
    op.create_table(
        "groups",
        _has("receiver", TEXT),
        _has("alert", TEXT),
        _has("pool", TEXT),
        _may("last_sent_at", INSTANT),
        _has("last_sent", sa.JSON()),
        _may("started_at", INSTANT),
        sa.PrimaryKeyConstraint("receiver", "alert", "pool", name="pk_groups"),
    )
