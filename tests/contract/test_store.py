"""What every store does, whatever is behind it: the promises of `ports.Store`, one after another."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from reconciler.model.alerts import (
    AlertName,
    Attempt,
    Condition,
    Family,
    Group,
    Judgement,
    Message,
    Parcel,
    Said,
    Severity,
    Unrest,
)
from reconciler.model.errors import LeaseLost
from reconciler.model.events import (
    EVERYTHING,
    Cause,
    Delivery,
    Event,
    EventSource,
    EventState,
    Finished,
    Reading,
    Trigger,
    Unusable,
)
from reconciler.model.fleet import Assignment, AssignmentState, Campaign, CampaignPhase, CarrierState, Sighting
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import ByProfile, ByTags, Line, LineKind, Profile, Selected, Selection
from reconciler.model.memory import Agenda, PoolCheck, Round
from reconciler.model.operations import Operation, Step, Urgency
from reconciler.model.plan import Action, Assign, AttachProfile, Plan, Verb
from reconciler.model.reasons import Reason
from reconciler.model.standing import Halt
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Recheck, Retry, StopAll, Verdict, Wait
from reconciler.ports import Store
from reconciler.store import SqlStore
from reconciler.store.lineup import MOST_READERS

pytestmark = pytest.mark.anyio

POOL = PoolName("acme")
CAMPAIGN = CampaignId("4b30019f-a9df-e17b-3529-70677db27ec4")
OTHER = CampaignId("5c41120a-b0e0-4f28-8a1b-81788ec38fd5")
TCR = CampaignId("C6X6M95")
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
ELSEWHERE = ProfileId("7d5c0e2a-9f43-4a6e-8b1d-2c3e4f5a6b7c")
LEASE = timedelta(seconds=30)
NOTHING = Judgement()


def at(seconds: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def number(index: int) -> PhoneNumber:
    return PhoneNumber(f"+1202555{index:04d}")


def assign(index: int, campaign: CampaignId = CAMPAIGN) -> Assign:
    return Assign(number(index), POOL, campaign)


def attach(index: int, profile: ProfileId = PROFILE) -> AttachProfile:
    return AttachProfile(number(index), POOL, CAMPAIGN, profile)


def on(
    index: int,
    campaign: CampaignId = CAMPAIGN,
    state: AssignmentState = AssignmentState.PENDING,
    aliases: tuple[CampaignId, ...] = (),
) -> Assignment:
    return Assignment(number(index), campaign, state, {"tmobile": CarrierState.PENDING}, "", aliases)


def seen(index: int, when: float, assignment: Assignment | None, *, source: str = "listing") -> Sighting:
    return Sighting(number(index), at(when), source, assignment, since=at(when))


def told(index: int, when: float, profile: ProfileId | None = None) -> Line:
    return Line(number(index), at(when), profile, f"17034{index:04d}", LineKind.LONG_CODE, "US")


def a_round(
    finished: float,
    *actions: Action,
    evidence: float | None = None,
    urgency: Urgency = Urgency.HEAL,
    **rest: Any,  # noqa: ANN401 -- the fields of a Round, and `replace` knows them
) -> Round:
    """A round that ended at `finished` on a listing begun at `evidence` (the same time, if not given)."""
    looked = at(finished if evidence is None else evidence)
    plan = Plan("revision", looked, complete=True, actions=actions, holds=(), unchanged=0, digest="digest")
    evidence_at = {CAMPAIGN: looked, OTHER: looked}
    urgencies = {action.number: urgency for action in actions}
    base = Round(looked, at(finished), (), plan, actions=actions, evidence_at=evidence_at, urgencies=urgencies)
    return replace(base, **rest)


async def claimed(store: Store, when: float) -> Operation:
    operation = await store.claim(at(when), LEASE)
    assert operation is not None
    return operation


async def record(store: Store, operation: Operation, verdict: Verdict, when: float) -> None:
    await store.record(operation, verdict, None, NOTHING, (), at(when))


async def open_operation(store: Store, index: int) -> Operation | None:
    return (await store.recall([number(index)])).operations.get(number(index))


async def is_now(store: Store, index: int) -> Operation:
    operation = await open_operation(store, index)
    assert operation is not None
    return operation


async def test_it_is_a_store(store: SqlStore) -> None:
    port: Store = store

    assert await port.agenda(at(0)) == Agenda(None, None, None, None)


# Inbox.


async def test_a_new_event_waits_to_be_read(store: SqlStore) -> None:
    assert await store.receive("e1", b"d1", b"\x00\xffraw", at(1), "")

    (event,) = await store.unread_events(10)
    assert (event.event_id, event.body, event.received_at, event.state) == ("e1", b"\x00\xffraw", at(1), EventState.NEW)
    assert event.received_at.tzinfo is not None


async def test_the_same_event_again_is_counted_and_not_kept(store: SqlStore) -> None:
    assert await store.receive("e1", b"d1", b"{}", at(1), "")
    assert not await store.receive("e1", b"d1", b"{}", at(2), "")
    assert not await store.receive("e1", b"d1", b"{}", at(3), "")

    (event,) = await store.events(10)
    assert event.duplicates == 2
    assert event.received_at == at(1)


async def test_a_duplicate_does_not_hide_unfinished_work(store: SqlStore) -> None:
    await store.receive("e1", b"d1", b"{}", at(1), "")
    await store.receive("e1", b"d1", b"{}", at(2), "")

    assert len(await store.unread_events(10)) == 1


async def test_a_known_id_with_other_data_is_kept_and_quarantined(store: SqlStore) -> None:
    assert await store.receive("e1", b"d1", b"one", at(1), "")
    assert await store.receive("e1", b"d2", b"two", at(2), "")
    assert not await store.receive("e1", b"d2", b"two", at(3), "")

    second, first = await store.events(10)
    assert (first.state, first.body) == (EventState.NEW, b"one")
    assert (second.state, second.reason, second.body, second.duplicates) == (
        EventState.QUARANTINED,
        "same id, different data",
        b"two",
        1,
    )


async def test_events_without_an_id_are_told_apart_by_their_data(store: SqlStore) -> None:
    assert await store.receive("", b"d1", b"one", at(1), "")
    assert await store.receive("", b"d2", b"two", at(2), "")
    assert not await store.receive("", b"d1", b"one", at(3), "")

    assert [event.state for event in await store.events(10)] == [EventState.NEW, EventState.NEW]


async def test_a_flaw_quarantines(store: SqlStore) -> None:
    assert await store.receive("", b"d1", b"{}", at(1), "the id is not text")

    assert await store.unread_events(10) == ()
    (event,) = await store.events(10, EventState.QUARANTINED)
    assert event.reason == "the id is not text"


def delivered(index: int, digest: bytes = b"d") -> Delivery:
    return Delivery(
        f"d{index}",
        delivered=False,
        body=b"{}",
        event_id=f"e{index}",
        digest=digest,
    )


async def test_what_deliveries_tell_is_kept_beside_what_webhooks_brought(store: SqlStore) -> None:
    await store.receive("e1", b"d", b"{}", at(1), "")

    assert await store.take_back((delivered(1), delivered(2), delivered(3)), at(9)) == 2

    events = await store.unread_events(10)
    assert [(one.event_id, one.source, one.received_at, one.duplicates) for one in events] == [
        ("e1", EventSource.WEBHOOK, at(1), 0),
        ("e2", EventSource.DELIVERY, at(9), 0),
        ("e3", EventSource.DELIVERY, at(9), 0),
    ]
    assert await store.take_back((delivered(1), delivered(2), delivered(3)), at(10)) == 0
    assert {one.duplicates for one in await store.events(10)} == {0}


@pytest.mark.parametrize("delivery_first", [True, False])
async def test_a_delivery_that_is_told_otherwise_than_its_webhook_is_the_same_event(
    store: SqlStore, delivery_first: bool
) -> None:
    """Both come from Telnyx, and the id is the event's: there is nothing to quarantine."""
    if delivery_first:
        assert await store.take_back((delivered(1, b"rendered"),), at(1)) == 1
        assert not await store.receive("e1", b"as sent", b"{}", at(2), "")
    else:
        assert await store.receive("e1", b"as sent", b"{}", at(1), "")
        assert await store.take_back((delivered(1, b"rendered"),), at(2)) == 0

    (event,) = await store.events(10)
    assert (event.state, event.duplicates) == (EventState.NEW, int(delivery_first))


async def test_what_was_heard_last(store: SqlStore) -> None:
    assert await store.heard() == (None, None)
    await store.receive("e1", b"d", b"{}", at(1), "")
    await store.take_back((delivered(2),), at(5))
    assert await store.heard() == (None, at(1))
    assert (await store.counts()).last_received_at == at(1)

    await store.read_back(at(5))

    assert await store.heard() == (at(5), at(1))


async def test_a_full_resync_outweighs_a_sweep_and_is_remembered(store: SqlStore) -> None:
    assert (await store.recall(())).resynced_at is None
    await store.ask((Trigger(EVERYTHING, Cause.SWEEP, at(1)),))

    await store.resync(at(2))
    await store.ask((Trigger(EVERYTHING, Cause.SWEEP, at(3)),))

    (asked,) = await store.due_triggers(at(3), 10)
    assert (asked.subject, asked.cause, asked.since) == (EVERYTHING, Cause.RESYNC, at(1))
    assert (await store.recall(())).resynced_at == at(2)


async def test_events_are_read_oldest_first_and_in_portions(store: SqlStore) -> None:
    for index in range(5):
        await store.receive(f"e{index}", b"d", b"{}", at(index), "")

    assert [event.event_id for event in await store.unread_events(3)] == ["e0", "e1", "e2"]


