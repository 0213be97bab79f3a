"""env: how Alembic reaches the store: by the connection, and in the transaction, that `schema` opened."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
