"""0002: the account's numbers and messaging profiles, what selections chose, and operations that attach a profile."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.BigInteger()
TEXT = sa.Text()
INTEGER = sa.Integer()
BOOLEAN = sa.Boolean()


def upgrade() -> None:
    """Add them. What is there stays as it is."""
    op.add_column("operations", sa.Column("profile", TEXT, nullable=True))
    _lines()
    _profiles()
    _selections()


def _has(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _lines() -> None:
    op.create_table(
        "lines",
        _has("number", TEXT),
        _has("taken_at", INSTANT),
        sa.Column("profile", TEXT, nullable=True),
        _has("id", TEXT),
        _has("kind", TEXT),
        _has("country", TEXT),
        _has("unclear", BOOLEAN),
        _has("absences", INTEGER),
        sa.PrimaryKeyConstraint("number", name="pk_lines"),
    )


def _profiles() -> None:
    op.create_table(
        "profiles",
        _has("id", TEXT),
        _has("read_at", INSTANT),
        _has("exists", BOOLEAN),
        _has("name", TEXT),
        _has("pooled", BOOLEAN),
        sa.PrimaryKeyConstraint("id", name="pk_profiles"),
    )
    op.create_table(
        "rosters",
        _has("profile", TEXT),
        _has("looked_at", INSTANT),
        sa.PrimaryKeyConstraint("profile", name="pk_rosters"),
    )


def _selections() -> None:
    op.create_table(
        "selections",
        _has("selection", TEXT),
        _has("taken_at", INSTANT),
        sa.PrimaryKeyConstraint("selection", name="pk_selections"),
    )
    op.create_table(
        "selected",
        _has("selection", TEXT),
        _has("number", TEXT),
        sa.PrimaryKeyConstraint("selection", "number", name="pk_selected"),
        sqlite_with_rowid=False,
    )