async def test_finishing_events_records_their_meaning_and_asks(store: SqlStore) -> None:
    await store.receive("e1", b"d1", b"{}", at(1), "")
    await store.receive("e2", b"d2", b"?", at(1), "")
    usable, unusable = await store.unread_events(10)
    event = Event("10dlc.campaign.update", "VERIFIED", (CAMPAIGN,))
    read = Reading(EventState.PROCESSED, "looked", CAMPAIGN)
    broken = Reading(EventState.QUARANTINED, "no JSON")

    finished = (Finished(usable, event, read), Finished(unusable, Unusable("no JSON"), broken))
    await store.finish_events(finished, (Trigger(CAMPAIGN, Cause.EVENT, at(2)),))

    assert await store.unread_events(10) == ()
    two, one = await store.events(10)
    assert (one.state, one.event_type, one.type, one.subject) == (
        EventState.PROCESSED,
        "10dlc.campaign.update",
        "VERIFIED",
        CAMPAIGN,
    )
    assert (two.state, two.reason, two.event_type) == (EventState.QUARANTINED, "no JSON", "")
    assert [asked.subject for asked in await store.due_triggers(at(2), 10)] == [CAMPAIGN]


async def test_events_are_listed_newest_first_by_state_and_type(store: SqlStore) -> None:
    for index in range(4):
        await store.receive(f"e{index}", b"d", b"{}", at(index), "")
    events = await store.unread_events(2)
    read = Reading(EventState.PROCESSED, "")
    await store.finish_events(tuple(Finished(one, Event(event_type=f"t{one.id}"), read) for one in events), ())

    assert [one.event_id for one in await store.events(3)] == ["e3", "e2", "e1"]
    assert [one.event_id for one in await store.events(9, EventState.NEW)] == ["e3", "e2"]
    assert [one.event_id for one in await store.events(9, event_type=f"t{events[0].id}")] == ["e0"]
    assert [one.event_id for one in await store.events(9, before=events[1].id)] == ["e0"]
    assert await store.event(events[1].id) == (await store.events(1, before=events[1].id + 1))[0]
    assert await store.event(999) is None


async def test_every_event_is_exported_oldest_first(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.store.people.EXPORT_PAGE", 3)
    for index in range(7):
        await store.receive(f"e{index}", b"d", b"{}", at(index), "")

    assert [event.event_id async for event in store.all_events()] == [f"e{index}" for index in range(7)]


async def test_text_that_no_database_can_hold_is_made_sayable(store: SqlStore) -> None:
    await store.receive("e\ud800\0", b"d", b"{}", at(1), "")

    (event,) = await store.unread_events(1)
    assert event.event_id == "e??"


# Triggers.


async def test_triggers_on_one_subject_are_one(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.SWEEP, at(50)), Trigger(number(1), Cause.EVENT, at(60))))
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(70)),))
    await store.ask((Trigger(CAMPAIGN, Cause.PROBE, at(10)),))

    (asked,) = await store.due_triggers(at(10), 10)
    assert (asked.subject, asked.cause, asked.since) == (CAMPAIGN, Cause.EVENT, at(10))


async def test_subjects_come_back_as_what_they_were(store: SqlStore) -> None:
    subjects = (EVERYTHING, CAMPAIGN, TCR, number(1))
    await store.ask(tuple(Trigger(subject, Cause.EVENT, at(1)) for subject in subjects))

    asked = {one.subject for one in await store.due_triggers(at(1), 10)}
    assert asked == set(subjects)
    assert {type(subject) for subject in asked} == {type(subject) for subject in subjects}


async def test_the_most_urgent_triggers_come_first_and_none_before_its_time(store: SqlStore) -> None:
    await store.ask((Trigger(EVERYTHING, Cause.SWEEP, at(1)), Trigger(CAMPAIGN, Cause.EVENT, at(2))))
    await store.ask((Trigger(number(1), Cause.EVENT, at(3)),))

    assert [one.subject for one in await store.due_triggers(at(2), 10)] == [CAMPAIGN, EVERYTHING]
    assert [one.subject for one in await store.due_triggers(at(2), 1)] == [CAMPAIGN]


async def test_a_round_answers_what_was_asked(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)),))
    asked = await store.due_triggers(at(1), 10)

    await store.reconciled(a_round(2, asked=asked))

    assert await store.due_triggers(at(99), 10) == ()


async def test_what_was_asked_again_meanwhile_stays(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)),))
    asked = await store.due_triggers(at(1), 10)
    await store.ask((Trigger(CAMPAIGN, Cause.CONFIRM, at(5)),))

    await store.reconciled(a_round(6, asked=asked))

    assert [one.subject for one in await store.due_triggers(at(6), 10)] == [CAMPAIGN]


async def test_a_round_may_ask_again_for_what_it_answers(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)),))
    asked = await store.due_triggers(at(1), 10)

    await store.reconciled(a_round(2, asked=asked, triggers=(Trigger(CAMPAIGN, Cause.CONFIRM, at(9)),)))

    assert await store.due_triggers(at(8), 10) == ()
    assert [one.cause for one in await store.due_triggers(at(9), 10)] == [Cause.CONFIRM]


async def test_what_is_postponed_keeps_its_beginning(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)), Trigger(OTHER, Cause.EVENT, at(1))))
    asked = await store.due_triggers(at(1), 10)
    late = tuple((one, at(20)) for one in asked)
    await store.ask((Trigger(OTHER, Cause.REQUEST, at(3)),))

    await store.reconciled(a_round(4, asked=asked, postponed=late))

    assert [one.subject for one in await store.due_triggers(at(19), 10)] == [OTHER]
    due = await store.due_triggers(at(20), 10)
    assert {(one.subject, one.since) for one in due} == {(CAMPAIGN, at(1)), (OTHER, at(1))}


# Journal: opening, claiming, recording.


async def test_an_action_becomes_an_operation(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))

    operation = await is_now(store, 1)
    assert operation == Operation(
        operation.id, number(1), POOL, CAMPAIGN, Step.READY, created_at=at(1), not_before=at(1), urgency=Urgency.HEAL
    )
    (moment,) = await store.timeline(number(1), 10)
    assert (moment.what, moment.at) == ("queued", at(1))


async def test_attaching_a_profile_becomes_an_operation(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1)))

    operation = await is_now(store, 1)
    assert (operation.verb, operation.profile, operation.campaign) == (Verb.ATTACH_PROFILE, PROFILE, CAMPAIGN)
    assert operation == replace(await claimed(store, 2), step=Step.READY, attempt=0, lease_token=0, sent_at=None)
    assert [(moment.what, moment.detail) for moment in await store.timeline(number(1), 10)] == [
        ("queued", f"attach_profile to {PROFILE} for pool acme"),
        ("intent", f"request 1, for messaging profile {PROFILE}"),
    ]


async def test_the_history_names_the_campaign_of_an_assignment(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    assert (await claimed(store, 2)).profile is None

    assert [moment.detail for moment in await store.timeline(number(1), 10)] == [
        f"assign to {CAMPAIGN} for pool acme",
        f"request 1, for campaign {CAMPAIGN}",
    ]


async def test_an_urgent_round_goes_first(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await store.reconciled(a_round(2, assign(2), urgency=Urgency.APPROVAL))

    assert (await claimed(store, 3)).number == number(2)
    assert (await claimed(store, 3)).number == number(1)
    assert await store.claim(at(3), LEASE) is None


async def test_a_number_has_one_open_operation(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await store.reconciled(a_round(2, assign(1, OTHER)))

    assert (await is_now(store, 1)).campaign == CAMPAIGN
    assert len(await store.operations_open()) == 1
    assert await store.due_triggers(at(99), 10) == ()


@pytest.mark.parametrize("actions", [(assign(1), attach(1)), (attach(1), assign(1))], ids=["assign", "attach"])
@pytest.mark.parametrize("rounds", [1, 2])
async def test_a_number_has_one_open_operation_whatever_the_verb(
    store: SqlStore, actions: tuple[Action, ...], rounds: int
) -> None:
    first = actions[0]
    for together in [actions] if rounds == 1 else [(one,) for one in actions]:
        await store.reconciled(a_round(1, *together))

    (operation,) = await store.operations_open()
    assert operation.verb is first.verb
    (moment,) = await store.timeline(number(1), 10)
    assert moment.detail.startswith(f"{first.verb} to ")


async def test_a_claim_writes_the_intent(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))

    operation = await claimed(store, 5)

    assert (operation.step, operation.attempt, operation.sent_at, operation.lease_token) == (Step.SENT, 1, at(5), 1)
    assert await is_now(store, 1) == operation
    assert [moment.what for moment in await store.timeline(number(1), 10)] == ["queued", "intent"]


async def test_what_is_leased_or_not_yet_due_is_not_claimed(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    assert await store.claim(at(0), LEASE) is None
    await claimed(store, 1)

    assert await store.claim(at(30), LEASE) is None


async def test_doubt_comes_before_new_requests(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    first = await claimed(store, 1)
    await record(store, first, Recheck(at(10), "no answer"), 2)
    await store.reconciled(a_round(3, assign(2), urgency=Urgency.APPROVAL))

    assert await store.claim(at(9), LEASE, only_unresolved=True) is None
    operation = await claimed(store, 10)
    assert (operation.number, operation.step, operation.attempt, operation.lease_token) == (
        number(1),
        Step.UNRESOLVED,
        1,
        2,
    )
    assert (await claimed(store, 10)).number == number(2)


async def test_a_lost_worker_leaves_a_doubt(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    lost = await claimed(store, 1)

    found = await claimed(store, 31)

    assert (found.step, found.attempt, found.lease_token) == (Step.UNRESOLVED, 1, 2)
    with pytest.raises(LeaseLost):
        await record(store, lost, Wait(), 32)
    await record(store, found, Wait(), 33)
    assert [moment.what for moment in await store.timeline(number(1), 10)] == [
        "queued",
        "intent",
        "interrupted",
        "accepted",
    ]


async def test_the_window_of_a_worker_that_may_be_late_and_not_dead_begins_anew(store: SqlStore) -> None:
    """A process that was suspended goes on to send what it claimed: a read at once would show nothing of it."""
    await store.reconciled(a_round(1, assign(1), assign(2)))
    await claimed(store, 1)
    assert (await claimed(store, 600)).sent_at == at(600)

    await claimed(store, 600)
    await store.recover(
        at(700), LEASE
    )  # the process that sent this one is dead; only a clock that may be set says how long
    assert (await is_now(store, 2)).sent_at == at(700)


async def test_a_claim_is_recorded_once(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    operation = await claimed(store, 1)
    await record(store, operation, Wait(), 2)

    with pytest.raises(LeaseLost):
        await record(store, operation, Done(End.DONE), 3)
    assert (await is_now(store, 1)).step is Step.CONFIRMING


async def test_what_a_lost_worker_found_is_not_written(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    operation = await claimed(store, 1)
    await store.recover(at(2), LEASE)
    trigger = Trigger(CAMPAIGN, Cause.CONFIRM, at(3))

    with pytest.raises(LeaseLost):
        await store.record(operation, Wait(), seen(1, 3, on(1)), NOTHING, (trigger,), at(3))

    assert (await store.recall(None)).sightings == {}
    assert await store.due_triggers(at(99), 10) == ()


# Journal: renewing a lease, the fence before a second call.


async def test_a_renewed_lease_begins_anew(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1)))
    operation = await claimed(store, 1)

    await store.renew(operation, at(30), LEASE)

    assert (await store.agenda(at(31))).operations_at == at(60)
    assert await store.claim(at(59), LEASE) is None
    await store.renew(operation, at(59), LEASE)
    await record(store, operation, Done(End.DONE), 80)
    assert await open_operation(store, 1) is None
    assert [moment.what for moment in await store.timeline(number(1), 10)] == ["queued", "intent", "done"]


async def test_a_request_counts_as_sent_from_its_renewal_on(store: SqlStore) -> None:
    """It goes out only then: what was read before says nothing of what came of it."""
    await store.reconciled(a_round(1, attach(1)))
    operation = await claimed(store, 1)
    await store.renew(operation, at(20), LEASE)
    assert await is_now(store, 1) == replace(operation, sent_at=at(20))

    await record(store, operation, Recheck(at(21), "no answer"), 21)
    doubted = await claimed(store, 22)
    await store.renew(doubted, at(30), LEASE)
    assert (await is_now(store, 1)).sent_at == at(20)  # a read sends nothing


async def test_a_lease_that_ran_out_is_not_renewed(store: SqlStore) -> None:
    """Nobody has claimed it yet, but from now on anybody may."""
    await store.reconciled(a_round(1, attach(1)))
    operation = await claimed(store, 1)

    with pytest.raises(LeaseLost, match="no longer held under claim 1") as lost:
        await store.renew(operation, at(31), LEASE)

    assert "nothing to do" in lost.value.hint
    assert (await claimed(store, 31)).step is Step.UNRESOLVED


async def test_what_another_worker_claimed_is_not_renewed(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1)))
    late = await claimed(store, 1)
    now_held = await claimed(store, 31)

    with pytest.raises(LeaseLost):
        await store.renew(late, at(32), LEASE)

    assert await is_now(store, 1) == now_held
    assert await store.claim(at(60), LEASE) is None  # the other's lease is as it was
    assert await store.claim(at(61), LEASE) is not None


async def test_what_was_recorded_is_not_renewed(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1), attach(2), attach(3)))
    verdicts = (Done(End.DONE), Wait(), Retry(at(9), Reason.TELNYX_UNAVAILABLE, "503"))
    for verdict in verdicts:
        operation = await claimed(store, 2)
        await record(store, operation, verdict, 3)
        before = await store.operations_open()

        with pytest.raises(LeaseLost):
            await store.renew(operation, at(4), LEASE)
        assert await store.operations_open() == before


async def test_what_a_restart_found_is_not_renewed(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1)))
    operation = await claimed(store, 1)
    await store.recover(at(2), LEASE)

    with pytest.raises(LeaseLost):
        await store.renew(operation, at(3), LEASE)
    assert (await claimed(store, 3)).step is Step.UNRESOLVED


