"""The way of the tables from one revision to the next, for Alembic. A revision that was released never changes."""
