"""One listing tells of many numbers, so it waits for them; and it comes, however little changes."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.pace import pace
from reconciler.model.patience import Awaited
from tests.builders import CAMPAIGN, HOUR, MINUTE, NOW, PATIENCE, SECOND

AWAITED = Awaited(CAMPAIGN, unsettled=1, unseen=1, queued=0, changed_at=NOW)


def at(awaited: Awaited, *, hinted: bool = False) -> datetime:
    """When the next listing is due."""
    return pace(awaited, hinted=hinted, now=NOW, patience=PATIENCE)


def test_it_comes_ever_more_seldom_after_the_last_change_and_then_every_ten_minutes() -> None:
    seconds: list[float] = []
    now = NOW
    while len(seconds) < 12:
        now = pace(AWAITED, hinted=False, now=now, patience=PATIENCE)
        seconds.append((now - NOW).total_seconds())

    assert seconds == [1, 2, 5, 10, 20, 40, 80, 160, 320, 600, 1200, 1800]


def test_a_number_that_no_listing_shows_is_not_listed_for_more_often() -> None:
    assert at(replace(AWAITED, changed_at=NOW - HOUR, unseen=500)) == NOW + 10 * MINUTE


def test_a_change_starts_the_waits_anew() -> None:
    assert at(replace(AWAITED, changed_at=NOW)) == NOW + SECOND


def test_a_listing_is_never_due_at_once() -> None:
    assert at(replace(AWAITED, changed_at=NOW - SECOND * 1.5)) == NOW + SECOND


def test_while_writes_go_out_it_waits_for_them() -> None:
    assert at(replace(AWAITED, queued=500, unseen=3)) == NOW + 10 * MINUTE
    assert at(replace(AWAITED, queued=500, unseen=3), hinted=True) == NOW + 10 * MINUTE


def test_while_writes_go_out_a_full_batch_is_looked_at() -> None:
    assert at(replace(AWAITED, queued=500, unseen=25)) == NOW + SECOND


def test_an_event_brings_it_forward_and_gathers_a_second_of_events() -> None:
    late = replace(AWAITED, changed_at=NOW - 400 * SECOND)

    assert at(late) == NOW + 200 * SECOND
    assert at(late, hinted=True) == NOW + SECOND


AGES = st.integers(0, 86_400).map(lambda seconds: timedelta(seconds=seconds))


@given(
    awaited=st.builds(
        Awaited,
        campaign=st.just(CAMPAIGN),
        unsettled=st.integers(1, 1000),
        unseen=st.integers(0, 1000),
        queued=st.integers(0, 1000),
        changed_at=AGES.map(lambda age: NOW - age),
    ),
    hinted=st.booleans(),
)
def test_the_next_listing_is_never_in_the_past_nor_further_than_ten_minutes(*, awaited: Awaited, hinted: bool) -> None:
    due = at(awaited, hinted=hinted)

    assert NOW <= due <= NOW + 10 * MINUTE
    assert at(awaited, hinted=True) <= at(awaited)