async def test_while_halted_nothing_is_renewed(store: SqlStore) -> None:
    """The halt came between the two calls: the second is not made, and the worker may still say so."""
    await store.reconciled(a_round(1, attach(1), assign(2)))
    operation = await claimed(store, 1)
    await record(store, await claimed(store, 1), StopAll(at(62), "401"), 2)

    with pytest.raises(LeaseLost, match="writes are halted") as lost:
        await store.renew(operation, at(3), LEASE)

    assert "halt is lifted" in lost.value.hint
    assert await is_now(store, 1) == operation
    await record(store, operation, Retry(at(4), Reason.ACCOUNT_HALTED, "not sent", trouble=False), 4)
    assert (await is_now(store, 1)).step is Step.READY


async def test_a_renewal_and_a_claim_at_once_never_both_succeed(store: SqlStore) -> None:
    await store.reconciled(a_round(1, *(attach(index) for index in range(20))))
    first = [await claimed(store, 1) for _ in range(20)]
    renewed: list[PhoneNumber] = []
    taken: list[PhoneNumber] = []

    async def renew(operation: Operation) -> None:
        try:
            await store.renew(operation, at(30), LEASE)
        except LeaseLost:
            return
        renewed.append(operation.number)

    async def take() -> None:
        operation = await store.claim(at(31), LEASE)
        if operation is not None:
            taken.append(operation.number)

    async with anyio.create_task_group() as group:
        for operation in first:
            group.start_soon(renew, operation)
            group.start_soon(take)

    assert set(renewed).isdisjoint(taken)
    assert len(taken) == min(20 - len(renewed), MOST_READERS)


# Journal: verdicts.


@pytest.mark.parametrize(
    ("verdict", "changes"),
    [
        (Wait(), {"step": Step.CONFIRMING, "trouble": 0}),
        (
            Retry(at(9), Reason.TELNYX_UNAVAILABLE, "503"),
            {
                "step": Step.READY,
                "not_before": at(9),
                "reason": Reason.TELNYX_UNAVAILABLE,
                "detail": "503",
                "trouble": 1,
            },
        ),
        (
            Retry(at(9), Reason.RATE_LIMITED, "429", trouble=False),
            {"step": Step.READY, "not_before": at(9), "reason": Reason.RATE_LIMITED, "detail": "429"},
        ),
        (
            Retry(at(9), Reason.TELNYX_REFUSED, "failed", refused=True),
            {
                "step": Step.READY,
                "not_before": at(9),
                "reason": Reason.TELNYX_REFUSED,
                "detail": "failed",
                "refusals": 1,
                "trouble": 1,
            },
        ),
        (
            Recheck(at(9), "no answer"),
            {"step": Step.UNRESOLVED, "not_before": at(9), "detail": "no answer", "trouble": 1},
        ),
        (
            Recheck(at(9), "429", trouble=False),
            {"step": Step.UNRESOLVED, "not_before": at(9), "detail": "429"},
        ),
        (
            Recheck(at(9), "taken", reason=Reason.FOREIGN_ASSIGNMENT),
            {
                "step": Step.UNRESOLVED,
                "not_before": at(9),
                "detail": "taken",
                "reason": Reason.FOREIGN_ASSIGNMENT,
                "trouble": 1,
            },
        ),
        (
            Recheck(at(9), "absent", absent=True),
            {
                "step": Step.UNRESOLVED,
                "not_before": at(9),
                "detail": "absent",
                "first_absent_at": at(5),
                "trouble": 1,
            },
        ),
        (
            GiveUp(at(9), Reason.CAPACITY, "limit exceeded"),
            {
                "step": Step.BLOCKED,
                "not_before": at(9),
                "reason": Reason.CAPACITY,
                "detail": "limit exceeded",
                "refusals": 1,
            },
        ),
        (
            StopAll(at(9), "401"),
            {"step": Step.READY, "not_before": at(9), "reason": Reason.ACCOUNT_HALTED, "detail": "401"},
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Verdict) else "",
)
async def test_a_verdict_on_a_request(store: SqlStore, verdict: Verdict, changes: dict[str, Any]) -> None:
    await store.reconciled(a_round(1, assign(1)))
    operation = await claimed(store, 2)

    await record(store, operation, verdict, 5)

    assert await is_now(store, 1) == replace(operation, **changes)
    assert await store.claim(at(8), LEASE) is None


@pytest.mark.parametrize("end", list(End))
async def test_done_closes(store: SqlStore, end: End) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 2), Done(end), 5)

    assert await open_operation(store, 1) is None
    assert (await store.timeline(number(1), 10))[-1].what == end
    assert await store.claim(at(999), LEASE) is None


async def test_keep_changes_nothing_but_the_lease(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 1), Recheck(at(2), "no answer"), 1)
    operation = await claimed(store, 2)

    await record(store, operation, Keep(), 3)

    assert await is_now(store, 1) == operation
    assert (await claimed(store, 4)).lease_token == operation.lease_token + 1


async def test_an_absence_is_dated_once_and_forgotten_with_the_next_request(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 1), Recheck(at(2), "no answer"), 2)
    await record(store, await claimed(store, 2), Recheck(at(3), "absent", absent=True), 3)
    await record(store, await claimed(store, 3), Recheck(at(4), "unread"), 4)
    await record(store, await claimed(store, 4), Recheck(at(5), "absent", absent=True), 5)
    assert (await is_now(store, 1)).first_absent_at == at(3)
    await record(store, await claimed(store, 5), Retry(at(6), Reason.TELNYX_UNAVAILABLE, "it did not happen"), 6)

    again = await claimed(store, 6)
    assert (again.first_absent_at, again.attempt, again.trouble) == (None, 2, 5)


async def test_what_is_blocked_is_tried_again_in_its_time(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 1), GiveUp(at(100), Reason.CAPACITY, "full"), 2)

    assert await store.claim(at(99), LEASE) is None
    again = await claimed(store, 100)
    assert (again.step, again.attempt, again.refusals) == (Step.SENT, 2, 1)


