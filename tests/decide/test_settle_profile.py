"""Attaching: every answer has one consequence, and what may have happened is read before it is asked for again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.settle_profile import settle_profile
from reconciler.model.errors import Fault, FaultKind
from reconciler.model.lines import Line
from reconciler.model.operations import Operation, Step
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import (
    Done,
    End,
    GiveUp,
    Recheck,
    Refused,
    Retry,
    StopAll,
    Told,
    Unread,
    Unresolved,
    Verdict,
)
from tests.builders import (
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
    an_attachment,
)

SENT, UNRESOLVED = an_attachment(Step.SENT), an_attachment(Step.UNRESOLVED)
THERE, ELSEWHERE, NOWHERE = a_line(NUMBER, PROFILE), a_line(NUMBER, OTHER_PROFILE), a_line()
UNTOLD, GONE = a_line(unclear=True), a_line(absences=1)
LOST = a_fault(FaultKind.LOST, "no answer within 15 s")
STEPS = [step for step in Step if step is not Step.CLOSED]
SURE = replace(UNRESOLVED, sent_at=NOW - WINDOW, first_absent_at=NOW - WINDOW)
"""Seen on no profile once, and the settle window is over."""
TAKEN = replace(SURE, reason=Reason.PROFILE_MISSING)
"""The same, after Telnyx took it."""


def settled(
    operation: Operation, outcome: Told | Refused | Unresolved | Unread, *, now: datetime = NOW, draw: float = 0.5
) -> Verdict:
    """The verdict on an outcome; a record is as young as can be, unless it is older than NOW."""
    if isinstance(outcome, Told) and outcome.line.taken_at == NOW:
        outcome = replace(outcome, line=replace(outcome.line, taken_at=now))
    return settle_profile(operation, outcome, now=now, patience=PATIENCE, draw=draw)


# A read of the number.


@pytest.mark.parametrize("operation", [SENT, UNRESOLVED, SURE, TAKEN])
def test_where_it_is_on_the_profile_it_is_done(operation: Operation) -> None:
    assert settled(operation, Told(THERE)) == Done(End.DONE, f"it is on messaging profile {PROFILE}")


def test_an_absence_asked_for_within_the_window_is_not_conclusive_however_late_it_is_told() -> None:
    operation = replace(SURE, sent_at=NOW - WINDOW + SECOND / 2)
    for line in (a_line(taken_at=NOW - SECOND), a_line(absences=1, taken_at=NOW - SECOND)):
        assert isinstance(settled(operation, Told(line), now=NOW + MINUTE), Recheck)


@pytest.mark.parametrize("operation", [SENT, UNRESOLVED, SURE, TAKEN])
def test_where_it_is_on_another_it_is_left_there(operation: Operation) -> None:
    assert settled(operation, Told(ELSEWHERE)) == Done(End.TAKEN, f"it is on messaging profile {OTHER_PROFILE}")


def test_what_the_read_before_the_request_cannot_tell_is_read_again_and_was_not_sent() -> None:
    """Nobody waits for an answer, so it must not look as if somebody did."""
    waits = [settled(replace(SENT, trouble=trouble), Told(UNTOLD)) for trouble in (0, 3, 99)]

    assert waits == [
        Retry(NOW + wait, Reason.EVIDENCE_STALE, "its messaging profile could not be told")
        for wait in (SECOND / 2, 4 * SECOND, 30 * SECOND)
    ]


@pytest.mark.parametrize("operation", [UNRESOLVED, SURE, TAKEN])
def test_what_a_read_after_the_request_cannot_tell_is_read_again_after_a_while(operation: Operation) -> None:
    """Not told is neither on a profile nor on none, however late it is."""
    assert settled(operation, Told(UNTOLD)) == Recheck(NOW + MINUTE, "its messaging profile could not be told")


def test_a_number_that_is_not_in_the_account_is_not_asked_for() -> None:
    assert settled(SENT, Told(GONE)) == Done(End.STALE, "the account has no such number")


def test_after_a_request_one_read_without_the_number_does_not_end_it() -> None:
    """It may be a lie, and then the number would be asked for again while the first request is still on its way."""
    verdict = settled(UNRESOLVED, Told(GONE), now=NOW + WINDOW)

    assert isinstance(verdict, Recheck)
    assert (verdict.at, verdict.absent) == (NOW + WINDOW + SECOND, True)
    assert settled(SURE, Told(GONE)) == Done(End.STALE, "the account has no such number")


@pytest.mark.parametrize("later", [WINDOW, 2 * WINDOW])
def test_one_read_on_none_is_not_conclusive_however_late_it_is(later: timedelta) -> None:
    verdict = settled(UNRESOLVED, Told(NOWHERE), now=NOW + later)

    assert isinstance(verdict, Recheck)
    assert (verdict.at, verdict.absent) == (NOW + later + SECOND, True)


def test_nor_are_two_within_the_window() -> None:
    verdict = settled(replace(UNRESOLVED, first_absent_at=NOW), Told(NOWHERE), now=NOW + WINDOW - SECOND)

    assert isinstance(verdict, Recheck)
    assert verdict.at == NOW + WINDOW


def test_two_that_span_it_show_that_it_did_not_happen() -> None:
    assert settled(SURE, Told(NOWHERE)) == Retry(NOW + SECOND / 2, Reason.TELNYX_UNAVAILABLE, "it did not happen")


def test_reads_become_rarer_until_one_falls_on_the_end_of_the_window() -> None:
    def reads() -> Iterator[float]:
        operation, now = replace(UNRESOLVED, trouble=9), NOW
        while isinstance(verdict := settled(operation, Told(NOWHERE), now=now), Recheck):
            operation = replace(operation, first_absent_at=operation.first_absent_at or now)
            now = verdict.at
            yield (now - NOW).total_seconds()

    assert list(reads()) == [1, 2, 4, 8, 16, 32, 60]


# The answer to our request.


@pytest.mark.parametrize("line", [THERE, ELSEWHERE, NOWHERE, UNTOLD, GONE])
def test_what_telnyx_took_is_read_back_whatever_the_answer_shows(line: Line) -> None:
    """It may show the number as it was; believing that, it would be asked for again, every few seconds."""
    verdict = settled(SENT, Told(line, answer=True))

    assert verdict == Recheck(NOW + SECOND, "Telnyx took it; reading it back", reason=Reason.PROFILE_MISSING)


@pytest.mark.parametrize(("refusals", "wait"), [(0, 15 * MINUTE), (1, HOUR), (2, 6 * HOUR)])
def test_what_telnyx_took_and_does_not_show_is_a_refusal(refusals: int, wait: timedelta) -> None:
    verdict = settled(replace(TAKEN, refusals=refusals), Told(NOWHERE))

    detail = "Telnyx took it, and it is on no messaging profile"
    assert verdict == Retry(NOW + wait, Reason.PROFILE_MISSING, detail, refused=True)


@pytest.mark.parametrize("refusals", [3, 99])
def test_after_three_tries_it_is_for_a_person(refusals: int) -> None:
    verdict = settled(replace(TAKEN, refusals=refusals), Told(NOWHERE))

    assert isinstance(verdict, GiveUp)
    assert (verdict.at, verdict.reason) == (NOW + 6 * HOUR, Reason.PROFILE_MISSING)


def test_an_unknown_outcome_is_read_at_once_and_is_not_what_telnyx_took_before() -> None:
    for operation in (SENT, replace(SENT, refusals=1, reason=Reason.PROFILE_MISSING)):
        assert settled(operation, Unresolved(LOST)) == Recheck(NOW, LOST.detail, reason=Reason.OUTCOME_UNKNOWN)


# A no.


@pytest.mark.parametrize("kind", [FaultKind.UNREACHABLE, FaultKind.LOST])
def test_what_was_surely_not_sent_is_sent_again_with_growing_waits(kind: FaultKind) -> None:
    """LOST as well: a refusal that was lost was the read before the request."""
    refused = Refused(a_fault(kind, "no"))
    waits = [settled(replace(SENT, trouble=trouble), refused, draw=0.999) for trouble in (0, 1, 2, 5, 6, 7, 99)]

    assert [round((wait.at - NOW).total_seconds()) for wait in waits if isinstance(wait, Retry)] == [
        *(1, 2, 4, 32),
        *(60, 60, 60),
    ]
    assert settled(SENT, refused, draw=0) == Retry(NOW, Reason.TELNYX_UNAVAILABLE, "no")


@pytest.mark.parametrize(("asked", "wait"), [(None, 1), (0, 0), (7.5, 7.5), (-3, 0), (1e9, 6 * 3600)])
def test_a_throttled_call_waits_as_long_as_telnyx_asks(asked: float | None, wait: float) -> None:
    slow, at = a_fault(FaultKind.THROTTLED, "10011", asked), NOW + timedelta(seconds=wait)

    assert settled(SENT, Refused(slow)) == Retry(at, Reason.RATE_LIMITED, "10011", trouble=False)
    assert settled(UNRESOLVED, Unread(slow)) == Recheck(at, "10011", trouble=False)


def test_a_refusal_of_the_account_stops_every_write_until_a_probe() -> None:
    halted = a_fault(FaultKind.HALTED, "20100: not enough funds")

    assert settled(SENT, Refused(halted)) == StopAll(NOW + MINUTE, halted.detail)
    assert settled(UNRESOLVED, Unread(halted)) == StopAll(NOW + MINUTE, halted.detail)


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in FaultKind
        if kind not in (FaultKind.UNREACHABLE, FaultKind.LOST, FaultKind.THROTTLED, FaultKind.HALTED)
    ],
)
def test_any_other_no_is_for_a_person_and_is_tried_again_slowly(kind: FaultKind) -> None:
    assert settled(SENT, Refused(a_fault(kind, "no"))) == GiveUp(NOW + 6 * HOUR, Reason.REQUEST_REFUSED, "no")


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in (FaultKind.THROTTLED, FaultKind.HALTED)])
def test_a_read_that_failed_is_repeated_with_growing_waits(kind: FaultKind) -> None:
    unread = Unread(a_fault(kind, "no"))

    assert settled(replace(UNRESOLVED, trouble=3), unread) == Recheck(NOW + 4 * SECOND, "no")
    assert settled(replace(UNRESOLVED, trouble=99), unread) == Recheck(NOW + 30 * SECOND, "no")


# Whatever comes, in whatever step.

FAULTS = st.builds(
    a_fault, st.sampled_from(FaultKind), after=st.none() | st.floats(allow_nan=False, allow_infinity=False)
)
LINES = st.builds(
    a_line,
    profile=st.none() | st.sampled_from([PROFILE, OTHER_PROFILE]),
    unclear=st.booleans(),
    absences=st.integers(0, 3),
)
OUTCOMES = st.one_of(
    st.builds(Told, LINES, st.booleans()),
    st.builds(Refused, FAULTS),
    st.builds(Unresolved, FAULTS),
    st.builds(Unread, FAULTS),
)
AGES = st.integers(-5, 7200).map(lambda seconds: NOW - seconds * SECOND)
OPERATIONS = st.builds(
    an_attachment,
    st.sampled_from(STEPS),
    refusals=st.integers(0, 5),
    trouble=st.integers(0, 50),
    sent_at=AGES,
    first_absent_at=st.none() | AGES,
    reason=st.sampled_from(Reason),
)
DRAWS = st.floats(0, 1, exclude_max=True)


@given(OPERATIONS, OUTCOMES, DRAWS)
def test_every_outcome_in_every_step_has_a_verdict_that_leads_somewhere(
    operation: Operation, outcome: Told | Refused | Unresolved | Unread, draw: float
) -> None:
    """Never waiting for a listing: none would show it."""
    verdict = settled(operation, outcome, draw=draw)

    assert isinstance(verdict, Done | Retry | Recheck | GiveUp | StopAll)
    if not isinstance(verdict, Done):
        assert NOW <= verdict.at <= NOW + 6 * HOUR
    if isinstance(verdict, Retry | GiveUp):
        assert verdict.reason


@given(OPERATIONS, FAULTS, DRAWS)
def test_an_outcome_that_is_not_known_never_leads_to_a_second_request(
    operation: Operation, fault: Fault, draw: float
) -> None:
    for outcome in (Unresolved(fault), Unread(fault)):
        assert isinstance(settled(operation, outcome, draw=draw), Recheck | StopAll)


@given(OPERATIONS, LINES, DRAWS)
def test_what_may_have_gone_out_ends_or_is_repeated_only_by_what_is_sure(
    operation: Operation, line: Line, draw: float
) -> None:
    """By the number on a profile, or by two reads of which the last is after the settle window."""
    verdict = settled(replace(operation, step=Step.UNRESOLVED), Told(line), draw=draw)

    if isinstance(verdict, Retry | GiveUp) or (isinstance(verdict, Done) and verdict.end is End.STALE):
        assert operation.first_absent_at is not None
        assert operation.sent_at is not None
        assert operation.sent_at + WINDOW <= NOW
    if isinstance(verdict, Retry | GiveUp):
        assert (line.profile, line.unclear, line.absences) == (None, False, 0)


@given(OPERATIONS, OUTCOMES, DRAWS)
def test_done_is_said_only_of_what_a_read_shows_on_the_profile(
    operation: Operation, outcome: Told | Refused | Unresolved | Unread, draw: float
) -> None:
    is_there = isinstance(outcome, Told) and not outcome.answer and outcome.line == THERE
    verdict = settled(operation, outcome, draw=draw)

    assert (isinstance(verdict, Done) and verdict.end is End.DONE) is is_there
