"""Alerts of the service as a whole: Telnyx's API, webhooks, the queue."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.vitals import holds, of_service
from reconciler.model.alerts import AlertName, Condition, Severity
from reconciler.model.epochs import Epoch, Origin
from reconciler.model.health import Health, Holds, Ledger, Unsigned, Unusable, Vitals
from reconciler.model.standing import Freeze
from tests.builders import HOUR, MINUTE, NOW, SECOND, a_halt

API, UNSIGNED, SILENT, QUARANTINED, STALLED = (
    AlertName.TELNYX_API_UNAVAILABLE,
    AlertName.WEBHOOK_SIGNATURE_FAILURES,
    AlertName.WEBHOOKS_SILENT,
    AlertName.WEBHOOK_QUARANTINED,
    AlertName.QUEUE_STALLED,
)
LONG_AGO = NOW - 99 * HOUR
FREE = Holds(frozenset(), LONG_AGO)
WELL = Vitals(Health(succeeded_at=NOW), Unsigned(LONG_AGO), Ledger(), FREE, NOW)


def held(vitals: Vitals, name: AlertName) -> tuple[Condition, ...] | None:
    """What holds of this alert; None: it is not judged, so what was said stands."""
    judgement = of_service(vitals)
    found = tuple(one for one in judgement.conditions if one.alert is name)
    return found if any(family.alert is name for family in judgement.families) else None


def fires(vitals: Vitals, name: AlertName) -> bool | None:
    """Whether it holds; None: not judged."""
    found = held(vitals, name)
    return None if found is None else bool(found)


def test_a_service_that_is_well_resolves_everything() -> None:
    judgement = of_service(WELL)

    assert {family.alert for family in judgement.families} == {
        *(API, UNSIGNED, SILENT, QUARANTINED, STALLED),
        *(AlertName.STORE_RESTORED, AlertName.STORE_LOST),
    }
    assert judgement.conditions == ()


@pytest.mark.parametrize(
    ("health", "verdict"),
    [
        (Health(), None),
        (Health(NOW), False),
        (Health(NOW - HOUR, NOW - 5 * MINUTE + SECOND), None),
        (Health(NOW - HOUR, NOW - 5 * MINUTE), True),
        (Health(None, NOW - 5 * MINUTE), True),
    ],
    ids=["just started", "answers", "fails lately", "fails", "never answered"],
)
def test_telnyx_is_unavailable_after_five_minutes_without_an_answer(health: Health, verdict: bool | None) -> None:
    assert fires(replace(WELL, health=health), API) is verdict


def test_the_failure_is_told_with_its_beginning() -> None:
    down = replace(WELL, health=Health(None, NOW - HOUR, "no connection"))

    assert held(down, API) == (
        Condition(API, "", "", "telnyx_unavailable", "since 2026-11-23 11:00 UTC: no connection"),
    )


def unsigned(*ages: timedelta, since: datetime = LONG_AGO) -> Vitals:
    """Webhooks that were refused so long ago."""
    return replace(WELL, unsigned=Unsigned(since, tuple(NOW - age for age in ages), "mismatch"))


MINUTES = [n * MINUTE for n in range(100)]


@pytest.mark.parametrize(
    ("vitals", "verdict"),
    [
        (unsigned(*reversed(MINUTES[:6])), True),
        (unsigned(*reversed(MINUTES[:5])), None),
        (unsigned(*reversed(MINUTES[24:30])), True),
        (unsigned(*reversed(MINUTES[25:31])), True),
        (unsigned(*reversed(MINUTES[30:36])), False),
        (unsigned(*(n * MINUTE for n in (12, 8, 6, 4, 2, 0))), None),
        (unsigned(*(n * MINUTE for n in (10, 8, 6, 4, 2, 0))), True),
        (unsigned(), False),
        (unsigned(since=NOW - 30 * MINUTE), False),
        (unsigned(since=NOW - 30 * MINUTE + SECOND), None),
    ],
)
def test_more_than_five_in_ten_minutes_fire_until_half_an_hour_of_quiet_was_seen(
    vitals: Vitals, verdict: bool | None
) -> None:
    assert fires(vitals, UNSIGNED) is verdict


@pytest.mark.parametrize(
    ("ledger", "verdict"),
    [
        (Ledger(LONG_AGO, NOW - 24 * HOUR, NOW - HOUR), True),
        (Ledger(LONG_AGO, NOW - 24 * HOUR + SECOND, NOW - HOUR), False),
        (Ledger(LONG_AGO, NOW - 24 * HOUR, NOW - 25 * HOUR), False),
        (Ledger(LONG_AGO, NOW - 24 * HOUR, None), False),
        (Ledger(LONG_AGO, None, NOW - HOUR), True),
        (Ledger(NOW - 23 * HOUR, None, NOW - HOUR), False),
        (Ledger(), False),
    ],
)
def test_silence_matters_where_there_was_something_to_tell(ledger: Ledger, *, verdict: bool) -> None:
    assert fires(replace(WELL, ledger=ledger), SILENT) is verdict


def test_each_event_that_nobody_looked_at_is_one() -> None:
    unusable = (Unusable(9, "same id, different data"), Unusable(7, "not JSON"))

    found = held(replace(WELL, ledger=Ledger(unusable=unusable)), QUARANTINED)

    assert found is not None
    assert [(one.subject, one.detail) for one in found] == [("9", "same id, different data"), ("7", "not JSON")]


LATE = NOW - 15 * MINUTE


def queued(*, due_at: datetime | None = None, doubted_at: datetime | None = None) -> Vitals:
    """What has been due since then."""
    return replace(WELL, ledger=Ledger(due_at=due_at, doubted_at=doubted_at))


@pytest.mark.parametrize(
    ("vitals", "fires_now"),
    [
        (queued(due_at=LATE), True),
        (queued(due_at=LATE + SECOND), False),
        (queued(doubted_at=LATE), True),
        (queued(), False),
        (replace(queued(due_at=LATE), holds=Holds(frozenset({"halt"}), LATE)), False),
        (replace(queued(due_at=LONG_AGO), holds=Holds(frozenset(), LATE + SECOND)), False),
        (replace(queued(due_at=LONG_AGO), holds=Holds(frozenset(), LATE)), True),
        (replace(queued(doubted_at=LATE), holds=Holds(frozenset({"window"}), LATE)), True),
        (replace(WELL, ledger=Ledger(doubted_at=LATE, halt=a_halt())), False),
    ],
)
def test_what_has_been_due_for_a_quarter_of_an_hour_is_late_unless_it_was_held(
    vitals: Vitals, *, fires_now: bool
) -> None:
    assert fires(vitals, STALLED) is fires_now


@pytest.mark.parametrize(
    ("worked_at", "level", "reason"),
    [(None, Severity.CRITICAL, "stalled"), (LATE, Severity.CRITICAL, "stalled"), (NOW, Severity.WARNING, "late")],
)
def test_a_long_queue_that_moves_wakes_nobody(worked_at: datetime | None, level: Severity, reason: str) -> None:
    """Ten thousand numbers at two calls a second take longer than that."""
    (condition,) = held(replace(WELL, ledger=Ledger(due_at=LATE, worked_at=worked_at)), STALLED) or ()

    assert (condition.level, condition.reason) == (level, reason)


FROZEN = Freeze("*", LONG_AGO, "a drill", until=NOW + MINUTE)


@pytest.mark.parametrize(
    ("ledger", "opens_at", "expected"),
    [
        (Ledger(), None, set()),
        (Ledger(halt=a_halt()), None, {"halt"}),
        (Ledger(freezes=(FROZEN,)), None, {"freeze"}),
        (Ledger(freezes=(replace(FROZEN, until=NOW),)), None, set()),
        (Ledger(freezes=(replace(FROZEN, until=None),)), NOW, {"freeze", "window"}),
    ],
)
def test_what_holds_operations_is_seen_when_it_changes(
    ledger: Ledger, opens_at: datetime | None, expected: set[str]
) -> None:
    before = Holds(frozenset(expected), LONG_AGO)
    other = Holds(frozenset({"something else"}), LONG_AGO)

    assert holds(before, ledger, opens_at, now=NOW) is before
    assert holds(other, ledger, opens_at, now=NOW) == Holds(frozenset(expected), NOW)


TIMES = st.none() | st.integers(0, 2000).map(lambda minutes: NOW - minutes * MINUTE)


@given(
    st.builds(Health, TIMES, TIMES),
    st.builds(
        Ledger,
        first_run_at=TIMES,
        webhook_at=TIMES,
        changed_at=TIMES,
        due_at=TIMES,
        doubted_at=TIMES,
        worked_at=TIMES,
        halt=st.none() | st.just(a_halt()),
    ),
    st.lists(st.integers(0, 60), max_size=6).map(sorted),
)
def test_whatever_fires_is_resolved_by_a_service_that_is_well(health: Health, ledger: Ledger, ages: list[int]) -> None:
    ill = replace(WELL, health=health, ledger=ledger, unsigned=unsigned(*(n * MINUTE for n in reversed(ages))).unsigned)

    said, over = of_service(ill), of_service(WELL)

    assert all(any(family.covers(one) for family in over.families) for one in said.conditions)
    assert all(one.pool == "" and any(family.covers(one) for family in said.families) for one in said.conditions)


@pytest.mark.parametrize(
    ("cause", "name", "other"),
    [
        (Origin.RESTORED, AlertName.STORE_RESTORED, AlertName.STORE_LOST),
        (Origin.LOST, AlertName.STORE_LOST, AlertName.STORE_RESTORED),
    ],
)
def test_a_store_that_is_not_as_it_was_left_is_told_of_for_a_day(
    cause: Origin, name: AlertName, other: AlertName
) -> None:
    def after(span: timedelta) -> Vitals:
        return replace(WELL, ledger=Ledger(epoch=Epoch(2, cause, NOW - span)))

    assert fires(after(timedelta()), name) is True
    assert fires(after(timedelta()), other) is False
    assert fires(after(24 * HOUR - SECOND), name) is True
    assert fires(after(24 * HOUR), name) is False


def test_a_new_store_and_one_that_no_service_started_on_are_not_told_of() -> None:
    for epoch in (Epoch(1, Origin.NEW, NOW), Epoch(2, Origin.LOST)):
        told = replace(WELL, ledger=Ledger(epoch=epoch))
        assert not fires(told, AlertName.STORE_LOST)
        assert not fires(told, AlertName.STORE_RESTORED)