async def test_a_record_tells_all_it_found(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    operation = await claimed(store, 1)
    condition = Condition(AlertName.ASSIGNMENT_FAILED, POOL, number(1), "full", "limit exceeded")
    judgement = Judgement((Family(condition.alert, POOL, number(1)),), (condition,))
    sighting = seen(1, 2, None)

    trigger = Trigger(CAMPAIGN, Cause.CONFIRM, at(3))
    await store.record(operation, GiveUp(at(9), Reason.CAPACITY, "full"), sighting, judgement, (trigger,), at(2))

    assert (await store.recall([number(1)])).sightings == {number(1): sighting}
    (alert,), _ = await store.alerts()
    assert (alert.condition, alert.firing_since) == (condition, at(2))
    assert [one.subject for one in await store.due_triggers(at(3), 10)] == [CAMPAIGN]


async def test_a_record_keeps_the_line_that_it_was_told(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1)))
    operation = await claimed(store, 2)
    line = told(1, 3, PROFILE)

    await store.record(operation, Recheck(at(4), "Telnyx took it"), line, NOTHING, (), at(3))
    assert (await store.recall([number(1)])).lines == {number(1): line}

    doubted = await claimed(store, 4)
    await store.record(doubted, Keep(), told(1, 2), NOTHING, (), at(5))
    assert (await store.recall([number(1)])).lines == {number(1): line}  # the older one tells nothing new
    with pytest.raises(LeaseLost):
        await store.record(doubted, Done(End.DONE), told(1, 6, ELSEWHERE), NOTHING, (), at(6))
    assert (await store.recall([number(1)])).lines == {number(1): line}


async def test_the_history_of_an_attached_profile_reads_right(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1)))
    answers: tuple[Verdict, ...] = (
        Retry(at(2), Reason.TELNYX_UNAVAILABLE, "503"),
        GiveUp(at(3), Reason.REQUEST_REFUSED, "422 no such profile"),
        Recheck(at(4), "no answer within 15 s"),
        Recheck(at(5), "it shows no profile yet", absent=True),
        Done(End.DONE),
    )
    for when, verdict in enumerate(answers, start=1):
        await record(store, await claimed(store, when), verdict, when)

    assert [
        (one.what, one.detail) for one in await store.timeline(number(1), 20) if one.what not in ("queued", "intent")
    ] == [
        ("retry", "telnyx_unavailable: 503"),
        ("blocked", "request_refused: 422 no such profile"),
        ("unresolved", "no answer within 15 s"),
        ("unresolved", "it shows no profile yet"),
        ("done", ""),
    ]


# Journal: the halt.


async def test_with_another_key_a_halt_is_probed_at_once_and_what_it_held_goes_on(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2)))
    await store.ask((Trigger(CAMPAIGN, Cause.SWEEP, at(1)),))
    later = await claimed(store, 1)
    await record(store, await claimed(store, 1), StopAll(at(62), "401"), 2)
    await record(store, later, Retry(at(90), Reason.RATE_LIMITED, "429"), 2)
    assert (await store.agenda(at(3))).triggers_at == at(62)

    await store.probe(at(3))

    assert (await store.agenda(at(3))).triggers_at == at(3)
    halt = (await store.recall(())).halt
    assert halt is not None
    assert halt.probe_at == at(3)
    await store.reconciled(a_round(4, halt=None))
    assert (await claimed(store, 4)).number == number(2)
    assert await store.claim(at(5), LEASE) is None  # what waits for another cause goes on waiting


async def test_while_halted_nothing_is_sent_and_doubt_waits_for_the_probe(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2), assign(3)))
    await record(store, await claimed(store, 1), Recheck(at(2), "no answer"), 2)
    doubted = await claimed(store, 2)
    halted = await claimed(store, 2)
    await record(store, halted, StopAll(at(62), "401"), 3)
    await record(store, doubted, StopAll(at(63), "401"), 4)

    assert (await store.recall(())).halt == Halt(at(3), at(63), "401")
    assert (await is_now(store, 1)).step is Step.UNRESOLVED
    assert await store.claim(at(62), LEASE) is None
    assert (await claimed(store, 63)).number == number(1)
    assert await store.claim(at(63), LEASE) is None


async def test_a_round_sets_and_lifts_the_halt(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), halt=Halt(at(1), at(61), "403")))
    assert (await store.recall(())).halt == Halt(at(1), at(61), "403")
    assert await store.claim(at(2), LEASE) is None

    await store.reconciled(a_round(62))

    assert (await store.recall(())).halt is None
    assert (await claimed(store, 62)).number == number(1)


async def test_a_round_does_not_lift_a_halt_that_began_after_it(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 5), StopAll(at(65), "401"), 5)

    await store.reconciled(a_round(6, evidence=4))

    assert (await store.recall(())).halt == Halt(at(5), at(65), "401")


# Journal: what is due.


async def test_the_agenda_says_what_is_due_and_next(store: SqlStore) -> None:
    await store.reconciled(a_round(10, assign(1), assign(2)))
    await store.ask((Trigger(CAMPAIGN, Cause.SWEEP, at(20)),))
    assert await store.agenda(at(9)) == Agenda(None, at(10), at(20), None)
    assert (await store.agenda(at(10))).urgency is Urgency.HEAL

    first, second = await claimed(store, 10), await claimed(store, 10)
    assert (await store.agenda(at(11))).operations_at == at(40)
    await record(store, first, Recheck(at(15), "no answer"), 11)
    assert (await store.agenda(at(14))).operations_at == at(15)
    await record(store, second, Wait(), 11)
    assert (await store.agenda(at(15))).urgency is Urgency.HEAL
    await record(store, await claimed(store, 15), Done(End.DONE), 15)
    assert (await store.agenda(at(99))).operations_at is None


async def test_the_agenda_of_a_halt_is_its_probe(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2)))
    await record(store, await claimed(store, 1), Recheck(at(2), "no answer"), 2)
    await record(store, await claimed(store, 2), StopAll(at(62), "401"), 2)

    assert await store.agenda(at(3)) == Agenda(None, at(62), None, None)
    assert (await store.agenda(at(62))).urgency is Urgency.HEAL  # number 1 may be read
    await record(store, await claimed(store, 62), Done(End.DONE), 62)
    assert await store.agenda(at(63)) == Agenda(None, None, None, None)  # number 2 waits for a look


async def test_before_a_window_opens_nothing_waits_to_be_sent(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2), urgency=Urgency.APPROVAL))
    await record(store, await claimed(store, 1), GiveUp(at(500), Reason.CAPACITY, "full"), 1)

    assert await store.agenda(at(2), at(100)) == Agenda(None, at(100), None, None)
    assert (await store.agenda(at(100), at(100))).urgency is Urgency.APPROVAL
    assert await store.agenda(at(2)) == Agenda(Urgency.APPROVAL, at(1), None, None)
    assert await store.claim(at(2), LEASE, only_unresolved=True) is None

    await record(store, await claimed(store, 2), Wait(), 2)  # what is blocked is left
    assert (await store.agenda(at(2), at(100))).operations_at == at(500)
    assert await store.agenda(at(500), at(900)) == Agenda(None, at(900), None, None)


async def test_before_a_window_opens_doubt_is_read(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2)))
    await record(store, await claimed(store, 1), Recheck(at(10), "no answer"), 1)

    assert await store.agenda(at(9), at(100)) == Agenda(None, at(10), None, None)
    assert (await store.agenda(at(10), at(100))).urgency is Urgency.HEAL
    doubted = await store.claim(at(10), LEASE, only_unresolved=True)
    assert doubted is not None
    assert doubted.number == number(1)
    assert await store.agenda(at(11), at(100)) == Agenda(None, at(40), None, None)  # if its reader is lost
    await record(store, doubted, Done(End.DONE), 11)
    assert await store.agenda(at(11), at(100)) == Agenda(None, at(100), None, None)


async def test_before_a_window_opens_a_halt_holds_too(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), halt=Halt(at(1), at(61), "401")))

    assert (await store.agenda(at(2), at(30))).operations_at == at(61)
    assert (await store.agenda(at(2), at(100))).operations_at == at(100)


async def queue(store: SqlStore, now: float) -> tuple[int, float]:
    return sum((await store.steps()).values()), await store.oldest_seconds(at(now))


async def test_the_queue_is_measured(store: SqlStore) -> None:
    assert await queue(store, 0) == (0, 0.0)
    await store.reconciled(a_round(10, assign(1), assign(2)))

    assert await queue(store, 5) == (2, 0.0)
    assert await queue(store, 15) == (2, 5.0)
    await record(store, await claimed(store, 15), Wait(), 15)
    await record(store, await claimed(store, 15), Recheck(at(18), "no answer"), 15)
    assert await queue(store, 20) == (2, 2.0)


# Journal: starting again.


async def test_recovery_doubts_what_was_sent_and_frees_every_lease(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2), assign(3)))
    await record(store, await claimed(store, 1), Recheck(at(1), "no answer"), 1)
    await claimed(store, 1)  # the doubt of number 1, under lease
    await claimed(store, 1)  # number 2, sent

    assert await store.recover(at(2), LEASE) == 2

    assert [(await claimed(store, 2)).step for _ in range(2)] == [Step.UNRESOLVED, Step.UNRESOLVED]
    assert await store.claim(at(2), LEASE, only_unresolved=True) is None
    assert (await claimed(store, 2)).number == number(3)


# Journal: rounds.


async def test_a_round_is_remembered(store: SqlStore) -> None:
    campaign = Campaign(CAMPAIGN, CampaignPhase.APPROVED, at(1), "MNO_PROVISIONED", CAMPAIGN, TCR, "https://x/", "none")
    assignment = Assignment(
        number(1), TCR, AssignmentState.FAILED, {"tmobile": CarrierState.FAILED}, "why", (CAMPAIGN, OTHER)
    )
    sighting = Sighting(number(1), at(1), "item", assignment, at(0), was_ready=True, doubted=True)
    check = PoolCheck(POOL, at(2), {"missing": 1}, at(2))

    await store.reconciled(
        a_round(2, campaigns=(campaign,), sightings=(sighting, seen(2, 1, None)), checks=(check,), evidence=1)
    )

    memory = await store.recall(None)
    assert memory.campaigns == {CAMPAIGN: campaign}
    assert memory.sightings == {number(1): sighting, number(2): seen(2, 1, None)}
    assert memory.looked_at == {CAMPAIGN: at(1), OTHER: at(1)}
    assert await store.checks() == (check,)
    assert (await store.recall([number(2), number(3)])).sightings == {number(2): seen(2, 1, None)}
    assert (await store.recall(())).sightings == {}
    assert (await store.recall(())).campaigns == {CAMPAIGN: campaign}


