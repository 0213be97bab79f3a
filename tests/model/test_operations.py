"""An open operation says what it waits for."""

import pytest

from reconciler.model.operations import Step
from reconciler.model.patience import Patience
from reconciler.model.reasons import Reason
from tests.builders import an_operation


@pytest.mark.parametrize(
    ("step", "reason", "waits_for"),
    [
        (Step.READY, Reason.NONE, Reason.ASSIGN_DUE),
        (Step.READY, Reason.RATE_LIMITED, Reason.RATE_LIMITED),
        (Step.SENT, Reason.RATE_LIMITED, Reason.REQUEST_OPEN),
        (Step.UNRESOLVED, Reason.FOREIGN_ASSIGNMENT, Reason.OUTCOME_UNKNOWN),
        (Step.CONFIRMING, Reason.TELNYX_REFUSED, Reason.TELNYX_PENDING),
        (Step.BLOCKED, Reason.CAPACITY, Reason.CAPACITY),
    ],
)
def test_an_operation_waits_for_what_its_step_says(step: Step, reason: Reason, waits_for: Reason) -> None:
    assert an_operation(step, reason=reason).waits_for is waits_for


def test_waits_grow() -> None:
    patience = Patience()

    assert list(patience.look_steps) == sorted(patience.look_steps)
    assert list(patience.refusal_waits) == sorted(patience.refusal_waits)
