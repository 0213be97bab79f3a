"""A dormant campaign asks nobody for anything while we wake it."""

import pytest

from reconciler.decide import conditions
from reconciler.model.alerts import AlertName
from reconciler.model.fleet import AssignmentState
from reconciler.model.operations import Step, Tried
from reconciler.model.pools import Mode
from tests.builders import (
    NOW,
    NUMBER,
    a_campaign,
    a_dormancy,
    a_memory,
    a_pool,
    a_sighting,
    an_assignment,
    an_operation,
    asleep,
)


@pytest.mark.parametrize(("mode", "fires"), [(Mode.ENFORCE, False), (Mode.OBSERVE, True)])
def test_a_dormant_campaign_is_for_people_only_where_we_may_not_wake_it(*, mode: Mode, fires: bool) -> None:
    judgement = conditions.of_pool(a_pool(mode=mode), asleep(), a_memory(dormancies=[a_dormancy()]), {})

    assert [one.alert for one in judgement.conditions] == [AlertName.CAMPAIGN_NOT_APPROVED] * fires


def test_a_number_that_was_to_wake_its_campaign_and_failed_is_no_alert() -> None:
    failed = a_sighting(an_assignment(state=AssignmentState.FAILED))
    tried = {NUMBER: (an_operation(Step.CONFIRMING), Tried(NOW, "no"))}

    for campaign in (asleep(), a_campaign()):  # also while it is read as approved for the first time
        memory = a_memory(failed, dormancies=[a_dormancy()])
        assert conditions.of_pool(a_pool(), campaign, memory, tried).conditions == ()
        assert conditions.of_pool(a_pool(), campaign, memory, {}).conditions == ()
    assert conditions.of_operation(an_operation(refusals=1), Tried(NOW, "no")).conditions == ()
