"""What is blocked is tried again when its campaign's event or a new config may have cleared the way, but not often."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.revive import revive
from reconciler.model.events import EVERYTHING, Cause
from reconciler.model.memory import Asked
from reconciler.model.operations import Operation, Step
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Retry
from tests.builders import CAMPAIGN, FOREIGN, HOUR, MINUTE, NOW, NUMBER, PATIENCE, SECOND, an_operation, asked

BLOCKED = an_operation(
    Step.BLOCKED, refusals=1, reason=Reason.CAPACITY, detail="full", sent_at=NOW - HOUR, not_before=NOW + 5 * HOUR
)


def revived(operation: Operation, *asks: Asked) -> Retry | None:
    """When it is tried again, if something brings that forward."""
    found = revive([operation], asks, now=NOW, patience=PATIENCE)
    return found[0][1] if found else None


@pytest.mark.parametrize("one", [asked(CAMPAIGN, Cause.EVENT), asked(EVERYTHING, Cause.RELOAD)])
def test_an_event_of_its_campaign_or_a_new_config_brings_it_forward(one: Asked) -> None:
    """Such as NUMBER_POOL_PROVISIONED for a campaign that could take no more."""
    assert revived(BLOCKED, one) == Retry(NOW, Reason.CAPACITY, "full", trouble=False, anew=True)


def test_it_stays_refused_so_its_alert_goes_on() -> None:
    verdict = revived(BLOCKED, asked(CAMPAIGN, Cause.EVENT))

    assert verdict is not None
    assert not verdict.refused


@pytest.mark.parametrize(
    "one",
    [
        asked(NUMBER, Cause.EVENT),
        asked(FOREIGN, Cause.EVENT),
        asked(CAMPAIGN, Cause.CONFIRM),
        asked(CAMPAIGN, Cause.PROBE),
        asked(EVERYTHING, Cause.SWEEP),
        asked(EVERYTHING, Cause.START),
        asked(EVERYTHING, Cause.EVENT),
    ],
)
def test_nothing_else_does(one: Asked) -> None:
    """Its own number's events least of all: each failed try would cause the next."""
    assert revived(BLOCKED, one) is None


@pytest.mark.covers("Q07")
def test_a_new_config_ends_the_backoff_of_what_could_not_reach_telnyx() -> None:
    waiting = an_operation(
        Step.READY, trouble=6, reason=Reason.TELNYX_UNAVAILABLE, detail="refused", not_before=NOW + MINUTE
    )

    assert revived(waiting, asked(EVERYTHING, Cause.RELOAD)) == Retry(
        NOW, Reason.TELNYX_UNAVAILABLE, "refused", trouble=False, anew=True
    )
    assert revived(waiting, asked(CAMPAIGN, Cause.EVENT)) is None


def test_what_telnyx_asked_to_wait_for_waits_whatever_the_config_says() -> None:
    throttled = an_operation(Step.READY, trouble=6, reason=Reason.RATE_LIMITED, not_before=NOW + MINUTE)

    assert revived(throttled, asked(EVERYTHING, Cause.RELOAD)) is None


def test_it_is_never_tried_within_a_quarter_of_an_hour_of_the_last_try() -> None:
    just_tried = an_operation(
        Step.BLOCKED, refusals=1, reason=Reason.CAPACITY, sent_at=NOW - MINUTE, not_before=NOW + 6 * HOUR
    )

    verdict = revived(just_tried, asked(CAMPAIGN, Cause.EVENT))

    assert verdict is not None
    assert verdict.at == NOW + 14 * MINUTE


def test_what_is_due_anyway_is_left_alone() -> None:
    assert revived(an_operation(Step.BLOCKED, not_before=NOW), asked(CAMPAIGN, Cause.EVENT)) is None


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.BLOCKED])
def test_what_is_not_blocked_is_left_alone(step: Step) -> None:
    assert revived(an_operation(step, not_before=NOW + HOUR), asked(CAMPAIGN, Cause.EVENT)) is None


@given(st.integers(0, 86_400), st.integers(0, 86_400))
def test_it_never_comes_later_for_it(sent: int, due: int) -> None:
    operation = an_operation(
        Step.BLOCKED,
        refusals=1,
        reason=Reason.REQUEST_REFUSED,
        sent_at=NOW - sent * SECOND,
        not_before=NOW + due * SECOND,
    )

    verdict = revived(operation, asked(CAMPAIGN, Cause.EVENT))

    assert verdict is None or NOW <= verdict.at < operation.not_before
