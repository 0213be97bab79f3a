"""What the config or a campaign has overtaken is closed, and what may have gone out never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.retire import retire
from reconciler.model.fleet import Campaign, CampaignPhase
from reconciler.model.operations import Done, End, Operation, Step
from reconciler.model.pools import Desired
from tests.builders import FOREIGN, NUMBER, OTHER, a_campaign, a_pool, an_operation, desired

NOT_APPROVED = [phase for phase in CampaignPhase if phase is not CampaignPhase.APPROVED]
WAITING = [Step.READY, Step.BLOCKED, Step.CONFIRMING]
UNASKED = Done(End.STALE, "the config no longer asks for it")


def retired(operation: Operation, wanted: Desired | None = None, campaign: Campaign | None = None) -> Done | None:
    """How the operation ends, if it does."""
    read = campaign or a_campaign()
    ends = retire([operation], wanted or desired(), {read.id: read}, {})
    assert all(one is operation for one, _ in ends)
    return ends[0][1] if ends else None


@pytest.mark.parametrize("step", Step)
def test_what_is_still_wanted_on_an_approved_campaign_goes_on(step: Step) -> None:
    assert retired(an_operation(step)) is None


@pytest.mark.parametrize("step", WAITING)
@pytest.mark.parametrize(
    "wanted",
    [desired(a_pool(OTHER)), desired(a_pool(campaign=FOREIGN)), desired(a_pool(name="renamed"))],
    ids=["unlisted", "on another campaign", "in another pool"],
)
def test_what_the_config_no_longer_asks_for_ends(step: Step, wanted: Desired) -> None:
    """Also what Telnyx took: nobody lists a campaign any more that the config has forgotten."""
    assert retired(an_operation(step), wanted) == UNASKED


@pytest.mark.parametrize("step", [Step.SENT, Step.UNRESOLVED])
def test_what_may_have_gone_out_is_read_first_whatever_the_config_says(step: Step) -> None:
    assert retired(an_operation(step), desired(a_pool(OTHER))) is None
    assert retired(an_operation(step), campaign=a_campaign(CampaignPhase.EXPIRED)) is None


@pytest.mark.parametrize("step", [Step.READY, Step.BLOCKED])
@pytest.mark.parametrize("phase", NOT_APPROVED)
def test_what_waits_to_be_sent_ends_when_its_campaign_is_not_approved(step: Step, phase: CampaignPhase) -> None:
    """A blocked one too: once the campaign is approved again, it is asked for at once and not hours later."""
    assert retired(an_operation(step), campaign=a_campaign(phase)) == Done(End.STALE, f"its campaign is {phase}")


@pytest.mark.parametrize("phase", NOT_APPROVED)
def test_what_telnyx_took_is_waited_for_all_the_same(phase: CampaignPhase) -> None:
    assert retired(an_operation(Step.CONFIRMING), campaign=a_campaign(phase)) is None


@pytest.mark.parametrize("step", WAITING)
def test_a_campaign_that_was_not_read_ends_nothing(step: Step) -> None:
    assert retire([an_operation(step)], desired(), {}, {}) == ()


@given(
    st.builds(an_operation, st.sampled_from(Step), st.sampled_from([NUMBER, OTHER])),
    st.sampled_from(CampaignPhase),
)
def test_only_stale_is_an_end_here(operation: Operation, phase: CampaignPhase) -> None:
    end = retired(operation, campaign=a_campaign(phase))

    assert end is None or end.end is End.STALE
    assert end is None or operation.step in WAITING
