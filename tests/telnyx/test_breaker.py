"""The breaker opens after failure upon failure, lets one probe at a time pass, and is closed by any answer."""

import math
from datetime import timedelta

import pytest

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.health import Health
from reconciler.telnyx.breaker import LONGEST_REST_SECONDS, MOST_FAILURES, Breaker, Sign, sign_of
from tests.telnyx.virtual import AT

SECOND = timedelta(seconds=1)


def opened(now: float = 0.0) -> Breaker:
    """One that has just opened, for a second."""
    breaker = Breaker()
    for _ in range(MOST_FAILURES):
        breaker.ended(object(), Sign.FAILED, now, AT)
    return breaker


@pytest.mark.parametrize(
    ("fault", "sign"),
    [
        (None, Sign.ANSWERED),
        (Fault(FaultKind.NOT_FOUND, "", 404), Sign.ANSWERED),
        (Fault(FaultKind.THROTTLED, "", 429), Sign.ANSWERED),
        (Fault(FaultKind.HALTED, "", 401), Sign.ANSWERED),
        (Fault(FaultKind.REFUSED, "", 400), Sign.ANSWERED),
        (Fault(FaultKind.UNREACHABLE, "no connection"), Sign.FAILED),
        (Fault(FaultKind.LOST, "no answer within 15 s"), Sign.FAILED),
        (Fault(FaultKind.LOST, "a page", 502), Sign.FAILED),
        (Fault(FaultKind.LOST, "unreadable", 200), Sign.FAILED),
        (Fault(FaultKind.LOST, "a redirect", 302), Sign.FAILED),
        (Fault(FaultKind.LOST, "a proxy's page", 404), Sign.UNCLEAR),
    ],
)
def test_what_the_end_of_a_call_shows(fault: Fault | None, sign: Sign) -> None:
    assert sign_of(fault) is sign


def test_it_opens_after_five_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker()
    for sign in (*[Sign.FAILED] * 4, Sign.ANSWERED, Sign.FAILED, Sign.UNCLEAR, *[Sign.FAILED] * 3):
        assert breaker.ended(object(), sign, 10, AT) == 0
        assert breaker.wait_seconds(10) == 0

    assert breaker.ended(object(), Sign.FAILED, 10, AT) == 1
    assert breaker.wait_seconds(10.25) == 0.75


def test_one_probe_at_a_time_until_one_is_answered() -> None:
    breaker, probe = opened(), object()

    assert breaker.wait_seconds(1) == 0
    breaker.begin(probe)
    assert breaker.wait_seconds(1) == math.inf
    breaker.ended(probe, Sign.ANSWERED, 2, AT)
    assert breaker.wait_seconds(2) == 0
    breaker.begin(object())
    assert breaker.wait_seconds(2) == 0


def test_each_probe_that_fails_doubles_the_rest_up_to_a_minute() -> None:
    breaker, now, rests = opened(), 1.0, []
    for _ in range(8):
        probe = object()
        breaker.begin(probe)
        rests.append(breaker.ended(probe, Sign.FAILED, now, AT))
        now += rests[-1]

    assert rests == [2, 4, 8, 16, 32, *[LONGEST_REST_SECONDS] * 3]


def test_closed_again_it_begins_anew() -> None:
    breaker, probe = opened(), object()
    breaker.begin(probe)
    breaker.ended(probe, Sign.FAILED, 1, AT)
    breaker.ended(object(), Sign.ANSWERED, 2, AT)

    assert breaker.wait_seconds(2) == 0
    assert [breaker.ended(object(), Sign.FAILED, 3, AT) for _ in range(MOST_FAILURES)] == [0, 0, 0, 0, 1]


def test_a_call_from_before_the_rest_makes_it_no_longer_and_may_end_it() -> None:
    breaker = opened()

    assert breaker.ended(object(), Sign.FAILED, 0.5, AT) == 0
    assert breaker.wait_seconds(0.5) == 0.5
    breaker.ended(object(), Sign.ANSWERED, 0.6, AT)
    assert breaker.wait_seconds(0.6) == 0


@pytest.mark.parametrize("dropped", [True, False])
def test_a_probe_that_shows_nothing_makes_room_for_the_next(dropped: bool) -> None:
    breaker, probe = opened(), object()
    breaker.begin(probe)
    if dropped:
        breaker.dropped(probe)
    else:
        assert breaker.ended(probe, Sign.UNCLEAR, 1, AT) == 0

    assert breaker.wait_seconds(1) == 0
    breaker.begin(object())
    assert breaker.wait_seconds(1) == math.inf


def test_a_probe_of_an_earlier_rest_does_not_stand_for_a_later_one() -> None:
    breaker, old, new = opened(), object(), object()
    breaker.begin(old)
    breaker.ended(object(), Sign.ANSWERED, 1, AT)
    for _ in range(MOST_FAILURES):
        breaker.ended(object(), Sign.FAILED, 2, AT)
    assert breaker.wait_seconds(3) == 0
    breaker.begin(new)

    breaker.ended(old, Sign.FAILED, 3, AT)
    breaker.dropped(old)

    assert breaker.wait_seconds(3) == math.inf


def test_without_a_number_of_failures_it_never_opens() -> None:
    breaker = Breaker(most_failures=None)

    assert {breaker.ended(object(), Sign.FAILED, 0, AT) for _ in range(100)} == {0}
    assert breaker.wait_seconds(0) == 0


def test_health_tells_the_last_answer_and_the_first_failure_since() -> None:
    breaker = Breaker()
    assert breaker.health == Health(None, None)

    breaker.ended(object(), Sign.FAILED, 0, AT)
    breaker.ended(object(), Sign.FAILED, 1, AT + SECOND)
    assert breaker.health == Health(None, AT)
    breaker.ended(object(), Sign.ANSWERED, 2, AT + 2 * SECOND)
    assert breaker.health == Health(AT + 2 * SECOND, None)
    breaker.ended(object(), Sign.UNCLEAR, 3, AT + 3 * SECOND)
    breaker.ended(object(), Sign.FAILED, 4, AT + 4 * SECOND)
    breaker.ended(object(), Sign.FAILED, 5, AT + 5 * SECOND)
    assert breaker.health == Health(AT + 2 * SECOND, AT + 4 * SECOND)


def test_forgetting_closes_it() -> None:
    breaker = opened()
    breaker.begin(object())

    breaker.forget()

    assert breaker.wait_seconds(0) == 0
    assert breaker.health == Health()
