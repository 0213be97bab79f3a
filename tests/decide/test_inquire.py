"""Numbers that no list tells of are read one by one: each in its turn, and none again and again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.inquire import MOST_RECORDS, MOST_REREAD, inquire
from reconciler.model.fleet import Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import ByTags, Line
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import Desired, Mode
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER_PROFILE,
    PATIENCE,
    PROFILE,
    SECOND,
    WINDOW,
    a_fault,
    a_line,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    a_profile,
    an_assignment,
    an_operation,
    desired,
    on_profile,
)

LOOK = a_look(a_listing(), rosters=[on_profile()])
WANTED = desired(a_pool(profile=PROFILE))
SLOW, SHORT = PATIENCE.slow_recheck, PATIENCE.evidence_for_assign


def to_read(
    memory: Memory | None = None, look: Observed = LOOK, wanted: Desired = WANTED, *, old: datetime | None = None
) -> tuple[PhoneNumber, ...]:
    """The numbers to read by themselves."""
    return inquire(wanted, look, memory or a_memory(), now=NOW, patience=PATIENCE, old=old)


def told(line: Line) -> Memory:
    """The memory of one record."""
    return a_memory(lines=[line])


def test_a_number_that_no_list_ever_told_of_is_read() -> None:
    assert to_read() == (NUMBER,)


@pytest.mark.parametrize("mode", Mode)
def test_also_where_nothing_is_written(mode: Mode) -> None:
    """What would be done is shown all the same."""
    assert to_read(wanted=desired(a_pool(profile=PROFILE, mode=mode))) == (NUMBER,)


def test_a_pool_that_names_no_messaging_profile_asks_for_no_record() -> None:
    assert to_read(wanted=desired()) == ()


@pytest.mark.parametrize("complete", [True, False])
def test_what_the_list_tells_is_not_read(*, complete: bool) -> None:
    look = a_look(a_listing(), rosters=[on_profile(NUMBER, complete=complete)])

    assert to_read(told(a_line(NUMBER, PROFILE, taken_at=NOW - HOUR)), look) == ()


def test_what_was_read_in_this_look_is_not_read_again() -> None:
    assert to_read(look=a_look(a_listing(), lines=[a_line(unclear=True)])) == ()


def test_a_campaign_that_was_not_listed_is_not_asked_about() -> None:
    assert to_read(look=a_look(a_listing(campaign=FOREIGN))) == ()


@pytest.mark.parametrize(("subject", "read"), [(CAMPAIGN, False), (PROFILE, False), (OTHER_PROFILE, True)])
def test_where_the_list_of_its_profile_broke_off_it_is_listed_again_instead(subject: str, *, read: bool) -> None:
    look = a_look(a_listing(), faults=[(subject, a_fault())])

    assert to_read(look=look) == ((NUMBER,) if read else ())


def test_a_selection_that_cannot_be_read_keeps_no_number_from_being_read() -> None:
    """It may fail for ever; what is wanted already is still attached and assigned."""
    selection = ByTags(("acme",))
    wanted = desired(a_pool(profile=PROFILE, selections=(selection,)))

    assert to_read(look=a_look(a_listing(), faults=[(str(selection), a_fault())]), wanted=wanted) == (NUMBER,)


def test_for_a_profile_that_does_not_exist_nothing_is_read() -> None:
    assert to_read(a_memory(profiles=[a_profile(exists=False)])) == ()
    assert to_read(a_memory(profiles=[a_profile()])) == (NUMBER,)


@pytest.mark.parametrize(
    ("line", "age"),
    [
        (a_line(NUMBER, None), SLOW),
        (a_line(NUMBER, OTHER_PROFILE), SLOW),
        (a_line(NUMBER, PROFILE), SHORT),
        (a_line(absences=2), SLOW),
    ],
    ids=["on none", "elsewhere", "there", "gone"],
)
def test_what_was_read_is_believed_for_a_while(line: Line, age: timedelta) -> None:
    fresh, old = (told(replace(line, taken_at=NOW - late)) for late in (age, age + SECOND))

    assert to_read(fresh) == ()
    assert to_read(old) == (NUMBER,)


def test_a_complete_list_since_keeps_it_fresh() -> None:
    known = a_line(NUMBER, PROFILE, taken_at=NOW - HOUR)

    assert to_read(a_memory(lines=[known], rostered_at={PROFILE: NOW - MINUTE}), a_look(a_listing())) == ()
    assert to_read(a_memory(lines=[known], rostered_at={OTHER_PROFILE: NOW}), a_look(a_listing())) == (NUMBER,)


def test_what_a_list_has_just_shown_to_be_in_doubt_is_read_at_once() -> None:
    assert to_read(told(a_line(NUMBER, PROFILE, unclear=True))) == (NUMBER,)


@pytest.mark.parametrize(
    ("line", "wait"), [(a_line(unclear=True), SHORT), (a_line(absences=1), WINDOW)], ids=["unavailable", "not there"]
)
def test_what_a_read_could_not_settle_is_read_again_later(line: Line, wait: timedelta) -> None:
    """At once it would be read for ever: Telnyx may say UNAVAILABLE for hours. And two lies may follow each other."""
    young, old = (told(replace(line, taken_at=NOW - late)) for late in (wait - SECOND, wait))

    assert to_read(young) == ()
    assert to_read(old) == (NUMBER,)


# What Telnyx would not assign.


def refused(reason: Reason = Reason.REQUEST_REFUSED, step: Step = Step.BLOCKED) -> Operation:
    """An operation that was sent ten minutes ago, in vain."""
    return an_operation(step, reason=reason, sent_at=NOW - 10 * MINUTE)


@pytest.mark.parametrize("reason", [Reason.REQUEST_REFUSED, Reason.PROFILE_MISSING])
@pytest.mark.parametrize("wanted", [desired(), WANTED], ids=["without a profile", "with one"])
def test_a_number_that_telnyx_would_not_assign_is_read_once_for_the_cause(reason: Reason, wanted: Desired) -> None:
    operations = [refused(reason)]
    before, after = (a_line(NUMBER, PROFILE, taken_at=NOW - late * MINUTE) for late in (11, 9))
    look = a_look(a_listing())

    assert to_read(a_memory(operations=operations), look, wanted) == (NUMBER,)
    assert to_read(a_memory(operations=operations, lines=[before]), look, wanted) == (NUMBER,)
    assert to_read(a_memory(operations=operations, lines=[after]), look, wanted) == ()


@pytest.mark.parametrize(
    "operation",
    [refused(Reason.CAPACITY), refused(Reason.TELNYX_REFUSED), refused(step=Step.READY), refused(step=Step.UNRESOLVED)],
)
def test_for_a_refusal_that_no_record_explains_it_is_not_read(operation: Operation) -> None:
    assert to_read(a_memory(operations=[operation]), wanted=desired()) == ()


def test_one_read_that_shows_no_such_number_is_followed_by_a_second_and_no_third() -> None:
    def after(absences: int) -> tuple[PhoneNumber, ...]:
        line = a_line(absences=absences, taken_at=NOW - 2 * MINUTE)
        return to_read(a_memory(operations=[refused()], lines=[line]), wanted=desired())

    assert after(1) == (NUMBER,)
    assert after(2) == ()


def test_it_is_read_although_it_was_read_shortly_before_the_request() -> None:
    operation = an_operation(Step.BLOCKED, reason=Reason.PROFILE_MISSING, sent_at=NOW - MINUTE)
    before = a_line(taken_at=NOW - 2 * MINUTE)

    assert to_read(a_memory(operations=[operation], lines=[before])) == (NUMBER,)


def test_it_is_read_by_itself_although_a_list_shows_it() -> None:
    """The list says that all is well, and Telnyx says that it is not."""
    memory = a_memory(operations=[refused()], lines=[a_line(NUMBER, PROFILE, taken_at=NOW - HOUR)])

    assert to_read(memory, a_look(a_listing(), rosters=[on_profile(NUMBER)])) == (NUMBER,)


# Within a limit.


def test_more_numbers_than_the_limit_have_their_turn_the_longest_unread_first() -> None:
    numbers = [a_number(which) for which in range(2 * MOST_RECORDS)]
    known = [a_line(n, OTHER_PROFILE, taken_at=NOW - 7 * HOUR - at * MINUTE) for at, n in enumerate(numbers[10:])]
    wanted = desired(a_pool(*numbers, profile=PROFILE))

    chosen = to_read(a_memory(lines=known), wanted=wanted)

    assert len(chosen) == MOST_RECORDS
    assert set(numbers[:10]) < set(chosen)  # those that were never told of
    assert set(chosen[10:]) == set(numbers[-MOST_RECORDS + 10 :])


LINES = st.builds(
    a_line,
    profile=st.none() | st.sampled_from([PROFILE, OTHER_PROFILE]),
    taken_at=st.integers(-60, 8 * 3600).map(lambda seconds: NOW - seconds * SECOND),
    unclear=st.booleans(),
    absences=st.integers(0, 2),
)


@given(LINES, st.none() | st.builds(refused, st.sampled_from(Reason), st.sampled_from(Step)))
def test_what_has_just_been_read_by_itself_is_left_alone_for_the_settle_window(
    line: Line, operation: Operation | None
) -> None:
    """Whatever the read said: the next look, and the one after, come within seconds."""
    is_in_doubt = line.unclear and line.profile is not None  # only a list makes this
    memory = a_memory(lines=[line], operations=[operation] if operation else [])

    if NOW - line.taken_at < WINDOW and not is_in_doubt:
        assert to_read(memory) == ()


@given(st.lists(LINES, max_size=1))
def test_no_number_is_left_unread_for_ever(lines: list[Line]) -> None:
    """Unless a list tells of it: after eight hours each is read, whatever was known."""
    aged = [replace(one, taken_at=one.taken_at - 8 * HOUR) for one in lines]

    assert to_read(a_memory(lines=aged)) == (NUMBER,)


GONE = a_line(NUMBER, taken_at=NOW - HOUR, absences=2)
ELSEWHERE = a_line(NUMBER, OTHER_PROFILE, taken_at=NOW - HOUR)
UNPROFILED = desired()


@pytest.mark.parametrize(
    ("memory", "wanted"),
    [(told(GONE), WANTED), (told(ELSEWHERE), WANTED), (told(GONE), UNPROFILED), (a_memory(), UNPROFILED)],
)
def test_a_resync_reads_the_records_that_no_list_shows_and_that_were_not_read_since(
    memory: Memory, wanted: Desired
) -> None:
    assert to_read(memory, wanted=wanted) == ()
    assert to_read(memory, wanted=wanted, old=NOW) == (NUMBER,)
    assert to_read(memory, wanted=wanted, old=NOW - HOUR) == (() if memory.lines else (NUMBER,))


@pytest.mark.parametrize(
    ("look", "memory"),
    [
        (a_look(a_listing(an_assignment())), a_memory()),
        (a_look(a_listing(), rosters=[on_profile(NUMBER)]), a_memory()),
        (a_look(a_listing()), a_memory(operations=[an_operation()])),
        (a_look(), a_memory()),
        (a_look(a_listing(), faults=[(CAMPAIGN, a_fault())]), a_memory()),
    ],
    ids=["on its campaign", "on a profile", "about to be asked for", "not looked at", "broken off"],
)
def test_what_some_list_shows_is_not_read_again(look: Observed, memory: Memory) -> None:
    assert to_read(memory, look, UNPROFILED, old=NOW) == ()


def test_of_records_that_are_only_old_a_round_reads_a_few_the_longest_unread_first() -> None:
    numbers = [a_number(which) for which in range(3 * MOST_REREAD)]
    known = [a_line(one, taken_at=NOW - HOUR - at * MINUTE) for at, one in enumerate(numbers)]

    chosen = to_read(a_memory(lines=known), wanted=desired(a_pool(*numbers)), old=NOW)

    assert chosen == tuple(reversed(numbers[-MOST_REREAD:]))
