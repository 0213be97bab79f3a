"""schema: which revision of the tables a store has, and bringing it to this build's."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from reconciler.model.errors import StoreError

REVISION = "0004"
"""The revision that this build knows how to use: the newest in `migrations` (a test holds the two together)."""
MIGRATIONS = Path(__file__).parent / "migrations"

_version = table("alembic_version", column("version_num"))


def check(connection: Connection) -> None:
    """Raises StoreError unless the store has exactly this build's tables."""
    with connection.begin():
        found = _revision(connection)
    if found is None:
        raise StoreError("the store is empty", "start the service once: it makes the tables")
    if found != REVISION:
        hint = "use the build that last wrote the store, or start this build's service once if it is the newer one"
        raise StoreError(f"the store has revision {found}, and this build reads {REVISION}", hint)


def upgrade(connection: Connection) -> bool:
    """Make or migrate the tables, in one transaction. Whether there were none. Raises StoreError for unknown ones."""
    with connection.begin():
        if (found := _revision(connection)) != REVISION:
            _migrate(connection, found)
    return found is None


def _revision(connection: Connection) -> str | None:
    """The store's revision; None for an empty file. Raises StoreError for another program's database."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return connection.execute(select(_version.c.version_num)).scalar()
    if tables:
        raise StoreError("the file is another program's database", "name another file in `store.url`")
    return None


def _migrate(connection: Connection, found: str | None) -> None:
    from alembic import command  # noqa: PLC0415 -- costs 0.2 s, and is needed only after an update
    from alembic.config import Config  # noqa: PLC0415 -- the same
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- the same

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        hint = "use the build that last wrote the store; it is the newer one"
        raise StoreError(f"the store has revision {found}, which this build does not know", hint)
    command.upgrade(config, "head")
