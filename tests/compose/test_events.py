"""One batch of events: the looks that it causes."""

from collections.abc import Iterable

from reconciler.compose.events import QUARANTINE_WAIT, caused
from reconciler.model.events import (
    EVERYTHING,
    Cause,
    Event,
    EventState,
    Finished,
    Reading,
    StoredEvent,
    Subject,
    Trigger,
)
from reconciler.model.patience import Awaited
from tests.builders import (
    CAMPAIGN,
    NOW,
    NUMBER,
    PATIENCE,
    SECOND,
    desired,
)


def finished(*looks: Subject, state: EventState = EventState.PROCESSED) -> Finished:
    """An event that was read."""
    return Finished(StoredEvent(1, "e1", NOW, b"{}"), Event(), Reading(state, "", "", looks))


AWAITED = Awaited(CAMPAIGN, unsettled=1, unseen=0, queued=0, changed_at=NOW - 90 * SECOND)


def triggers_of(*events: Finished, awaited: Iterable[Awaited] = ()) -> tuple[Trigger, ...]:
    """The triggers that events cause."""
    return caused(desired(), events, awaited, now=NOW, patience=PATIENCE)


def test_an_approval_looks_at_its_campaign_at_once() -> None:
    assert triggers_of(finished(CAMPAIGN), awaited=[AWAITED]) == (Trigger(CAMPAIGN, Cause.EVENT, NOW),)


def test_an_event_about_a_settled_number_looks_at_it_at_once() -> None:
    assert triggers_of(finished(NUMBER)) == (Trigger(NUMBER, Cause.EVENT, NOW),)


def test_an_event_about_an_awaited_number_brings_the_next_listing_forward() -> None:
    assert triggers_of(finished(NUMBER), awaited=[AWAITED]) == (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + SECOND),)


def test_a_hundred_events_about_one_campaign_are_one_look() -> None:
    assert triggers_of(*[finished(CAMPAIGN)] * 100) == (Trigger(CAMPAIGN, Cause.EVENT, NOW),)


def test_a_body_that_cannot_be_read_looks_everywhere_a_little_later() -> None:
    unreadable = finished(EVERYTHING, state=EventState.QUARANTINED)

    assert triggers_of(unreadable) == (Trigger(EVERYTHING, Cause.SWEEP, NOW + QUARANTINE_WAIT),)


def test_an_event_about_nothing_of_ours_causes_nothing() -> None:
    assert triggers_of(finished()) == ()