async def test_what_is_newer_is_never_overwritten(store: SqlStore) -> None:
    newer = Campaign(CAMPAIGN, CampaignPhase.APPROVED, at(9))
    await store.reconciled(a_round(9, campaigns=(newer,), sightings=(seen(1, 9, on(1)),)))

    older = Campaign(CAMPAIGN, CampaignPhase.IN_REVIEW, at(5))
    await store.reconciled(a_round(10, campaigns=(older,), sightings=(seen(1, 5, None),), evidence=5))

    memory = await store.recall(None)
    assert memory.campaigns == {CAMPAIGN: newer}
    assert memory.sightings == {number(1): seen(1, 9, on(1))}
    assert memory.looked_at[CAMPAIGN] == at(9)


async def test_since_when_a_campaign_is_empty_is_remembered_until_it_is_not(store: SqlStore) -> None:
    nobody: frozenset[CampaignId] = frozenset()
    told = []
    for finished, empty in ((1, {CAMPAIGN}), (2, {CAMPAIGN}), (3, nobody), (4, {CAMPAIGN})):
        await store.reconciled(a_round(finished, empty=frozenset(empty)))
        told.append((await store.recall(())).empty_since)
    assert told == [{CAMPAIGN: at(1)}, {CAMPAIGN: at(1)}, {}, {CAMPAIGN: at(4)}]

    await store.reconciled(a_round(5, evidence=2))
    assert (await store.recall(())).empty_since == {CAMPAIGN: at(4)}, "an older list says nothing"


async def test_lines_and_profiles_are_remembered(store: SqlStore) -> None:
    line = Line(number(1), at(1), PROFILE, "1703", LineKind.TOLL_FREE, "CA", unclear=True, absences=1)
    bare = Line(number(2), at(1))
    profile = Profile(PROFILE, at(2), exists=True, name="Marketing", pooled=True)
    unknown = Profile(ELSEWHERE, at(2), exists=False)

    await store.reconciled(
        a_round(3, lines=(line, bare), profiles=(profile, unknown), rostered_at={PROFILE: at(1)}, evidence_at={})
    )

    memory = await store.recall([number(1), number(3)])
    assert memory.lines == {number(1): line}
    assert memory.profiles == {PROFILE: profile, ELSEWHERE: unknown}
    assert memory.rostered_at == {PROFILE: at(1)}
    assert (await store.recall(None)).lines == {number(1): line, number(2): bare}
    none = await store.recall(())
    assert (none.lines, none.profiles, none.rostered_at) == ({}, memory.profiles, memory.rostered_at)


async def test_what_is_newer_of_lines_and_profiles_is_never_overwritten(store: SqlStore) -> None:
    newer = Profile(PROFILE, at(9), name="new", pooled=True)
    lines: tuple[Line, ...] = (told(1, 9, PROFILE),)
    await store.reconciled(a_round(9, lines=lines, profiles=(newer,), rostered_at={PROFILE: at(9)}))

    older = Profile(PROFILE, at(5), exists=False, name="old")
    lines, rostered_at = (told(1, 5), told(2, 5)), {PROFILE: at(5), ELSEWHERE: at(5)}
    await store.reconciled(a_round(10, lines=lines, profiles=(older,), rostered_at=rostered_at))

    memory = await store.recall(None)
    assert memory.lines == {number(1): told(1, 9, PROFILE), number(2): told(2, 5)}
    assert memory.profiles == {PROFILE: newer}
    assert memory.rostered_at == {PROFILE: at(9), ELSEWHERE: at(5)}


async def test_a_list_of_a_profile_that_could_not_be_read_is_dated(store: SqlStore) -> None:
    await store.reconciled(a_round(2, rostered_at={PROFILE: at(1)}))

    memory = await store.recall(())
    assert (memory.profiles, memory.rostered_at) == ({}, {PROFILE: at(1)})


async def test_an_action_on_overtaken_evidence_asks_again_instead(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)),))
    asked = await store.due_triggers(at(1), 10)
    await store.reconciled(a_round(5, sightings=(seen(1, 5, on(1)),)))  # learned while the round below was looking

    await store.reconciled(a_round(6, assign(1), assign(2), evidence=4, asked=asked))

    assert await open_operation(store, 1) is None
    assert await open_operation(store, 2) is not None
    assert [(one.subject, one.cause) for one in await store.due_triggers(at(6), 10)] == [(CAMPAIGN, Cause.EVENT)]


async def test_an_operation_that_ended_after_the_evidence_is_not_repeated(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 2), Done(End.DONE), 5)

    await store.reconciled(a_round(6, assign(1), evidence=4))
    assert await open_operation(store, 1) is None

    await store.reconciled(a_round(7, assign(1), evidence=6))
    assert await open_operation(store, 1) is not None


async def test_a_newer_line_overtakes_attaching_a_profile_and_no_assignment(store: SqlStore) -> None:
    """Somebody put it on a profile while the round below was looking. Its campaign is another question."""
    await store.reconciled(a_round(5, lines=(told(1, 5, ELSEWHERE), told(2, 5)), evidence_at={}))

    await store.reconciled(a_round(6, attach(1), assign(2), attach(3), evidence=4))

    assert {one.number for one in await store.operations_open()} == {number(2), number(3)}
    assert [one.subject for one in await store.due_triggers(at(6), 10)] == [CAMPAIGN]

    await store.reconciled(a_round(8, attach(1), evidence=7))
    assert (await is_now(store, 1)).verb is Verb.ATTACH_PROFILE


async def test_attaching_a_profile_rests_on_the_line_that_the_round_was_told(store: SqlStore) -> None:
    await store.reconciled(a_round(5, lines=(told(1, 5), told(2, 5)), evidence_at={}))

    await store.reconciled(a_round(8, attach(1), assign(2), lines=(told(1, 7), told(2, 7)), evidence_at={}))

    (operation,) = await store.operations_open()
    assert (operation.number, operation.verb) == (number(1), Verb.ATTACH_PROFILE)


async def test_what_ended_or_was_seen_after_the_evidence_overtakes_attaching_a_profile(store: SqlStore) -> None:
    await store.reconciled(a_round(1, attach(1)))
    await record(store, await claimed(store, 2), Done(End.TAKEN), 5)
    await store.reconciled(a_round(5, sightings=(seen(2, 5, on(2)),), evidence_at={}))

    await store.reconciled(a_round(6, attach(1), attach(2), evidence=4))

    assert await store.operations_open() == ()


async def test_a_rounds_own_findings_do_not_overtake_it(store: SqlStore) -> None:
    """A number in doubt is read by itself after the listing: that read is what the action rests on."""
    await store.reconciled(a_round(6, assign(1), evidence=4, sightings=(seen(1, 5, None),)))

    assert await open_operation(store, 1) is not None


async def test_an_action_without_evidence_is_not_done(store: SqlStore) -> None:
    await store.reconciled(a_round(6, assign(1), evidence_at={}))

    assert await open_operation(store, 1) is None
    assert [one.subject for one in await store.due_triggers(at(6), 10)] == [CAMPAIGN]


async def test_a_round_settles_what_its_look_told(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2)))
    await record(store, await claimed(store, 1), Wait(), 2)
    confirming, ready = await is_now(store, 1), await is_now(store, 2)

    settled = ((confirming, Done(End.DONE)), (ready, Done(End.STALE, "the config no longer asks for it")))
    await store.reconciled(a_round(3, settled=settled))

    assert await store.operations_open() == ()
    assert [(await store.timeline(number(index), 9))[-1].what for index in (1, 2)] == ["done", "stale"]


async def test_a_blocked_operation_that_nobody_wants_makes_way(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 1), GiveUp(at(999), Reason.CAPACITY, "full"), 2)

    await store.reconciled(a_round(3, assign(1, OTHER), settled=((await is_now(store, 1), Done(End.STALE)),)))

    assert (await is_now(store, 1)).campaign == OTHER


async def test_a_round_does_not_settle_what_moved_on(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2)))
    ready = await is_now(store, 1)
    await claimed(store, 2)
    sent = await is_now(store, 1)

    await store.reconciled(a_round(3, settled=((ready, Done(End.STALE)),)))
    await store.reconciled(a_round(3, settled=((sent, Wait()),)))
    assert await is_now(store, 1) == sent

    await record(store, sent, Wait(), 4)
    await store.reconciled(a_round(5, settled=((sent, Recheck(at(9), "stale news")),)))
    assert (await is_now(store, 1)).step is Step.CONFIRMING


