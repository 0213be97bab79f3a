"""The ledger: what the store tells of the service as a whole, as of one moment."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.events import Delivery
from reconciler.model.health import Ledger, Unusable
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.memory import Round
from reconciler.model.operations import Operation
from reconciler.model.plan import Assign, AttachProfile, Plan
from reconciler.model.reasons import Reason
from reconciler.model.standing import Freeze, Halt
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Recheck, StopAll, Verdict, Wait
from reconciler.store import Inline, SqlStore, open_store
from reconciler.store.ledger import MOST_UNUSABLE

pytestmark = pytest.mark.anyio

POOL = PoolName("acme")
CAMPAIGN = CampaignId("4b30019f-a9df-e17b-3529-70677db27ec4")
LEASE = timedelta(seconds=30)
HOUR = 3600.0


def at(seconds: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


async def begun(store: SqlStore, when: float, *indexes: int) -> None:
    """Open operations at this time, by a round."""
    actions = tuple(Assign(PhoneNumber(f"+1202555{index:04d}"), POOL, CAMPAIGN) for index in indexes)
    plan = Plan("r1", at(when), complete=True, actions=actions, holds=(), unchanged=0, digest="")
    await store.reconciled(Round(at(when), at(when), (), plan, actions=actions, evidence_at={CAMPAIGN: at(when)}))


async def claimed(store: SqlStore, when: float) -> Operation:
    operation = await store.claim(at(when), LEASE)
    assert operation is not None
    return operation


async def came_of_it(store: SqlStore, when: float, verdict: Verdict) -> None:
    """One operation is claimed, and this comes of it at once."""
    await store.record(await claimed(store, when), verdict, None, Judgement(), (), at(when))


def written(path: Path, statement: str, *values: object) -> None:
    """What another part of the service writes."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def opened(path: Path) -> SqlStore:
    return open_store(f"sqlite:///{path}", writer=True, lane=Inline)


async def test_of_a_new_store_there_is_nothing_to_tell(store: SqlStore) -> None:
    assert await store.ledger(at(0)) == Ledger()


async def test_the_last_webhook_counts_and_not_what_was_read_back(store: SqlStore) -> None:
    await store.receive("e1", b"1", b"{}", at(1), "")
    await store.receive("e2", b"2", b"{}", at(2), "not JSON")
    await store.take_back((Delivery("d3", delivered=False, body=b"{}", event_id="e3", digest=b"3"),), at(3))

    assert (await store.ledger(at(9))).webhook_at == at(2)


async def test_what_could_not_be_used_is_told_until_somebody_looks_at_it(path: Path) -> None:
    with opened(path) as store:
        for index in range(MOST_UNUSABLE + 2):
            await store.receive(f"e{index}", b"d", b"{}", at(index), "not JSON" if index else "")
        told = (await store.ledger(at(0))).unusable
    assert [one.id for one in told] == list(range(MOST_UNUSABLE + 2, 2, -1))
    assert told[-1] == Unusable(3, "not JSON")

    written(path, "UPDATE inbox SET inspected_at = 1 WHERE id > 2")

    with opened(path) as store:
        assert [one.id for one in (await store.ledger(at(0))).unusable] == [2]


@pytest.mark.parametrize(
    ("verdict", "is_change"),
    [
        (Wait(), True),
        (Done(End.DONE), True),
        (Done(End.STALE), False),
        (GiveUp(at(9 * HOUR), Reason.REQUEST_REFUSED, "no"), False),
        (Recheck(at(9 * HOUR), "lost"), False),
        (Keep(), False),
    ],
)
async def test_a_change_is_what_telnyx_took_or_finished_a_while_ago(
    store: SqlStore, verdict: Verdict, *, is_change: bool
) -> None:
    """Of what it refused, it sends no webhook; of what is young, it may send one yet."""
    await begun(store, 0, 1, 2)
    await came_of_it(store, 10, verdict)

    assert (await store.ledger(at(10 + 900))).changed_at == (at(10) if is_change else None)
    assert (await store.ledger(at(10 + 899))).changed_at is None

    await came_of_it(store, 1000, Wait())
    assert (await store.ledger(at(10 + 900))).changed_at == (at(10) if is_change else None)


async def test_a_number_that_was_put_on_a_messaging_profile_is_no_change(store: SqlStore) -> None:
    """10DLC webhooks tell of campaigns and assignments only."""
    profile = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
    action = AttachProfile(PhoneNumber("+12025550001"), POOL, CAMPAIGN, profile)
    plan = Plan("r1", at(0), complete=True, actions=(action,), holds=(), unchanged=0, digest="")
    await store.reconciled(Round(at(0), at(0), (), plan, actions=(action,), evidence_at={CAMPAIGN: at(0)}))
    await came_of_it(store, 10, Done(End.DONE))

    assert (await store.ledger(at(HOUR))).changed_at is None


async def test_what_is_due_is_told_with_the_time_since_when(store: SqlStore) -> None:
    await begun(store, 5, 1, 2)
    ledger = await store.ledger(at(60))
    assert (ledger.first_run_at, ledger.due_at, ledger.doubted_at, ledger.worked_at) == (at(5), at(5), None, at(5))

    await came_of_it(store, 20, Recheck(at(30), "lost"))
    await came_of_it(store, 25, GiveUp(at(50), Reason.CAPACITY, "full"))

    early, late = await store.ledger(at(29)), await store.ledger(at(50))
    assert (early.due_at, early.doubted_at) == (None, None)
    assert (late.due_at, late.doubted_at, late.worked_at) == (at(50), at(30), at(25))


async def test_what_holds_all_writes_is_told(path: Path) -> None:
    with opened(path) as store:
        await begun(store, 0, 1)
        await came_of_it(store, 1, StopAll(at(60), "10009"))
    written(path, "INSERT INTO freezes VALUES ('*', 0, 'a drill', 'ops', NULL)")

    with opened(path) as store:
        ledger = await store.ledger(at(2))
    assert ledger.halt == Halt(at(1), at(60), "10009")
    assert ledger.freezes == (Freeze("*", datetime(1970, 1, 1, tzinfo=UTC), "a drill", "ops"),)


async def test_pools_are_told_while_an_alert_of_them_fires_or_is_pending(store: SqlStore) -> None:
    pending = Condition(AlertName.DRIFT_UNRESOLVED, "acme", "a", wait=timedelta(hours=1))
    firing = Condition(AlertName.ASSIGNMENT_FAILED, "zeta", "b")
    account = Condition(AlertName.QUEUE_STALLED, "", "")

    await store.judge(Judgement((), (pending, firing, account)), at(1))

    assert (await store.ledger(at(2))).pools == {"acme", "zeta", ""}

    await store.judge(Judgement((Family(firing.alert, "zeta"),)), at(3))
    assert (await store.ledger(at(4))).pools == {"acme", ""}
