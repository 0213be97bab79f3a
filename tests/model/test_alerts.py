"""A judgement says what it covered, so that silence about the rest resolves nothing."""

import pytest

from reconciler.model.alerts import AlertName, Condition, Family, Judgement, Severity
from tests.builders import NUMBER, OTHER, POOL

FAILED = AlertName.ASSIGNMENT_FAILED
CONDITION = Condition(FAILED, POOL, NUMBER, "telnyx_refused", "reason one")


@pytest.mark.parametrize(
    ("family", "covers"),
    [
        (Family(FAILED, POOL), True),
        (Family(FAILED, POOL, NUMBER), True),
        (Family(FAILED, POOL, OTHER), False),
        (Family(FAILED, "zeta"), False),
        (Family(AlertName.CAMPAIGN_NOT_APPROVED, POOL), False),
    ],
)
def test_a_family_covers_its_alert_in_its_pool(family: Family, *, covers: bool) -> None:
    assert family.covers(CONDITION) is covers


def test_judgements_add_up() -> None:
    one = Judgement((Family(FAILED, POOL),), (CONDITION,))
    other = Judgement((Family(FAILED, "zeta"),))

    assert one + other == Judgement((*one.families, *other.families), (CONDITION,))
    assert sum([one, other], Judgement()) == one + other


def test_what_stops_messages_is_critical() -> None:
    critical = {alert for alert in AlertName if alert.severity is Severity.CRITICAL}

    assert critical == {
        AlertName.UNCOVERED_SENDER,
        AlertName.CAMPAIGN_NOT_APPROVED,
        AlertName.TELNYX_API_UNAVAILABLE,
        AlertName.TELNYX_AUTH_FAILED,
        AlertName.QUEUE_STALLED,
        AlertName.CHECKS_OVERDUE,
        AlertName.LOOP_FAILED,
        AlertName.STORE_FAILED,
    }