async def test_a_round_does_not_settle_what_was_read_since(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    await record(store, await claimed(store, 1), Recheck(at(2), "no answer"), 1)
    before = await is_now(store, 1)
    await record(store, await claimed(store, 2), Recheck(at(9), "absent", absent=True), 2)

    await store.reconciled(a_round(3, settled=((before, Retry(at(3), Reason.TELNYX_UNAVAILABLE, "")),)))

    assert (await is_now(store, 1)).step is Step.UNRESOLVED


async def test_a_check_dates_the_last_change_of_drift(store: SqlStore) -> None:
    async def checked(when: float, missing: int) -> datetime | None:
        await store.reconciled(a_round(when, checks=(PoolCheck(POOL, at(when), {"missing": missing}),)))
        ((check),) = await store.checks()
        assert check.checked_at == at(when)
        return check.changed_at

    assert [await checked(1, 3), await checked(2, 3), await checked(3, 0), await checked(4, 0)] == [
        at(1),
        at(1),
        at(3),
        at(3),
    ]


# Journal: selections.


TAGGED = ByTags(("prod", "sms"), ("quarantine",))
ON_PROFILE = ByProfile(PROFILE)


def answer(selection: Selection, when: float, *indexes: int, complete: bool = True) -> Selected:
    return Selected(selection, frozenset(number(index) for index in indexes), at(when), complete)


async def test_what_a_selection_chose_is_remembered(store: SqlStore) -> None:
    tagged, profiled = answer(TAGGED, 1, 1, 2), answer(ON_PROFILE, 2)
    await store.reconciled(a_round(3, selected=(tagged, profiled)))

    assert await store.selected([ON_PROFILE, ByTags(("prod",)), TAGGED]) == (profiled, tagged)
    assert await store.selected(()) == ()


async def test_a_newer_answer_replaces_a_selection_wholly(store: SqlStore) -> None:
    await store.reconciled(a_round(1, selected=(answer(TAGGED, 1, 1, 2, 3), answer(ON_PROFILE, 1, 1, 2, 3))))
    await store.reconciled(a_round(2, selected=(answer(TAGGED, 2, 3, 4),)))
    assert await store.selected([TAGGED, ON_PROFILE]) == (answer(TAGGED, 2, 3, 4), answer(ON_PROFILE, 1, 1, 2, 3))

    await store.reconciled(a_round(3, selected=(answer(TAGGED, 3),)))
    assert await store.selected([TAGGED]) == (answer(TAGGED, 3),)


@pytest.mark.covers("C11")
async def test_an_older_or_incomplete_answer_replaces_nothing(store: SqlStore) -> None:
    await store.reconciled(a_round(5, selected=(answer(TAGGED, 5, 1, 2),)))

    await store.reconciled(a_round(6, selected=(answer(TAGGED, 4, 3),)))
    await store.reconciled(a_round(7, selected=(answer(TAGGED, 7, complete=False),)))
    await store.reconciled(a_round(7, selected=(answer(ON_PROFILE, 7, 1, complete=False),)))

    assert await store.selected([TAGGED, ON_PROFILE]) == (answer(TAGGED, 5, 1, 2),)


# Journal: what is awaited.


async def test_what_has_not_settled_is_awaited_under_any_id(store: SqlStore) -> None:
    campaign = Campaign(CAMPAIGN, CampaignPhase.APPROVED, at(1), telnyx_id=CAMPAIGN, tcr_id=TCR)
    await store.reconciled(a_round(1, assign(6), assign(7), campaigns=(campaign,), evidence=1))
    await store.reconciled(
        a_round(
            9,
            sightings=(
                seen(1, 5, on(1)),
                seen(2, 7, on(2, TCR), source="answer"),
                seen(3, 6, on(3, OTHER, aliases=(TCR,))),
                seen(4, 8, on(4, state=AssignmentState.FAILED)),
                seen(5, 8, None),
                seen(8, 8, on(8, CampaignId("elsewhere"))),
            ),
            evidence_at={},
        )
    )

    (one,) = await store.awaited([CAMPAIGN], at(9))
    assert (one.campaign, one.unsettled, one.unseen, one.queued) == (CAMPAIGN, 3, 1, 2)
    assert one.changed_at == at(7)
    assert [(one.campaign, one.unsettled) for one in await store.awaited([TCR, OTHER], at(9))] == [(TCR, 3), (OTHER, 1)]
    assert (await store.awaited([CAMPAIGN], at(0)))[0].queued == 0


async def test_nothing_is_awaited_once_all_has_settled(store: SqlStore) -> None:
    await store.reconciled(a_round(1, sightings=(seen(1, 1, on(1)),)))
    ready = replace(on(1, state=AssignmentState.ASSIGNED), carriers={"tmobile": CarrierState.ADDED})
    await store.reconciled(a_round(2, sightings=(seen(1, 2, ready),)))

    assert await store.awaited([CAMPAIGN], at(3)) == ()


# Outbox: alerts.


FAILED = AlertName.ASSIGNMENT_FAILED


def failing(*subjects: str, pool: str = POOL, reason: str = "full") -> Judgement:
    """All of the pool was judged; these fail."""
    return Judgement(
        (Family(FAILED, pool),), tuple(Condition(FAILED, pool, subject, reason, "detail") for subject in subjects)
    )


def message(
    status: str, *subjects: str, pool: str = POOL, to: str = "ops", unsaid: bool = False, alert: AlertName = FAILED
) -> Message:
    return Message(
        receiver=to,
        status=status,
        alert=alert,
        severity=alert.severity,
        pool=pool,
        count=len(subjects),
        reasons=(("full", 2), ("odd", 1)),
        examples=(("+12025550001", "limit exceeded"),),
        started_at=at(1),
        dedup_key=f"tendlc/{alert}/{pool}",
        said=Said(
            "It failed", "Numbers do not send.", "We try.", "Mend it.", "tendlc explain +12025550001", "https://h"
        ),
        subjects=frozenset(subjects),
        unsaid=unsaid,
    )


async def firing(store: Store) -> dict[str, datetime]:
    alerts, _ = await store.alerts()
    return {one.condition.subject: one.firing_since for one in alerts if one.resolved_at is None}


async def test_a_condition_fires_while_it_holds(store: SqlStore) -> None:
    await store.judge(failing("a", "b"), at(1))
    await store.judge(failing("b", reason="odd"), at(2))

    assert await firing(store) == {"b": at(1)}
    (alert,), _ = await store.alerts()
    assert alert.condition.reason == "odd"


async def test_a_condition_that_comes_back_begins_anew(store: SqlStore) -> None:
    await store.judge(failing("a"), at(1))
    await store.judge(failing(), at(2))
    await store.judge(failing("a"), at(3))

    assert await firing(store) == {"a": at(3)}


async def test_a_judgement_resolves_only_what_it_covers(store: SqlStore) -> None:
    await store.judge(failing("a", "b") + failing("c", pool="other"), at(1))
    await store.judge(Judgement((Family(FAILED, POOL, "a"),)), at(2))

    assert set(await firing(store)) == {"b", "c"}


async def test_a_round_does_not_resolve_what_fired_while_it_looked(store: SqlStore) -> None:
    """It decided by what was known before, so that it found nothing wrong says nothing."""
    await store.judge(failing("old"), at(1))
    await store.judge(failing("new") + failing("old"), at(5))

    await store.reconciled(a_round(6, evidence=4, judgement=failing()))
    assert await firing(store) == {"new": at(5)}

    await store.reconciled(a_round(8, evidence=7, judgement=failing()))
    assert await firing(store) == {}


async def test_what_was_told_stays_until_its_resolve_is_told(store: SqlStore) -> None:
    await store.judge(failing("a", "b", "c"), at(1))
    await store.post((message("firing", "a", "b"),), at(2))
    await store.judge(failing(), at(3))

    alerts, groups = await store.alerts()
    assert [(one.condition.subject, one.resolved_at) for one in alerts] == [("a", at(3)), ("b", at(3))]
    assert groups == (Group("ops", FAILED, POOL, at(2), frozenset({"a", "b"}), Severity.WARNING, at(1)),)

    await store.post((message("resolved"),), at(4))
    assert await store.alerts() == ((), (Group("ops", FAILED, POOL, at(4), frozenset(), Severity.WARNING, None),))


async def test_an_end_stays_until_all_who_heard_of_the_beginning_know(store: SqlStore) -> None:
    await store.judge(failing("a"), at(1))
    await store.post((message("firing", "a"), message("firing", "a", to="audit")), at(2))
    await store.judge(failing(), at(3))

    await store.post((message("resolved"),), at(4))
    assert len((await store.alerts())[0]) == 1
    await store.post((message("resolved", to="audit"),), at(5))
    assert (await store.alerts())[0] == ()


async def test_what_nobody_was_told_of_leaves_no_trace(store: SqlStore) -> None:
    await store.judge(failing("a"), at(1))
    await store.judge(failing(), at(2))

    assert await store.alerts() == ((), ())


async def test_what_pends_is_listed_by_itself(store: SqlStore) -> None:
    waits = replace(failing("a").conditions[0], wait=timedelta(seconds=60))
    await store.judge(Judgement((), (waits,)), at(1))

    assert await store.alerts() == ((), ())
    (pending,) = await store.pending()
    assert (pending.condition.subject, pending.since, pending.fires_at) == ("a", at(1), at(61))


async def test_a_clock_that_was_put_back_lets_what_pends_wait_no_longer_than_it_must(store: SqlStore) -> None:
    waits = replace(failing("a").conditions[0], wait=timedelta(seconds=60))
    judgement = Judgement(failing().families, (waits,))
    await store.judge(judgement, at(3600))

    await store.judge(judgement, at(10))
    (pending,) = await store.pending()
    assert (pending.since, pending.fires_at) == (at(10), at(70))
    await store.judge(judgement, at(70))

    assert await firing(store) == {"a": at(70)}


async def test_an_end_without_a_word_takes_back_what_waits_to_be_said_of_the_group(store: SqlStore) -> None:
    await store.judge(failing("a"), at(1))
    await store.post((message("firing", "a"),), at(2))
    await store.judge(failing(), at(3))

    await store.post((message("resolved", unsaid=True),), at(4))

    assert await store.alerts() == ((), (Group("ops", FAILED, POOL, at(4), frozenset(), Severity.WARNING),))
    assert await store.waiting(at(9)) == frozenset()


async def test_how_restless_a_group_is_outlives_its_end_by_a_day(store: SqlStore) -> None:
    restless, day = Unrest(changes=2, returns=3), 86_400
    await store.post((replace(message("firing", "a"), unrest=restless),), at(1))
    await store.delivered(await take(store, 1), ARRIVED, at(1))
    await store.post((replace(message("resolved"), unrest=restless),), at(2))
    await store.delivered(await take(store, 2), ARRIVED, at(2))

    await store.post((message("firing", "a", pool="b"),), at(2 + day))
    ended, _ = (await store.alerts())[1]
    assert (ended.pool, ended.last_sent, ended.unrest) == (POOL, frozenset(), restless)

    await store.post((message("resolved", pool="b"),), at(3 + day))
    assert [one.pool for one in (await store.alerts())[1]] == ["b"]


async def test_an_end_that_waits_for_days_is_not_forgotten(store: SqlStore) -> None:
    day = 86_400
    await store.post((message("firing", "a"),), at(1))
    await store.delivered(await take(store, 1), ARRIVED, at(1))
    await store.post((message("resolved"),), at(2))

    await store.post((message("firing", "a", pool="b"),), at(2 * day))

    assert status_of(await take(store, 2 * day)) == ("resolved", POOL)


# Outbox: parcels.


def missed(seconds: float, *, failures: int = 1, holds_all: bool = True) -> Attempt:
    """Nobody was there."""
    return Attempt(at(seconds), failures, holds_all=holds_all, missed=True)


def lost(seconds: float) -> Attempt:
    """It may have arrived."""
    return Attempt(at(seconds), 1, holds_all=True)


ARRIVED = Attempt(None)


async def take(store: SqlStore, seconds: float, receiver: str = "ops") -> Parcel:
    parcel = await store.take_parcel(receiver, at(seconds))
    assert parcel is not None
    return parcel


def status_of(parcel: Parcel) -> tuple[str, str]:
    letter = json.loads(parcel.body)
    return letter["status"], letter["pool"]


async def test_a_message_goes_to_its_receiver(store: SqlStore) -> None:
    await store.post((message("firing", "a"),), at(2))

    assert await store.waiting(at(2)) == {"ops"}
    assert (await store.agenda(at(0))).parcels_at == at(2)
    assert await store.take_parcel("audit", at(2)) is None
    body = json.loads((await take(store, 2)).body)
    assert re.fullmatch("msg_[0-9a-f]{32}", body.pop("id"))
    assert body == {
        "format_version": "1",
        "status": "firing",
        "alert": "AssignmentFailed",
        "severity": "warning",
        "pool": "acme",
        "count": 1,
        "reasons": [{"reason": "full", "count": 2}, {"reason": "odd", "count": 1}],
        "examples": [{"subject": "+12025550001", "detail": "limit exceeded"}],
        "started_at": "2026-01-01T00:00:01Z",
        "sent_at": "2026-01-01T00:00:02Z",
        "dedup_key": "tendlc/AssignmentFailed/acme",
        "summary": "It failed. Numbers do not send. We try. Mend it.",
        "what": "It failed",
        "affected": "Numbers do not send.",
        "we_do": "We try.",
        "you_do": "Mend it.",
        "command": "tendlc explain +12025550001",
        "link": "https://h",
    }


async def test_every_message_has_an_id_of_its_own(store: SqlStore) -> None:
    ids = []
    for second, to in ((1, "ops"), (1, "audit"), (2, "ops"), (3, "audit")):
        await store.post((message("firing", "a", to=to),), at(second))
        ids.append(json.loads((await take(store, second, to)).body)["id"])

    assert len(set(ids)) == 4


async def test_a_parcel_is_delivered_or_put_off(store: SqlStore) -> None:
    await store.post((message("firing", "a"), message("firing", "a", to="audit")), at(2))
    ops, audit = await take(store, 2), await take(store, 2, "audit")
    await store.delivered(ops, ARRIVED, at(3))
    await store.delivered(audit, missed(30), at(3))

    assert await store.waiting(at(29)) == frozenset()
    assert await store.take_parcel("audit", at(29)) is None
    assert (await store.agenda(at(3))).parcels_at == at(30)
    assert await store.waiting(at(30)) == {"audit"}
    assert await take(store, 30, "audit") == replace(audit, attempts=1, failures=1)
    assert await store.take_parcel("ops", at(99)) is None


async def test_a_receiver_that_is_down_is_let_be_with_all_that_is_for_it(store: SqlStore) -> None:
    await store.post((message("firing", "x"), message("firing", "x", pool="b")), at(1))
    await store.delivered(await take(store, 1), missed(30), at(1))

    assert await store.take_parcel("ops", at(29)) is None
    await store.post((message("firing", "x", pool="c"),), at(29))
    assert await store.take_parcel("ops", at(29)) is None
    assert (await take(store, 30)).failures == 1


async def test_a_message_that_is_refused_holds_up_no_other(store: SqlStore) -> None:
    await store.post((message("firing", "x"), message("firing", "x", pool="b")), at(1))
    await store.delivered(await take(store, 1), missed(30, holds_all=False), at(1))

    other = await take(store, 2)
    assert (status_of(other), other.failures, other.attempts) == (("firing", "b"), 1, 0)
    await store.delivered(other, ARRIVED, at(2))
    again = await take(store, 30)
    assert (status_of(again), again.failures, again.attempts) == (("firing", POOL), 0, 1)


async def test_the_newest_of_what_waits_about_a_group_is_sent_alone(store: SqlStore) -> None:
    await store.post((message("firing", "a"),), at(1))
    await store.delivered(await take(store, 1), missed(30), at(1))
    await store.post((message("firing", "a", "b"),), at(5))

    newest = await take(store, 30)

    assert json.loads(newest.body)["count"] == 2
    await store.delivered(newest, ARRIVED, at(30))
    assert (await store.counts()).parcels_waiting == 0


async def test_of_a_beginning_that_never_arrived_and_its_end_neither_is_sent(store: SqlStore) -> None:
    await store.post((message("firing", "a"),), at(1))
    await store.delivered(await take(store, 1), missed(30), at(1))
    await store.post((message("resolved"),), at(5))

    assert await store.take_parcel("ops", at(30)) is None
    assert (await store.counts()).parcels_waiting == 0
    assert (await store.alerts())[1] == ()


@pytest.mark.parametrize("attempt", [lost(30), None], ids=["lost", "killed"])
async def test_of_a_beginning_that_may_have_arrived_the_end_is_sent(store: SqlStore, attempt: Attempt | None) -> None:
    await store.post((message("firing", "a"),), at(1))
    parcel = await take(store, 1)
    if attempt is not None:
        await store.delivered(parcel, attempt, at(1))
    await store.post((message("resolved"),), at(5))

    assert status_of(await take(store, 30)) == ("resolved", POOL)


async def test_an_end_that_waits_gives_way_to_a_new_beginning_which_is_an_update_then(store: SqlStore) -> None:
    await store.post((message("firing", "a"),), at(1))
    await store.delivered(await take(store, 1), ARRIVED, at(1))
    await store.post((message("resolved"),), at(2))
    await store.delivered(await take(store, 2), missed(30), at(2))
    await store.post((message("firing", "a"),), at(3))

    again = await take(store, 30)
    assert (status_of(again), again.is_first) == (("firing", POOL), False)
    await store.delivered(again, missed(60), at(30))
    await store.post((message("resolved"),), at(40))
    assert status_of(await take(store, 60)) == ("resolved", POOL)  # it knows of the first beginning


async def test_after_its_end_arrived_a_group_begins_anew(store: SqlStore) -> None:
    for second, status in enumerate(("firing", "resolved", "firing"), start=1):
        await store.post((message(status, *(["a"] if status == "firing" else [])),), at(second))
        parcel = await take(store, second)
        assert parcel.is_first is (status == "firing")
        await store.delivered(parcel, ARRIVED, at(second))

    _, (group,) = await store.alerts()
    assert group.last_sent == {"a"}


async def test_an_end_that_was_posted_while_the_beginning_was_under_way_waits_for_its_outcome(store: SqlStore) -> None:
    await store.post((message("firing", "a"),), at(1))
    parcel = await take(store, 1)
    await store.post((message("resolved"),), at(2))
    await store.delivered(parcel, missed(10), at(3))

    assert await store.take_parcel("ops", at(10)) is None
    assert (await store.alerts())[1] == ()


async def test_a_clock_that_was_put_back_holds_no_message(store: SqlStore) -> None:
    await store.post((message("firing", "a"),), at(3600))

    assert await store.waiting(at(10)) == {"ops"}
    parcel = await take(store, 10)
    await store.delivered(parcel, missed(20, holds_all=False), at(10))

    assert await store.take_parcel("ops", at(19)) is None
    assert await take(store, 20) == replace(parcel, attempts=1, failures=1)


@pytest.mark.parametrize("holds_all", [True, False])
async def test_a_clock_that_was_put_back_holds_no_further_attempt(store: SqlStore, *, holds_all: bool) -> None:
    await store.post((message("firing", "a"),), at(1))
    await store.delivered(await take(store, 1), missed(3900, holds_all=holds_all), at(3600))

    assert await store.waiting(at(3600)) == frozenset()
    assert await store.waiting(at(10)) == {"ops"}
    again = await take(store, 10)
    await store.delivered(again, missed(310, holds_all=holds_all), at(10))

    assert await store.waiting(at(10)) == frozenset()
    assert await store.take_parcel("ops", at(10)) is None
    assert await store.waiting(at(310)) == {"ops"}


@pytest.mark.covers("F-72")
async def test_a_full_outbox_drops_the_oldest_and_counts(store: SqlStore) -> None:
    messages = tuple(message("firing", "x", pool=f"p{index}") for index in range(1003))
    await store.post(messages, at(1))
    await store.post((message("firing", "x", pool="p0"), message("firing", "x", to="audit")), at(2))

    assert ((await store.counts()).parcels_waiting, await store.dropped_parcels()) == (1001, 4)
    assert status_of(await take(store, 2)) == ("firing", "p4")


# Outbox: receivers.

UNREACHED = AlertName.NOTIFICATION_FAILED


def failing_receiver(name: str = "ops") -> Judgement:
    return Judgement((Family(UNREACHED, "", name),), (Condition(UNREACHED, "", name, "unreachable", "nobody there"),))


async def test_that_a_receiver_keeps_failing_is_written_with_the_failure(store: SqlStore) -> None:
    await store.post((message("firing", "a"),), at(1))
    await store.delivered(await take(store, 1), replace(missed(30), judgement=failing_receiver()), at(1))
    assert await firing(store) == {"ops": at(1)}

    arrived = replace(ARRIVED, judgement=Judgement((Family(UNREACHED, "", "ops"),)))
    await store.delivered(await take(store, 30), arrived, at(30))
    assert await firing(store) == {}


async def keeps_failing(store: SqlStore) -> Parcel:
    """One message waits for a receiver that keeps failing, and is under way to it again."""
    await store.post((message("firing", "a"),), at(1))
    await store.delivered(await take(store, 1), replace(missed(30), judgement=failing_receiver()), at(1))
    assert await firing(store) == {"ops": at(1)}
    return await take(store, 30)


async def test_what_is_withdrawn_from_a_receiver_that_fails_ends_its_alert(store: SqlStore) -> None:
    under_way = await keeps_failing(store)

    await store.post((message("resolved", unsaid=True),), at(31))
    assert await firing(store) == {}
    await store.delivered(under_way, replace(missed(60), failures=9, judgement=failing_receiver()), at(32))

    assert await firing(store) == {}
    (unreached,) = await store.unreached()
    assert (unreached.receiver, unreached.waiting) == ("ops", 0)


async def test_what_is_withdrawn_and_arrives_all_the_same_shows_that_its_receiver_is_back(store: SqlStore) -> None:
    under_way = await keeps_failing(store)

    await store.post((message("resolved", unsaid=True),), at(31))
    await store.delivered(under_way, ARRIVED, at(32))

    assert await store.unreached() == ()


async def test_a_receiver_that_has_missed_beginning_and_end_has_nothing_more_to_fail_by(store: SqlStore) -> None:
    await store.delivered(await keeps_failing(store), missed(60), at(31))
    await store.post((message("resolved"),), at(40))
    assert await firing(store) == {"ops": at(1)}

    assert await store.take_parcel("ops", at(60)) is None

    assert await firing(store) == {}


async def test_another_message_that_waits_keeps_the_alert_of_its_receiver(store: SqlStore) -> None:
    await keeps_failing(store)
    await store.post((message("firing", "b", pool="zeta"),), at(30))

    await store.post((message("resolved", unsaid=True),), at(31))

    assert await firing(store) == {"ops": at(1)}


async def test_a_store_that_kept_such_an_alert_is_rid_of_it_at_the_next_start(store: SqlStore) -> None:
    await store.judge(failing_receiver(), at(1))

    await store.retain(["ops"], [], at(2))

    assert await firing(store) == {}


async def test_a_receiver_that_left_the_config_is_forgotten(store: SqlStore) -> None:
    await store.judge(failing("a"), at(1))
    await store.post((message("firing", "a"), message("firing", "a", to="audit")), at(1))
    under_way = await take(store, 1)
    await store.delivered(under_way, replace(missed(30), judgement=failing_receiver()), at(1))
    under_way = await take(store, 30)

    await store.retain(["audit"], [], at(31))
    await store.delivered(under_way, replace(missed(60), judgement=failing_receiver()), at(32))

    alerts, groups = await store.alerts()
    assert [one.condition.alert for one in alerts] == [FAILED]
    assert [one.receiver for one in groups] == ["audit"]
    assert await store.waiting(at(99)) == {"audit"}
    assert not [key for key in await store.notes() if "ops" in key]


async def test_what_only_a_receiver_that_left_knew_of_is_forgotten_with_it(store: SqlStore) -> None:
    await store.judge(failing("a"), at(1))
    await store.post((message("firing", "a"),), at(1))
    await store.judge(failing(), at(2))

    await store.retain([], [], at(3))

    assert await store.alerts() == ((), ())


async def test_what_waits_for_a_receiver_that_was_changed_is_due_at_once(store: SqlStore) -> None:
    await store.post((message("firing", "a"), message("firing", "a", to="audit")), at(1))
    for receiver in ("ops", "audit"):
        await store.delivered(await take(store, 1, receiver), missed(300), at(1))

    await store.retain(["ops", "audit"], ["ops"], at(2))

    assert await store.waiting(at(2)) == {"ops"}
    assert (await take(store, 2)).failures == 1


# For people.


async def test_notes_are_remembered(store: SqlStore) -> None:
    await store.note_config("abc", at(1))
    notes = await store.notes()
    assert notes.pop("epoch")
    good = {"config_valid": True, "config_digest": "abc", "config_loaded_at": at(1).isoformat()}
    assert notes == good

    await store.note_config(None, at(2))
    assert {**await store.notes(), "epoch": None} == {**good, "config_valid": False, "epoch": None}


async def test_counts(store: SqlStore) -> None:
    counts = await store.counts()
    assert (counts.last_received_at, counts.quarantined) == (None, 0)

    await store.receive("e1", b"d1", b"{}", at(1), "")
    await store.receive("e2", b"d2", b"{}", at(2), "flaw")

    counts = await store.counts()
    assert (counts.last_received_at, counts.quarantined) == (at(2), 1)


async def test_the_timeline_ends_with_the_newest(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1), assign(2)))
    operation = await claimed(store, 2)
    await record(store, operation, Retry(at(9), Reason.TELNYX_UNAVAILABLE, "503"), 3)

    last = await store.timeline(number(1), 2)
    assert [(one.what, one.at, one.ref) for one in last] == [
        ("intent", at(2), f"operation {operation.id}"),
        ("retry", at(3), f"operation {operation.id}"),
    ]
    assert last[1].detail == "telnyx_unavailable: 503"


