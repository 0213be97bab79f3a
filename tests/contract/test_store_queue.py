"""What every store does for the people who work with its queue: pause, resume, retry, list, inspect."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.model.errors import LeaseLost
from reconciler.model.events import Cause, Delivery, EventSource, EventState, Trigger
from reconciler.model.fleet import Campaign, CampaignPhase
from reconciler.model.ids import CampaignId, PoolName
from reconciler.model.operations import Operation, Step, Urgency
from reconciler.model.patience import EVIDENCE_FOR_ASSIGN
from reconciler.model.plan import Assign
from reconciler.model.reasons import Reason
from reconciler.model.reversals import Reversals
from reconciler.model.standing import EVERYWHERE, Freeze
from reconciler.model.verdicts import Done, End, GiveUp, Recheck, Retry, StopAll, Wait
from reconciler.store import Inline, SqlStore, open_store
from reconciler.store.queue import Retried
from tests.contract.test_store import (
    CAMPAIGN,
    LEASE,
    OTHER,
    a_round,
    assign,
    at,
    attach,
    claimed,
    is_now,
    number,
    on,
    record,
    seen,
)

pytestmark = pytest.mark.anyio

PAUSE = Freeze(EVERYWHERE, at(5), "a migration", "cli")
LATER = at(900)


# Pausing.


async def test_while_paused_nothing_new_is_sent_and_doubt_is_read(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2)))
    await record(store, await claimed(store, 1), Recheck(at(6), "no answer"), 1)
    await store.pause(PAUSE)

    assert (await store.agenda(at(5))).operations_at == at(6)
    doubted = await claimed(store, 6)
    assert (doubted.number, doubted.step) == (number(1), Step.UNRESOLVED)
    await record(store, doubted, Wait(), 6)
    assert await store.claim(at(6), LEASE) is None
    agenda = await store.agenda(at(6))
    assert (agenda.urgency, agenda.operations_at) == (None, None)


async def test_what_is_under_way_when_paused_is_finished(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    sent = await claimed(store, 4)
    await store.pause(PAUSE)

    await record(store, sent, Done(End.DONE), 6)

    assert await store.operations_open() == ()


async def test_a_second_call_of_what_is_under_way_is_not_begun_while_paused(store: SqlStore) -> None:
    """Such as the request after the read that comes before it."""
    await store.reconciled(a_round(1, attach(1)))
    operation = await claimed(store, 4)
    await store.pause(PAUSE)

    with pytest.raises(LeaseLost, match="writes are paused"):
        await store.renew(operation, at(6), LEASE)

    await store.resume(at(7))
    await store.renew(operation, at(7), LEASE)


async def test_resumed_everything_goes_on(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await store.pause(PAUSE)

    assert await store.resume(at(9)) == PAUSE
    assert await store.paused(at(9)) is None
    assert (await store.agenda(at(9))).urgency is Urgency.HEAL
    assert (await claimed(store, 9)).number == number(1)
    assert await store.resume(at(10)) is None


async def test_a_pause_ends_by_itself_and_the_agenda_wakes_then(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await store.pause(Freeze(EVERYWHERE, at(5), "a migration", "cli", until=at(65)))

    assert (await store.agenda(at(64))).operations_at == at(65)
    assert await store.claim(at(64), LEASE) is None
    assert (await store.agenda(at(64), at(100))).operations_at == at(100)  # a window that opens later still
    assert await store.paused(at(65)) is None
    assert (await store.agenda(at(65))).urgency is Urgency.HEAL
    assert (await claimed(store, 65)).number == number(1)
    assert await store.resume(at(66)) is None  # it was over already


async def test_pausing_again_takes_the_new_reason_and_end_and_keeps_the_beginning(store: SqlStore) -> None:
    await store.pause(PAUSE)

    again = await store.pause(Freeze(EVERYWHERE, at(8), "it takes longer", "api", until=at(80)))

    assert again == Freeze(EVERYWHERE, at(5), "it takes longer", "api", until=at(80))
    assert await store.paused(at(79)) == again
    assert (await store.recall(())).freezes == (again,)
    anew = Freeze(EVERYWHERE, at(90), "another one", "cli")
    assert await store.pause(anew) == anew


async def test_a_pause_survives_a_restart(store: SqlStore, tmp_path: Path) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await store.pause(PAUSE)
    store.close()

    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True, lane=Inline) as reopened:
        await reopened.recover(at(10), LEASE)
        assert await reopened.paused(at(10)) == PAUSE
        assert await reopened.claim(at(10), LEASE) is None


async def test_a_halt_and_a_pause_hold_until_both_are_over(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 1), StopAll(at(61), "401"), 1)
    await store.pause(Freeze(EVERYWHERE, at(5), "", until=at(100)))

    assert (await store.agenda(at(10))).operations_at == at(100)
    await store.resume(at(11))
    assert (await store.agenda(at(11))).operations_at == at(61)
    assert await store.claim(at(11), LEASE) is None


async def test_what_a_pause_holds_is_not_overdue(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    assert await store.oldest_seconds(at(101)) == 100.0

    await store.pause(PAUSE)

    assert await store.oldest_seconds(at(101)) == 0.0
    assert await store.steps() == {Step.READY: 1}


# Trying again now.


async def waiting(store: SqlStore, index: int, verdict: Retry | GiveUp | Recheck | Wait) -> Operation:
    """An operation of this number that a verdict put off."""
    await store.reconciled(a_round(1, assign(index), urgency=Urgency.SWEEP))
    await record(store, await claimed(store, 1), verdict, 2)
    return await is_now(store, index)


@pytest.mark.parametrize(
    "verdict",
    [Retry(LATER, Reason.TELNYX_UNAVAILABLE, "refused", refused=True), GiveUp(LATER, Reason.CAPACITY, "full")],
    ids=["waits", "blocked"],
)
async def test_what_waits_is_sent_now_and_keeps_its_counts(store: SqlStore, verdict: Retry | GiveUp) -> None:
    before = await waiting(store, 1, verdict)

    assert await store.retry([number(1)], "cli", at(10)) == ((number(1), Retried.SEND),)

    now = await is_now(store, 1)
    assert (now.step, now.not_before, now.trouble) == (Step.READY, at(10), 0)
    assert (now.refusals, now.attempt, now.reason) == (before.refusals, 1, before.reason)
    assert now.urgency is Urgency.EVENT  # a person waits for it
    assert (await store.timeline(number(1), 1))[0].what == "asked"
    assert "by cli" in (await store.timeline(number(1), 1))[0].detail
    assert (await claimed(store, 10)).attempt == 2


async def test_what_may_have_been_sent_is_only_read(store: SqlStore) -> None:
    await waiting(store, 1, Recheck(LATER, "no answer"))

    assert await store.retry([number(1)], "cli", at(10)) == ((number(1), Retried.READ),)

    operation = await claimed(store, 10)
    assert (operation.step, operation.attempt) == (Step.UNRESOLVED, 1)
    assert await store.retry([number(1)], "cli", at(11)) == ((number(1), Retried.UNDER_WAY),)


async def test_what_nothing_can_be_done_for_is_left_as_it_is(store: SqlStore) -> None:
    await waiting(store, 1, Wait())
    await store.reconciled(a_round(3, assign(2), assign(3)))
    sent = await claimed(store, 3)
    before = await store.operations_open()

    done = await store.retry([number(9), number(3), number(2), number(1), number(1)], "cli", at(4))

    assert done == (
        (number(9), Retried.NOTHING_OPEN),
        (number(3), Retried.DUE),
        (number(2), Retried.UNDER_WAY),
        (number(1), Retried.TAKEN),
    )
    assert sent.number == number(2)
    assert await store.operations_open() == before


async def test_all_that_waits_is_brought_forward_in_portions(store: SqlStore) -> None:
    await waiting(store, 1, Recheck(LATER, "no answer"))
    for index in range(2, 7):
        await waiting(store, index, GiveUp(LATER, Reason.CAPACITY, "full"))
    await store.reconciled(a_round(3, assign(7)))

    assert await store.retry_all(4, "cli", at(10)) == (3, 1)
    assert await store.retry_all(4, "cli", at(10)) == (2, 0)
    assert await store.retry_all(4, "cli", at(10)) == (0, 0)

    assert {one.not_before for one in await store.operations_open()} == {at(3), at(10)}
    assert {one.step for one in await store.operations_open()} == {Step.READY, Step.UNRESOLVED}


# Lists.


async def test_operations_are_listed_in_the_order_of_their_turns(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2), urgency=Urgency.APPROVAL))
    await record(store, await claimed(store, 1), Wait(), 2)
    await record(store, await claimed(store, 1), Recheck(at(5), "no answer"), 2)
    await store.reconciled(a_round(3, assign(3), urgency=Urgency.SWEEP))
    await store.reconciled(a_round(4, assign(4), urgency=Urgency.EVENT))
    await store.reconciled(a_round(4, assign(5), urgency=Urgency.SWEEP))

    listed = [one.number for one in await store.operations(10)]

    assert listed == [number(index) for index in (2, 4, 3, 5, 1)]
    assert [one.number for one in await store.operations(3)] == listed[:3]


# What goes on with what was begun.


async def test_an_assignment_after_its_profile_is_as_urgent_as_that_was(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1), attach(2), urgency=Urgency.APPROVAL))
    for _ in range(2):
        await record(store, await claimed(store, 1), Done(End.DONE), 2)

    await store.reconciled(a_round(5, assign(1), urgency=Urgency.SWEEP))
    await store.reconciled(a_round(5000, assign(2), urgency=Urgency.SWEEP))

    assert (await is_now(store, 1)).urgency is Urgency.APPROVAL
    assert (await is_now(store, 2)).urgency is Urgency.SWEEP


@pytest.mark.covers("Q07")
async def test_a_backoff_that_begins_anew(store: SqlStore) -> None:
    operation = await waiting(store, 1, Retry(LATER, Reason.TELNYX_UNAVAILABLE, "refused"))
    assert operation.trouble == 1
    anew = Retry(at(3), operation.reason, operation.detail, trouble=False, anew=True)

    await store.reconciled(a_round(3, settled=((operation, anew),)))

    assert ((await is_now(store, 1)).trouble, (await is_now(store, 1)).not_before) == (0, at(3))


# Events.


async def test_a_quarantined_event_is_inspected_once(store: SqlStore) -> None:
    await store.receive("", b"1", b"\xff", at(1), "no UTF-8")
    await store.receive("e2", b"2", b"{}", at(1), "")
    bad, good = (await store.events(1, EventState.QUARANTINED))[0], (await store.events(1, EventState.NEW))[0]

    first = await store.inspect(bad.id, at(5))
    again = await store.inspect(bad.id, at(6))

    assert first is not None
    assert first.inspected_at == at(5)
    assert again == first == await store.event(bad.id)
    assert await store.inspect(good.id, at(5)) == good
    assert await store.inspect(99, at(5)) is None


async def test_events_are_told_apart_by_how_they_came(store: SqlStore) -> None:
    await store.receive("e1", b"1", b"{}", at(1), "")
    await store.take_back((Delivery("d2", delivered=False, body=b"{}", event_id="e2", digest=b"2"),), at(1))

    assert [one.event_id for one in await store.events(9, source=EventSource.DELIVERY)] == ["e2"]
    assert [one.event_id for one in await store.events(9, source=EventSource.WEBHOOK)] == ["e1"]


async def test_a_number_that_was_only_seen_has_nothing_open(store: SqlStore) -> None:
    await store.reconciled(a_round(1, sightings=(seen(1, 1, on(1)),)))

    assert await store.retry([number(1)], "cli", at(2)) == ((number(1), Retried.NOTHING_OPEN),)


async def test_what_is_open_is_counted_by_step(store: SqlStore) -> None:
    assert await store.steps() == {}
    await store.reconciled(a_round(1, assign(1), assign(2), assign(3), assign(4)))
    await record(store, await claimed(store, 1), Recheck(at(60), "no answer"), 1)
    await record(store, await claimed(store, 1), Done(End.DONE), 1)

    assert await store.steps() == {Step.UNRESOLVED: 1, Step.READY: 2}


async def test_of_what_is_open_all_is_remembered_and_of_nothing_else(store: SqlStore) -> None:
    """What a sweep begins with, however many numbers there are."""
    await store.reconciled(a_round(1, assign(1), assign(2)))
    await record(store, await claimed(store, 1), Done(End.DONE), 1)
    (left,) = await store.operations_open()

    memory = await store.recall_open()

    assert memory == await store.recall((left.number,))
    assert memory.operations == {left.number: left}


async def test_a_halt_met_by_a_read_does_not_forget_what_telnyx_said_of_the_request(store: SqlStore) -> None:
    """That the number is taken: without it, its absence later would be a request that never happened."""
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 1), Recheck(at(2), "10014", reason=Reason.FOREIGN_ASSIGNMENT), 1)

    await record(store, await claimed(store, 2), StopAll(at(62), "401"), 2)

    (left,) = await store.operations_open()
    assert (left.step, left.reason, left.not_before) == (Step.UNRESOLVED, Reason.FOREIGN_ASSIGNMENT, at(62))
    await store.probe(at(3))
    assert (await store.operations_open())[0].not_before == at(3)


# What somebody undid.


def undone(index: int, *when: float) -> Reversals:
    return Reversals(number(index), tuple(at(one) for one in when))


async def test_reversals_are_kept_amended_and_forgotten(store: SqlStore) -> None:
    await store.reconciled(a_round(1, reversals=(undone(1, 1), undone(2, 1))))
    await store.reconciled(a_round(2, reversals=(undone(1, 1, 2), undone(2))))

    for asked in (None, [number(1), number(2)], [number(which) for which in range(6_000)]):
        assert (await store.recall(asked)).reversals == {number(1): undone(1, 1, 2)}
    assert (await store.recall([number(2)])).reversals == (await store.recall(())).reversals == {}


async def test_what_a_request_of_ours_put_there_is_remembered(store: SqlStore) -> None:
    ours = replace(seen(1, 1, on(1)), put_on=CAMPAIGN)
    await store.reconciled(a_round(1, sightings=(ours, seen(2, 1, on(2)))))

    assert (await store.recall(None)).sightings == {number(1): ours, number(2): seen(2, 1, on(2))}


async def test_what_is_held_may_be_tried_once_more_and_is_looked_at_now(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2)))
    for _ in range(2):
        await record(store, await claimed(store, 1), Done(End.DONE), 1)
    held, tried = undone(1, 1, 2, 3), undone(2, 1, 2)
    await store.reconciled(a_round(4, reversals=(held, tried)))

    done = await store.retry([number(1), number(2), number(3)], "ann", at(5))

    idle = Retried.NOTHING_OPEN
    assert done == ((number(1), Retried.SEND), (number(2), idle), (number(3), idle))
    assert (await store.recall(None)).reversals == {number(1): held.forgiven(), number(2): tried}
    (asked,) = await store.due_triggers(at(5), 9)
    assert (asked.subject, asked.cause) == (number(1), Cause.EVENT)
    (*_, last) = await store.timeline(number(1), 9)
    assert (last.what, last.detail) == ("asked", "by ann: it is assigned once more")


# What is sent rests on what was read lately.


def read_at(when: float, campaign: CampaignId = CAMPAIGN) -> Campaign:
    return Campaign(campaign, CampaignPhase.APPROVED, at(when))


LIMIT = EVIDENCE_FOR_ASSIGN.total_seconds()


async def test_nothing_is_sent_to_a_campaign_that_was_not_read_lately(store: SqlStore) -> None:
    elsewhere = Assign(number(2), PoolName("beta"), OTHER)
    campaigns = (read_at(1), read_at(5, OTHER))
    await store.reconciled(a_round(5, assign(1), elsewhere, campaigns=campaigns))
    await store.ask((Trigger(OTHER, Cause.SWEEP, LATER),))
    now = at(2 + LIMIT)

    assert await store.unproven(now) == (CAMPAIGN,)
    agenda = await store.agenda(now)
    assert (agenda.urgency, agenda.triggers_at) == (Urgency.HEAL, at(5)), "a look is due since it was to be sent"
    sent = await store.claim(now, LEASE)
    assert sent is not None
    assert sent.number == number(2)
    assert await store.claim(now, LEASE) is None

    await store.ask((Trigger(CAMPAIGN, Cause.CONFIRM, now),))
    assert await store.unproven(now) == (), "it is asked for"
    await store.reconciled(a_round(3 + LIMIT, campaigns=(read_at(3 + LIMIT),)))
    sent = await store.claim(now + timedelta(seconds=1), LEASE)
    assert sent is not None
    assert sent.number == number(1)


async def test_what_is_due_later_is_looked_at_then_and_what_is_held_when_that_ends(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), campaigns=(read_at(1),)))
    await record(store, await claimed(store, 1), Retry(at(3 * LIMIT), Reason.TELNYX_REFUSED, "no", refused=True), 1)
    now = at(2 * LIMIT)

    assert (await store.agenda(now)).triggers_at == at(3 * LIMIT)
    assert await store.unproven(now) == ()
    assert (await store.agenda(now, at(4 * LIMIT))).triggers_at == at(4 * LIMIT)
    assert await store.unproven(at(3 * LIMIT), at(4 * LIMIT)) == ()
    assert await store.unproven(at(3 * LIMIT)) == (CAMPAIGN,)
    await store.pause(PAUSE)
    assert await store.unproven(at(3 * LIMIT)) == ()
    assert (await store.agenda(at(3 * LIMIT))).triggers_at is None


async def test_what_is_in_doubt_is_read_however_long_ago_its_campaign_was(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), campaigns=(read_at(1),)))
    await record(store, await claimed(store, 1), Recheck(at(2), "no answer"), 1)

    assert (await claimed(store, 3 * LIMIT)).step is Step.UNRESOLVED
