"""A dormant campaign asks nobody for anything while we wake it."""

import pytest

from reconciler.decide import campaigns, conditions
from reconciler.model.alerts import AlertName
from reconciler.model.fleet import AssignmentState
from reconciler.model.memory import Findings
from reconciler.model.operations import Step
from reconciler.model.plan import Plan
from reconciler.model.pools import Mode
from reconciler.model.verdicts import Tried
from tests.builders import (
    CAMPAIGN,
    NOW,
    NUMBER,
    a_campaign,
    a_dormancy,
    a_look,
    a_memory,
    a_pool,
    a_sighting,
    an_assignment,
    an_operation,
    asleep,
    desired,
)


@pytest.mark.parametrize(("mode", "fires"), [(Mode.ENFORCE, False), (Mode.OBSERVE, True)])
def test_a_dormant_campaign_is_for_people_only_where_we_may_not_wake_it(*, mode: Mode, fires: bool) -> None:
    plan = Plan("r1", NOW, complete=True, actions=(), holds=(), unchanged=0, digest="")
    known = a_memory(campaigns=[asleep()], dormancies=[a_dormancy()])

    judgement = campaigns.of_campaign(
        CAMPAIGN, Findings(desired(a_pool(mode=mode)), a_look(), known, (), plan, {}, NOW)
    )

    assert [one.alert for one in judgement.conditions] == [AlertName.CAMPAIGN_NOT_APPROVED] * fires


def test_a_number_that_was_to_wake_its_campaign_and_failed_is_no_alert() -> None:
    failed = a_sighting(an_assignment(state=AssignmentState.FAILED))
    tried = {NUMBER: (an_operation(Step.CONFIRMING), Tried(NOW, "no"))}

    for campaign in (asleep(), a_campaign()):  # also while it is read as approved for the first time
        memory = a_memory(failed, dormancies=[a_dormancy()])
        assert conditions.of_pool(a_pool(), campaign, memory, tried).conditions == ()
        assert conditions.of_pool(a_pool(), campaign, memory, {}).conditions == ()
    assert conditions.of_operation(an_operation(refusals=1), Tried(NOW, "no"), a_pool()).conditions == ()
