"""The migrations make exactly the tables that the code uses."""

import sqlite3
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from reconciler.store import schema
from reconciler.store.tables import metadata


def test_the_migrations_end_at_this_builds_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


def test_the_migrations_make_the_tables_that_the_code_uses(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_indexes_are_those_of_the_code(path: Path, tmp_path: Path) -> None:
    """`compare_metadata` sees no conditions of partial indexes, nor what counts rows by itself."""
    engine = create_engine(f"sqlite:///{tmp_path}/made.db")
    metadata.create_all(engine)
    engine.dispose()

    def made(file: Path, what: str) -> dict[str, str]:
        connection = sqlite3.connect(file)
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = ? AND sql NOT NULL", (what,))
        found = {name: " ".join(sql.split()) for name, sql in rows}
        connection.close()
        return found

    assert made(path, "index") == made(tmp_path / "made.db", "index")
    counting = {name for name, sql in made(path, "table").items() if "AUTOINCREMENT" in sql}
    assert counting == {"outbox"}
