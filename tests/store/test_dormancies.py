"""Dormancies: told by events, counted by tries, ended by readings; no order of these makes more tries of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.model.alerts import Judgement
from reconciler.model.dormancy import Dormancy
from reconciler.model.events import Event, EventState, Finished, Reading, StoredEvent
from reconciler.model.fleet import Campaign, CampaignPhase
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.memory import Memory, Round
from reconciler.model.plan import Assign, Plan
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End, Recheck, Retry, StopAll, Tried, Verdict, Wait
from reconciler.store import SqlStore

pytestmark = pytest.mark.anyio

CAMPAIGN = CampaignId("4b30019f-a9df-e17b-3529-70677db27ec4")
START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBER = PhoneNumber("+12025550100")
STRANGER = PhoneNumber("+12025550101")
REFUSED = Tried(START, "10036")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


async def tell(store: SqlStore, when: float) -> None:
    """An event tells that the campaign is dormant."""
    await store.receive(f"e-{when}", str(when).encode(), b"{}", at(when), "")
    (event,) = await store.unread_events(10)
    reading = Reading(EventState.PROCESSED, "campaign looked at", CAMPAIGN, (CAMPAIGN,), CAMPAIGN)
    await store.finish_events((Finished(event, Event(occurred_at=at(when)), reading),), ())


async def read(store: SqlStore, when: float, status: str = "TCR_SUSPENDED", *numbers: PhoneNumber) -> Memory:
    """A round reads the campaign, and plans these numbers; what is known then."""
    phase = CampaignPhase.SUSPENDED if status == "TCR_SUSPENDED" else CampaignPhase.APPROVED
    actions = tuple(Assign(number, PoolName("acme"), CAMPAIGN) for number in numbers)
    plan = Plan("r1", at(when), complete=True, actions=actions, holds=(), unchanged=0, digest="")
    seen = (Campaign(CAMPAIGN, phase, at(when), status),)
    evidence = {CAMPAIGN: at(when)}
    await store.reconciled(Round(at(when), at(when), (), plan, actions=actions, evidence_at=evidence, campaigns=seen))
    return await store.recall(())


async def try_it(store: SqlStore, when: float, verdict: Verdict = REFUSED) -> None:
    """An assignment is sent, with this end."""
    await read(store, when, "TCR_SUSPENDED", NUMBER)
    operation = await store.claim(at(when), timedelta(seconds=30))
    assert operation is not None
    await store.record(operation, verdict, None, Judgement(), (), at(when + 0.1))


async def test_an_event_and_a_reading_make_a_campaign_dormant(store: SqlStore) -> None:
    assert (await read(store, 0)).campaigns[CAMPAIGN].phase is CampaignPhase.SUSPENDED

    await tell(store, 1)

    known = await store.recall(())
    assert known.campaigns[CAMPAIGN].phase is CampaignPhase.DORMANT
    assert known.dormancies == {CAMPAIGN: Dormancy(CAMPAIGN, at(1))}
    assert (await read(store, 2)).campaigns[CAMPAIGN].phase is CampaignPhase.DORMANT


async def test_a_try_is_counted_with_the_end_of_its_operation(store: SqlStore) -> None:
    await tell(store, 0)
    await try_it(store, 1)

    assert (await store.recall(())).dormancies == {CAMPAIGN: Dormancy(CAMPAIGN, at(0), 1, at(1))}
    assert await store.operations_open() == ()
    moments = [(one.what, one.detail) for one in await store.timeline(NUMBER, 10)]
    assert moments[-1] == ("tried", f"to wake campaign {CAMPAIGN}: 10036")


@pytest.mark.parametrize(
    ("verdict", "tries"),
    [
        (Wait(), 1),
        (Done(End.DONE), 1),
        (Done(End.TAKEN), 1),
        (Done(End.STALE), 0),
        (Recheck(START, "lost"), 0),
        (Retry(START, Reason.TELNYX_UNAVAILABLE, "not sent"), 0),
        (StopAll(START, "10009"), 0),
    ],
)
async def test_whatever_came_to_telnyx_is_a_try(store: SqlStore, verdict: Verdict, tries: int) -> None:
    await tell(store, 0)
    await try_it(store, 1, verdict)

    assert (await store.recall(())).dormancies[CAMPAIGN].tries == tries


async def test_a_request_is_counted_once_whatever_is_learned_of_it_later(store: SqlStore) -> None:
    await tell(store, 0)
    await try_it(store, 1, Wait())
    (taken,) = await store.operations_open()
    plan = Plan("r1", at(2), complete=True, actions=(), holds=(), unchanged=0, digest="")

    await store.reconciled(Round(at(2), at(2), (), plan, settled=((taken, REFUSED),)))

    assert await store.operations_open() == ()
    assert (await store.recall(())).dormancies[CAMPAIGN].tries == 1


async def test_a_lost_request_is_counted_when_it_is_clear_what_came_of_it(store: SqlStore) -> None:
    await tell(store, 0)
    await try_it(store, 1, Recheck(at(1), "lost"))
    doubted = await store.claim(at(2), timedelta(seconds=30))
    assert doubted is not None

    await store.record(doubted, REFUSED, None, Judgement(), (), at(3))

    assert (await store.recall(())).dormancies[CAMPAIGN] == Dormancy(CAMPAIGN, at(0), 1, at(1))


async def test_neither_an_older_event_nor_a_newer_one_makes_more_tries_of_it(store: SqlStore) -> None:
    await tell(store, 5)
    await try_it(store, 6)

    await tell(store, 1)
    assert (await store.recall(())).dormancies[CAMPAIGN] == Dormancy(CAMPAIGN, at(5), 1, at(6))
    await tell(store, 9)
    assert (await store.recall(())).dormancies[CAMPAIGN] == Dormancy(CAMPAIGN, at(9), 1, at(6))


async def test_a_reading_that_is_not_suspended_ends_it_and_the_next_begins_anew(store: SqlStore) -> None:
    await tell(store, 0)
    await try_it(store, 1)

    assert (await read(store, 2, "MNO_PROVISIONED")).dormancies == {}
    assert (await read(store, 3)).campaigns[CAMPAIGN].phase is CampaignPhase.SUSPENDED
    await tell(store, 4)

    assert (await store.recall(())).dormancies == {CAMPAIGN: Dormancy(CAMPAIGN, at(4))}


async def test_a_reading_from_before_the_event_does_not_end_it(store: SqlStore) -> None:
    """A round may have begun to look before it came."""
    await tell(store, 5)

    assert CAMPAIGN in (await read(store, 4, "MNO_PROVISIONED")).dormancies


async def test_what_a_reading_has_contradicted_since_it_was_said_is_no_dormancy(store: SqlStore) -> None:
    """Told late, and suspended again by then: for a cause, as far as anybody knows."""
    await read(store, 5, "MNO_PROVISIONED")
    await tell(store, 4)
    assert (await store.recall(())).dormancies == {}

    assert (await read(store, 6)).campaigns[CAMPAIGN].phase is CampaignPhase.SUSPENDED
    await tell(store, 7)

    assert (await store.recall(())).campaigns[CAMPAIGN].phase is CampaignPhase.DORMANT


async def test_of_a_campaign_that_reads_as_suspended_an_older_event_still_tells_why(store: SqlStore) -> None:
    await read(store, 5)
    await tell(store, 4)

    assert (await store.recall(())).campaigns[CAMPAIGN].phase is CampaignPhase.DORMANT


async def test_a_reading_that_lags_behind_the_event_does_not_end_it(store: SqlStore) -> None:
    """It is looked at as soon as it is told, and reads may lag; the next look tells."""
    await tell(store, 5)
    assert CAMPAIGN in (await read(store, 5.1, "MNO_PROVISIONED")).dormancies

    await tell(store, 5.05)

    assert (await read(store, 6)).campaigns[CAMPAIGN].phase is CampaignPhase.DORMANT


async def test_an_event_that_tells_of_nothing_dormant_tells_nothing(store: SqlStore) -> None:
    event = StoredEvent(1, "", at(0), b"{}")
    reading = Reading(EventState.PROCESSED, "campaign looked at", CAMPAIGN, (CAMPAIGN,))
    await store.finish_events((Finished(event, Event(), reading),), ())

    assert (await store.recall(())).dormancies == {}


async def test_whatever_is_under_way_on_a_dormant_campaign_is_told(store: SqlStore) -> None:
    """Also of a number that nobody asks about, so that no other is sent beside it."""
    await read(store, 0, "TCR_SUSPENDED", NUMBER)
    assert (await store.recall((STRANGER,))).operations == {}

    await tell(store, 1)

    assert set((await store.recall((STRANGER,))).operations) == {NUMBER}


async def test_what_is_known_of_a_campaign_comes_back(store: SqlStore) -> None:
    campaign = Campaign(
        CAMPAIGN, CampaignPhase.APPROVED, at(0), brand_id="b", tcr_brand_id="B1", pooled=True, sole_proprietor=True
    )
    plan = Plan("r1", at(0), complete=True, actions=(), holds=(), unchanged=0, digest="")
    await store.reconciled(Round(at(0), at(0), (), plan, campaigns=(campaign,)))

    assert (await store.recall(())).campaigns == {CAMPAIGN: campaign}
