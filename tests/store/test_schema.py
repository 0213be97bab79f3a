"""The migrations make exactly the tables that the code uses, and keep what an older build wrote."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from reconciler.model.errors import StoreError
from reconciler.model.operations import Step
from reconciler.model.plan import Verb
from reconciler.store import Inline, open_store, schema
from reconciler.store.tables import metadata

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)


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


# From one revision to the next.

WRITTEN_BY_0001 = """
INSERT INTO inbox VALUES (1, 'e1', X'64', 'e1', X'7B7D', 1767225600000000, 'new', '', '', '', '', 2);
INSERT INTO triggers VALUES ('C6X6M95', 'event', 1767225600000000, 1767225600000000, 3, 0);
INSERT INTO operations VALUES
    (1, '+12025550001', 'assign', 'acme', 'C6X6M95', 'closed', 1767225600000000, 1767225600000000, 2,
     1, 0, 0, 1, NULL, 1767225600000000, NULL, '', 'done', 1767225600000000),
    (2, '+12025550001', 'assign', 'acme', 'C6X6M95', 'ready', 1767225600000000, 1767225600000000, 2,
     0, 0, 0, 0, NULL, NULL, NULL, '', '', NULL),
    (3, '+12025550002', 'assign', 'acme', 'C6X6M95', 'sent', 1767225600000000, 1767225600000000, 2,
     1, 0, 0, 1, 1767225630000000, 1767225600000000, NULL, '', '', NULL),
    (4, '+12025550003', 'assign', 'acme', 'C6X6M95', 'blocked', 1767225600000000, 1767247200000000, 2,
     1, 1, 0, 1, NULL, 1767225600000000, NULL, 'capacity', 'full', NULL);
INSERT INTO journal VALUES (1, '+12025550001', 1, 1767225600000000, 'queued', 'assign to C6X6M95 for pool acme');
INSERT INTO campaigns VALUES ('C6X6M95', 'approved', 1767225600000000, 'MNO_PROVISIONED', NULL, 'C6X6M95', '', '');
INSERT INTO listings VALUES ('C6X6M95', 1767225600000000);
INSERT INTO sightings VALUES ('+12025550004', 1767225600000000, 'listing', 1767225600000000, 1, 0, 0,
    'C6X6M95', 'assigned', '{"tmobile": "added"}', '', '');
INSERT INTO pool_checks VALUES ('acme', 1767225600000000, '{"missing": 1}', 1767225600000000);
INSERT INTO alerts VALUES ('AssignmentFailed', 'acme', '+12025550003', 'capacity', 'full', 1767225600000000, NULL);
INSERT INTO groups VALUES ('AssignmentFailed', 'acme', 1767225600000000, '["+12025550003"]', 1767225600000000);
INSERT INTO outbox VALUES (7, 'ops', 'tendlc/AssignmentFailed/acme', '{}', 1767225600000000, 1767225600000000, 0);
INSERT INTO runs VALUES (1, '["event"]', 1767225600000000, 1767225600000000, 'digest', 1, 0, 1);
INSERT INTO halts VALUES ('other', 1767225600000000, 1767225660000000, '');
INSERT INTO meta VALUES ('config_valid', 'true');
"""
"""Something in every table that a build of revision 0001 had."""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A store as a build of revision 0001 left it."""
    path = tmp_path / "older.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        command.upgrade(config, "0001")
    engine.dispose()
    rewrite(path, "PRAGMA journal_mode = WAL;" + WRITTEN_BY_0001)
    return path


def rewrite(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)


def rows(path: Path) -> set[str]:
    """Every row of the store, as the statement that would write it; not the revision."""
    with closing(sqlite3.connect(path)) as connection:
        written = {line for line in connection.iterdump() if line.startswith("INSERT INTO")}
    return {line for line in written if "alembic_version" not in line}


async def test_what_an_older_build_began_goes_on(older: Path) -> None:
    with open_store(f"sqlite:///{older}", writer=True, lane=Inline) as store:
        memory = await store.recall(None)
        assert [*memory.campaigns, *memory.looked_at, *memory.sightings] == ["C6X6M95", "C6X6M95", "+12025550004"]
        assert (memory.lines, memory.profiles, memory.rostered_at) == ({}, {}, {})
        begun = [(one.number, one.step, one.verb, one.profile) for one in memory.operations.values()]
        assert begun == [
            ("+12025550001", Step.READY, Verb.ASSIGN, None),
            ("+12025550002", Step.SENT, Verb.ASSIGN, None),
            ("+12025550003", Step.BLOCKED, Verb.ASSIGN, None),
        ]
        assert await store.recover(NOW, timedelta(seconds=60)) == 1
        doubted = await store.claim(NOW, timedelta(seconds=30))
        assert doubted is not None
        assert (doubted.number, doubted.step) == ("+12025550002", Step.UNRESOLVED)


MORE = {
    "operations": ",NULL);",
    "inbox": ",'webhook',NULL);",
    "campaigns": ",'','',0,0);",
    "listings": ",NULL);",
    "sightings": ",NULL);",
}
"""What the upgrade adds to the end of every row of a table."""
ALERT = "('AssignmentFailed','acme','+12025550003','capacity','full',"


async def test_an_upgrade_adds_to_rows_and_changes_none(older: Path) -> None:
    before = {row for row in rows(older) if '"groups"' not in row and '"alerts"' not in row}
    open_store(f"sqlite:///{older}", writer=True).close()

    after = {row for row in rows(older) if "'epoch'" not in row}
    kept = {row.replace(");", MORE.get(row.split('"')[1], ");")) for row in before}
    (alert,) = after - kept
    assert ALERT + "'warning',1767225600000000,1767225600000000,1767225600000000,NULL" in alert
    assert len(before) == 16
    with open_store(f"sqlite:///{older}", writer=False) as reader:
        assert [event.event_id for event in await reader.unread_events(9)] == ["e1"]


def test_a_reader_leaves_an_older_store_alone(older: Path) -> None:
    before = older.read_bytes()

    with pytest.raises(StoreError, match=f"the store has revision 0001, and this build reads {schema.REVISION}"):
        open_store(f"sqlite:///{older}", writer=False)
    assert older.read_bytes() == before


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(older: Path) -> None:
    """It fails at its last table, when all others are made."""
    rewrite(older, "CREATE TABLE selected (theirs TEXT)")
    before = older.read_bytes()

    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{older}", writer=True)
    assert older.read_bytes() == before

    rewrite(older, "DROP TABLE selected")
    open_store(f"sqlite:///{older}", writer=True).close()
