"""0004: assignments of ours that somebody undid."""

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
