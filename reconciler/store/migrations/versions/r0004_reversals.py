"""0004: assignments of ours that somebody undid, and what waits for each campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them. Of what an older build assigned, nothing tells that we did: the first time it is undone counts not."""
    op.add_column("sightings", sa.Column("put_on", sa.Text(), nullable=True))
    op.create_table(
        "reversals",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("times", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_reversals"),
    )
    queued = sa.text("step IN ('ready', 'blocked')")
    of_it = ["campaign", "not_before"]
    op.create_index("ix_operations_by_campaign", "operations", of_it, sqlite_where=queued, postgresql_where=queued)
    op.drop_index("ix_operations_waiting", "operations")
