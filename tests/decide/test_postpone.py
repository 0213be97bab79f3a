"""What could not be seen is looked at again, soon at first, then about once a minute; nothing is dropped."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.doubt import MOST_SINGLE_READS
from reconciler.decide.inquire import MOST_RECORDS
from reconciler.decide.postpone import MANY_READS, postpone
from reconciler.model.drift import Drift, Missing, Unproven
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.model.fleet import AssignmentState, Observed
from reconciler.model.lines import ByProfile, ByTags, Line
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
    OTHER_PROFILE,
    PATIENCE,
    POOL,
    PROFILE,
    SECOND,
    a_fault,
    a_halt,
    a_line,
    a_listing,
    a_look,
    a_number,
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


MANY = [a_number(which) for which in range(1, MANY_READS)]
LOST = ("+12025550000", a_fault())


@pytest.mark.parametrize(
    "look",
    [
        a_look(a_listing(), singles=map(a_single, MANY), faults=[LOST]),
        a_look(a_listing(), lines=map(a_line, MANY), faults=[LOST]),
        a_look(a_listing(), singles=map(a_single, MANY[::2]), lines=map(a_line, MANY[1::2]), faults=[LOST]),
    ],
)
def test_while_a_round_reads_all_that_it_may_the_next_one_follows_soon(look: Observed) -> None:
    """More were in doubt than that: five hundred removed by hand are healed in minutes."""
    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + SECOND),))


def test_that_is_as_many_as_the_verbs_choose() -> None:
    assert MANY_READS == MOST_SINGLE_READS == MOST_RECORDS


@pytest.mark.parametrize("line", [a_line(unclear=True), a_line(absences=1), a_line(OTHER)])
def test_reads_that_left_nobody_waiting_are_not_followed_by_more_of_them_at_once(line: Line) -> None:
    """There may always be some: another look would read them every second, for ever."""
    look = a_look(a_listing(), singles=[a_single(OTHER)], lines=[line])

    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + MINUTE),))


def test_a_number_that_was_seen_in_between_is_left_to_the_pace_of_looks() -> None:
    look = a_look(a_listing(an_assignment(state=AssignmentState.UNASSIGN_FAILED)))

    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), ())


def test_a_number_in_doubt_on_a_campaign_that_failed_waits_with_it() -> None:
    look = a_look(a_listing(complete=False), faults=[(CAMPAIGN, a_fault())])

    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), (Trigger(CAMPAIGN, Cause.SWEEP, NOW + SECOND / 2),))
    assert after(asked(CAMPAIGN), look=look, drifts=(UNPROVEN,)) == (((asked(CAMPAIGN), NOW + SECOND / 2),), ())


# What the account's own records leave open.


def test_nor_are_many_reads_that_told_nothing() -> None:
    """Telnyx says UNAVAILABLE of all of them: one after the other, as fast as the limit allows."""
    unavailable = (a_line(a_number(which), unclear=True) for which in range(MANY_READS))
    look = a_look(a_listing(), lines=unavailable)

    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + MINUTE),))


def test_what_telnyx_does_not_tell_is_looked_at_after_some_minutes_if_nothing_else_is_in_question() -> None:
    slow = replace(UNPROVEN, number=OTHER, campaign=FOREIGN, slow=True)
    beside = replace(UNPROVEN, number=a_number(9), slow=True)
    wanted = desired(a_pool(NUMBER, a_number(9)), a_pool(OTHER, name="zeta", campaign=FOREIGN))
    look = a_look(a_listing(), a_listing(campaign=FOREIGN))

    _, again = postpone((), wanted, look, (beside, slow, UNPROVEN), None, now=NOW, patience=PATIENCE, draw=0.0)

    assert set(again) == {
        Trigger(CAMPAIGN, Cause.CONFIRM, NOW + MINUTE),
        Trigger(FOREIGN, Cause.CONFIRM, NOW + PATIENCE.evidence_for_assign),
    }


@pytest.mark.parametrize(
    "look",
    [
        a_look(a_listing(), singles=[a_single()]),
        a_look(a_listing(an_assignment(state=AssignmentState.FAILED)), lines=[a_line(OTHER)]),
    ],
    ids=["on no campaign", "failed"],
)
def test_a_number_whose_profile_is_in_question_is_not_left_to_the_pace_of_looks(look: Observed) -> None:
    """Nothing of it settles by itself: it would wait for the next sweep, which may be a day away."""
    assert after(asked(), look=look, drifts=(UNPROVEN,)) == ((), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + MINUTE),))


STRANGER = Unproven(a_number(9), POOL, CAMPAIGN, "whether a campaign covers it has not been read")


def test_senders_that_nobody_wants_are_read_on_at_ease_by_looks_that_list_their_profile_again() -> None:
    look = a_look(a_listing(), singles=[a_single(a_number(8))])

    assert after(asked(), look=look, drifts=(STRANGER,)) == ((), (Trigger(CAMPAIGN, Cause.SWEEP, NOW + MINUTE),))


@pytest.mark.parametrize("look", [a_look(a_listing()), a_look(a_listing(), singles=[a_single()])])
def test_and_not_while_no_such_read_succeeds(look: Observed) -> None:
    assert after(asked(), look=look, drifts=(STRANGER,)) == ((), ())


def test_what_is_wanted_comes_before_them() -> None:
    look = a_look(a_listing(), singles=[a_single(a_number(8))])

    _, again = after(asked(), look=look, drifts=(STRANGER, UNPROVEN))

    assert again == (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + MINUTE),)


@pytest.mark.parametrize("subject", [str(ByTags(("acme",))), PROFILE, OTHER_PROFILE])
def test_whatever_a_pool_is_judged_by_is_asked_for_again_if_it_fails(subject: str) -> None:
    selections = ByTags(("acme",)), ByProfile(OTHER_PROFILE)
    wanted = desired(a_pool(profile=PROFILE, selections=selections), a_pool(OTHER, name="zeta", campaign=FOREIGN))
    look = a_look(a_listing(), a_listing(campaign=FOREIGN), faults=[(subject, a_fault())])
    asks = asked(CAMPAIGN), asked(FOREIGN)

    late, again = postpone(asks, wanted, look, (), None, now=NOW, patience=PATIENCE, draw=0.0)

    assert late == ((asks[0], NOW + SECOND / 2),)
    assert again == ()


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
