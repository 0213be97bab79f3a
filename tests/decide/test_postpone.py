"""What could not be seen is looked at again, soon at first, then about once a minute; nothing is dropped."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.postpone import postpone
from reconciler.model.drift import Drift, Missing, Unproven
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.model.fleet import AssignmentState, Observed
from reconciler.model.memory import Asked
from reconciler.model.standing import Halt
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
    POOL,
    SECOND,
    a_fault,
    a_halt,
    a_listing,
    a_look,
    a_pool,
    a_single,
    an_assignment,
    asked,
    desired,
)

WANTED = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN))
BROKEN = a_look(faults=[(CAMPAIGN, a_fault())])
UNPROVEN = Unproven(NUMBER, POOL, CAMPAIGN, "last seen there")
Postponed = tuple[tuple[tuple[Asked, datetime], ...], tuple[Trigger, ...]]


def after(
    *asks: Asked, look: Observed, drifts: tuple[Drift, ...] = (), halt: Halt | None = None, draw: float = 0.0
) -> Postponed:
    """What is put off, and what is asked anew."""
    return postpone(asks, WANTED, look, drifts, halt, now=NOW, patience=PATIENCE, draw=draw)


def test_what_was_seen_is_answered() -> None:
    look = a_look(a_listing(), a_listing(campaign=FOREIGN))

    assert after(asked(), asked(NUMBER), asked(CAMPAIGN), look=look) == ((), ())


@pytest.mark.parametrize("one", [asked(CAMPAIGN, Cause.EVENT), asked(NUMBER, Cause.EVENT)])
def test_what_could_not_be_read_keeps_its_row_and_waits(one: Asked) -> None:
    assert after(one, look=BROKEN) == (((one, NOW + SECOND / 2),), ())


@pytest.mark.parametrize(("waited", "most"), [(0, 1), (8, 8), (3600, 60)])
def test_it_waits_about_as_long_again_up_to_a_minute(waited: int, most: int) -> None:
    one = asked(CAMPAIGN, since=NOW - waited * SECOND)

    ((_, soonest),), _ = after(one, look=BROKEN, draw=0.0)
    ((_, latest),), _ = after(one, look=BROKEN, draw=1.0)

    assert (soonest, latest) == (NOW + SECOND / 2, NOW + SECOND / 2 + most * SECOND)


def test_a_sweep_is_asked_again_only_where_it_failed() -> None:
    look = a_look(a_listing(campaign=FOREIGN), faults=[(CAMPAIGN, a_fault())])

    assert after(asked(), look=look) == ((), (Trigger(CAMPAIGN, Cause.SWEEP, NOW + SECOND / 2),))


def test_while_halted_one_probe_looks_everywhere() -> None:
    halt = a_halt(probe_at=NOW + MINUTE)

    assert after(asked(), asked(CAMPAIGN), look=BROKEN, halt=halt) == (
        (),
        (Trigger(EVERYTHING, Cause.PROBE, NOW + MINUTE),),
    )


def test_a_probe_that_is_overdue_comes_in_a_minute() -> None:
    """Never at once: what looked nowhere would be asked again at once, for ever."""
    _, (trigger,) = after(asked(), look=a_look(), halt=a_halt(probe_at=NOW))

    assert trigger.due_at == NOW + MINUTE


def test_a_number_whose_absence_is_not_shown_is_looked_at_after_the_settle_window() -> None:
    """Known before or not: a listing that never adds up must not keep it waiting for ever."""
    look = a_look(a_listing())

    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + MINUTE),))


def test_while_single_reads_go_on_the_next_ones_follow_soon() -> None:
    """More were in doubt than one round reads: five hundred removed by hand are healed in minutes."""
    look = a_look(a_listing(), singles=[a_single(OTHER)])

    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + SECOND),))


def test_a_number_that_was_seen_in_between_is_left_to_the_pace_of_looks() -> None:
    look = a_look(a_listing(an_assignment(state=AssignmentState.UNASSIGN_FAILED)))

    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), ())


def test_a_number_in_doubt_on_a_campaign_that_failed_waits_with_it() -> None:
    look = a_look(a_listing(complete=False), faults=[(CAMPAIGN, a_fault())])

    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), (Trigger(CAMPAIGN, Cause.SWEEP, NOW + SECOND / 2),))


def test_other_drift_needs_no_second_look() -> None:
    assert after(asked(), look=a_look(a_listing()), drifts=(Missing(NUMBER, POOL, CAMPAIGN),)) == ((), ())


SUBJECTS = st.sampled_from([EVERYTHING, CAMPAIGN, FOREIGN, NUMBER, OTHER])
ASKS = st.builds(asked, SUBJECTS, st.sampled_from(Cause), st.integers(0, 9999).map(lambda s: NOW - s * SECOND))


@given(
    asks=st.lists(ASKS, min_size=1, unique_by=lambda one: str(one.subject)),
    failed=st.sets(st.sampled_from([CAMPAIGN, FOREIGN])),
    draw=st.floats(0, 1, exclude_max=True),
)
def test_every_question_about_what_failed_comes_again_within_a_minute_and_a_half(
    *, asks: list[Asked], failed: set[str], draw: float
) -> None:
    late, again = after(*asks, look=a_look(faults=[(campaign, a_fault()) for campaign in failed]), draw=draw)

    homes = {EVERYTHING: {CAMPAIGN, FOREIGN}, CAMPAIGN: {CAMPAIGN}, NUMBER: {CAMPAIGN}}
    covered = {home for one, _ in late for home in homes.get(one.subject, {FOREIGN})} | {one.subject for one in again}
    wanted = {home for one in asks for home in homes.get(one.subject, {FOREIGN})}
    assert covered == wanted & failed
    times = [at for _, at in late] + [one.due_at for one in again]
    assert all(NOW < at < NOW + HOUR / 40 for at in times)
