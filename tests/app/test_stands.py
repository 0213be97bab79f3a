"""Stands: counted some at a time, from the store, and the same as of all at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.app.stands import AT_ONCE, Stands, count_stands, empty_stands, every_number, stale_after, stands_of
from reconciler.model.ids import PhoneNumber, PoolName
from reconciler.model.memory import Memory, Round
from reconciler.model.plan import Assign, Plan
from reconciler.model.pools import Desired
from reconciler.model.settings import Secret, Settings, TelnyxSettings
from reconciler.model.standing import Phase
from reconciler.store import SqlStore, open_store
from tests.builders import CAMPAIGN, NOW, a_campaign, a_pool, a_sighting, an_assignment

SETTINGS = Settings(TelnyxSettings(Secret("KEY-sandbox"), ()))
NUMBERS = tuple(PhoneNumber(f"+1202{n:07}") for n in range(2_000_000, 2_000_000 + AT_ONCE + 10))
READY, QUEUED = NUMBERS[: AT_ONCE + 2], NUMBERS[AT_ONCE + 2 :]
DESIRED = Desired(
    "r1", (a_pool(*READY, name="ready"), a_pool(*QUEUED, name="queued"), replace(a_pool(name="bare"), numbers=()))
)


async def keep(store: SqlStore) -> None:
    """A round sees the numbers of the first pool assigned, and queues one of the second."""
    sightings = tuple(a_sighting(an_assignment(number), seen_at=NOW) for number in READY)
    action = Assign(QUEUED[0], PoolName("queued"), CAMPAIGN)
    plan = Plan("r1", NOW, complete=True, actions=(action,), holds=(), unchanged=0, digest="")
    await store.reconciled(
        Round(
            NOW,
            NOW,
            (),
            plan,
            actions=(action,),
            evidence_at={CAMPAIGN: NOW},
            campaigns=(a_campaign(status="MNO_PROVISIONED"),),
            sightings=sightings,
        )
    )


@pytest.mark.anyio
async def test_more_than_fit_into_one_portion_are_counted_once_each(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True) as store:
        await keep(store)

        counted = await stands_of(store, await store.recall(()), DESIRED, SETTINGS, NOW)

        assert {name: dict(stands.phases) for name, stands in counted.items()} == {
            "ready": {Phase.READY: len(READY)},
            "queued": {Phase.QUEUED: len(QUEUED)},
            "bare": {},
        }
        at_once = empty_stands(DESIRED)
        count_stands(every_number(DESIRED), DESIRED, await store.recall(None), SETTINGS, NOW, at_once)
        assert counted == at_once


def test_one_old_reading_makes_its_pool_stale_and_no_other() -> None:
    later = NOW + stale_after(SETTINGS) + timedelta(seconds=1)
    old, young = NUMBERS[:2], NUMBERS[2:4]
    desired = Desired("r1", (a_pool(*old, name="old"), a_pool(*young, name="young")))
    sightings = {
        number: a_sighting(an_assignment(number), seen_at=NOW if number == old[0] else later)
        for number in (*old, *young)
    }
    counted = empty_stands(desired)

    count_stands(every_number(desired), desired, Memory(sightings=sightings), SETTINGS, later, counted)

    assert {name: stands.fresh for name, stands in counted.items()} == {"old": False, "young": True}


def test_a_number_that_no_pool_wants_is_not_counted() -> None:
    counted = empty_stands(DESIRED)

    count_stands((PhoneNumber("+13125550100"),), DESIRED, Memory(), SETTINGS, NOW, counted)

    assert counted == {"ready": Stands(), "queued": Stands(), "bare": Stands()}
