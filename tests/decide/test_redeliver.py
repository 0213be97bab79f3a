"""A receiver that fails is let be for longer and longer, and after five times the others hear of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.decide.redeliver import redeliver
from reconciler.model.alerts import AlertName, Attempt, Condition, Family, Judgement, Parcel, Sent
from reconciler.model.errors import Fault, FaultKind
from tests.builders import NOW, SECOND

DOWN = Fault(FaultKind.UNREACHABLE, "hooks.example.com: ConnectError")
FAMILY = Family(AlertName.NOTIFICATION_FAILED, "", "ops")


def parcel(failures: int = 0, attempts: int = 0) -> Parcel:
    return Parcel(1, "ops", "tendlc/x/y", "{}", NOW, attempts, failures)


def after(fault: Fault, failures: int = 0, attempts: int = 0, draw: float = 0.0) -> Attempt:
    return redeliver(parcel(failures, attempts), fault, now=NOW, draw=draw)


def test_what_arrived_ends_the_failing() -> None:
    done = redeliver(parcel(9, 9), Sent("hooks.example.com: HTTP 200"), now=NOW, draw=0.5)

    assert done == Attempt(None, judgement=Judgement((FAMILY,)))


@pytest.mark.parametrize(("failures", "seconds"), [(0, 5), (1, 10), (2, 20), (5, 160), (6, 300), (1_000_000, 300)])
def test_waits_double_up_to_five_minutes(failures: int, seconds: int) -> None:
    shortest, longest = after(DOWN, failures).retry_at, after(DOWN, failures, draw=1.0).retry_at

    assert (shortest, longest) == (NOW + seconds * SECOND / 2, NOW + seconds * SECOND)


@pytest.mark.covers("F-72")
def test_a_receiver_that_asks_for_more_time_gets_it() -> None:
    slow = Fault(FaultKind.THROTTLED, "hooks.slack.com: HTTP 429", 429, retry_after_seconds=90)

    assert after(slow).retry_at == NOW + timedelta(seconds=90)
    assert after(slow, failures=9).retry_at == NOW + timedelta(seconds=150)


@pytest.mark.parametrize(
    ("fault", "holds_all", "missed"),
    [
        (DOWN, True, True),
        (Fault(FaultKind.LOST, "h: TimeoutError"), True, False),
        (Fault(FaultKind.LOST, "h: HTTP 503", 503), True, False),
        (Fault(FaultKind.THROTTLED, "h: HTTP 429", 429), True, True),
        (Fault(FaultKind.REFUSED, "h: HTTP 404: no_service", 404), True, True),
        (Fault(FaultKind.REFUSED, "h: HTTP 400: invalid_payload", 400), False, True),
    ],
)
def test_what_a_fault_says_of_the_message_and_of_the_rest(fault: Fault, *, holds_all: bool, missed: bool) -> None:
    attempt = after(fault)

    assert (attempt.failures, attempt.holds_all, attempt.missed) == (1, holds_all, missed)


def test_a_message_that_is_refused_waits_by_its_own_attempts() -> None:
    refused = Fault(FaultKind.REFUSED, "h: HTTP 400", 400)

    assert after(refused, failures=50, attempts=1).retry_at == NOW + 5 * SECOND


def test_after_five_failures_in_a_row_it_is_told() -> None:
    condition = Condition(AlertName.NOTIFICATION_FAILED, "", "ops", "unreachable", DOWN.detail)

    assert after(DOWN, failures=3).judgement == Judgement()
    assert after(DOWN, failures=4).judgement == Judgement((FAMILY,), (condition,))
    assert after(DOWN, failures=40).judgement == Judgement((FAMILY,), (condition,))