# Many callers.


async def test_many_callers_are_all_answered_right(store: SqlStore) -> None:
    """200 at once: 100 events, each sent twice. Every event is kept once, and exactly one of its senders was first."""
    first: list[str] = []

    async def send(event_id: str) -> None:
        if await store.receive(event_id, event_id.encode(), b"{}", at(1), ""):
            first.append(event_id)

    async with anyio.create_task_group() as group:
        for index in range(200):
            group.start_soon(send, f"e{index % 100}")

    assert sorted(first) == sorted(f"e{index}" for index in range(100))
    kept = await store.events(500)
    assert len(kept) == 100
    assert {event.duplicates for event in kept} == {1}


async def test_one_bad_job_fails_alone(store: SqlStore) -> None:
    await store.reconciled(a_round(1, assign(1)))
    operation = await claimed(store, 1)
    await record(store, operation, Wait(), 2)
    lost = 0

    async def late() -> None:
        nonlocal lost
        try:
            await record(store, operation, Done(End.DONE), 3)
        except LeaseLost:
            lost += 1

    async with anyio.create_task_group() as group:
        for index in range(60):
            group.start_soon(store.receive, f"e{index}", b"d", b"{}", at(1), "")
            if index % 20 == 0:
                group.start_soon(late)

    assert lost == 3
    assert len(await store.unread_events(100)) == 60


