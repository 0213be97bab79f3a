"""The witness beside the store: written over in place, private, and believed only whole."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.model.epochs import Mark, Origin
from reconciler.model.errors import StoreError
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.memory import Round
from reconciler.model.operations import Operation
from reconciler.model.plan import Assign, Plan
from reconciler.store import Inline, SqlStore, open_store
from reconciler.store.witness import Witness

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def opened(path: Path) -> SqlStore:
    return open_store(f"sqlite:///{path}", writer=True, lane=Inline)


async def sent(store: SqlStore) -> Operation | None:
    action = Assign(PhoneNumber("+12025550001"), PoolName("acme"), CampaignId("C6X6M95"))
    plan = Plan("revision", NOW, complete=True, actions=(action,), holds=(), unchanged=0, digest="digest")
    await store.reconciled(Round(NOW, NOW, (), plan, actions=(action,), evidence_at={action.campaign: NOW}))
    return await store.claim(NOW, timedelta(seconds=30))


def said(path: Path) -> Mark | None:
    witness = Witness(path)
    try:
        return witness.read()
    finally:
        witness.close()


async def test_it_knows_how_far_the_journal_had_come_when_a_request_went(tmp_path: Path) -> None:
    path = tmp_path / "tendlc.db"
    with opened(path) as store:
        assert said(path) == Mark(1, 0)
        await sent(store)
        assert said(path) == Mark(1, 2), "queued, and the intent"
    assert stat.S_IMODE(path.with_name("tendlc.db.witness").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", [b"", b"1 2", b"one two\n", b"1 2\n\n\n", b"\0" * 40, b"9" * 400])
async def test_what_cannot_be_read_is_no_witness(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "tendlc.db"
    with opened(path) as store:
        await sent(store)
    path.with_name("tendlc.db.witness").write_bytes(text)

    with opened(path) as store:
        assert (await store.epoch()).cause is Origin.RESTORED
    with opened(path) as store:
        assert (await store.epoch()).number == 2, "seen once, and then written anew"


async def test_a_witness_that_cannot_be_written_lets_nothing_be_opened(tmp_path: Path) -> None:
    (tmp_path / "tendlc.db.witness").mkdir()

    with pytest.raises(StoreError, match="witness cannot be written"):
        opened(tmp_path / "tendlc.db")


async def test_what_a_lost_store_may_have_asked_for_begins_in_doubt(tmp_path: Path) -> None:
    path = tmp_path / "tendlc.db"
    opened(path).close()
    path.unlink()

    with opened(path) as store:
        assert await store.recover(NOW, timedelta(seconds=60)) == 0
        assert await sent(store) is None
        (doubted,) = await store.operations_open()
        assert (doubted.step, doubted.not_before) == ("unresolved", NOW + timedelta(seconds=60))
        assert (await store.epoch()).add_only_since == NOW