async def test_claims_at_once_are_of_different_operations(store: SqlStore) -> None:
    await store.reconciled(a_round(1, *(assign(index) for index in range(30))))
    taken: list[Operation] = []

    async def work() -> None:
        while (operation := await store.claim(at(2), LEASE)) is not None:
            taken.append(operation)

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(work)

    assert sorted(one.number for one in taken) == [number(index) for index in range(30)]


async def test_what_is_asked_while_a_round_answers_is_due_when_it_says(store: SqlStore) -> None:
    """A trigger in hand does not lend its time to what is asked meanwhile: else every look would cause the next."""
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)),))
    taken = await store.due_triggers(at(1), 10)
    await store.take(taken)
    await store.ask((Trigger(CAMPAIGN, Cause.CONFIRM, at(5)),))
    await store.ask((Trigger(CAMPAIGN, Cause.CONFIRM, at(4)),))
    await store.reconciled(a_round(2, asked=taken))

    assert await store.due_triggers(at(3), 10) == ()
    (one,) = await store.due_triggers(at(4), 10)
    assert (one.subject, one.cause, one.since) == (CAMPAIGN, Cause.CONFIRM, at(4))


async def test_a_trigger_in_hand_is_given_out_again_if_no_round_answers_it(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)),))
    first = await store.due_triggers(at(1), 10)
    await store.take(first)
    assert await store.due_triggers(at(2), 10) == first != ()


async def test_what_is_due_and_not_taken_keeps_its_cause_and_time(store: SqlStore) -> None:
    """A round takes some of what is due; the rest must not lose its urgency to what a sweep asks meanwhile."""
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)), Trigger(OTHER, Cause.SWEEP, at(1))))
    asked = await store.due_triggers(at(1), 10)
    await store.take(asked[1:])
    await store.ask((Trigger(CAMPAIGN, Cause.SWEEP, at(9)), Trigger(OTHER, Cause.SWEEP, at(9))))

    (one,) = await store.due_triggers(at(2), 10)
    assert (one.subject, one.cause, one.since) == (CAMPAIGN, Cause.EVENT, at(1))


@pytest.mark.parametrize("others", [(Cause.SWEEP, Cause.CONFIRM), (Cause.CONFIRM, Cause.SWEEP)])
async def test_a_sweep_stays_a_sweep_while_numbers_are_awaited(store: SqlStore, others: tuple[Cause, Cause]) -> None:
    """Numbers may be pending for days, and be listed all the while: selections and profiles must still be read."""
    for cause in others:
        await store.ask((Trigger(CAMPAIGN, cause, at(1)),))

    (one,) = await store.due_triggers(at(1), 10)
    assert one.cause is Cause.SWEEP


async def test_what_is_postponed_is_not_put_off_further_by_a_later_question(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)),))
    asked = await store.due_triggers(at(1), 10)
    await store.take(asked)
    await store.reconciled(a_round(2, asked=asked, postponed=((asked[0], at(20)),)))
    await store.ask((Trigger(CAMPAIGN, Cause.CONFIRM, at(600)),))

    assert [one.since for one in await store.due_triggers(at(20), 10)] == [at(1)]


async def test_what_a_failed_round_let_go_keeps_its_time(store: SqlStore) -> None:
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(1)),))
    await store.take(await store.due_triggers(at(1), 10))
    await store.let_go()
    await store.ask((Trigger(CAMPAIGN, Cause.CONFIRM, at(600)),))

    (one,) = await store.due_triggers(at(2), 10)
    assert (one.cause, one.since) == (Cause.EVENT, at(1))


async def test_what_was_asked_until_a_round_takes_it_is_answered_by_that_round(store: SqlStore) -> None:
    """Between finding what is due and taking it others go on asking: that must not make the next round due at once."""
    await store.ask((Trigger(CAMPAIGN, Cause.CONFIRM, at(1)),))
    due = await store.due_triggers(at(1), 10)
    await store.ask((Trigger(CAMPAIGN, Cause.EVENT, at(2)),))
    taken = await store.take(due)
    await store.reconciled(a_round(3, asked=taken))

    assert [one.cause for one in taken] == [Cause.EVENT]

    assert await store.due_triggers(at(9), 10) == ()
