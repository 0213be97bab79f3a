"""An event says where to look, whatever it claims; it never raises and never says what is true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.interpret import interpret
from reconciler.model.events import EVERYTHING, Event, EventState, Unusable
from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId
from tests.builders import CAMPAIGN, FOREIGN, NUMBER, OTHER, TCR_ID, a_campaign, a_number, desired


@pytest.mark.parametrize("type_", ["ASSIGNMENT", "DELETION", "STATUS_UPDATE", "A_TYPE_OF_TOMORROW", ""])
def test_an_event_about_a_wanted_number_looks_at_the_number(type_: str) -> None:
    event = Event("10dlc.phone_number.update", type_, (CAMPAIGN,), NUMBER)

    reading = interpret(event, desired(), ())

    assert (reading.state, reading.looks, reading.subject) == (EventState.PROCESSED, (NUMBER,), NUMBER)


@pytest.mark.parametrize("type_", ["VERIFIED", "MNO_REVIEW", "TELNYX_EVENT", "A_TYPE_OF_TOMORROW", ""])
def test_an_event_about_a_managed_campaign_looks_at_the_campaign(type_: str) -> None:
    reading = interpret(Event("10dlc.campaign.update", type_, (CAMPAIGN,)), desired(), ())

    assert (reading.state, reading.looks) == (EventState.PROCESSED, (CAMPAIGN,))


def test_an_event_may_name_the_campaign_by_its_other_id() -> None:
    """CAMPAIGN_NUDGE and shared campaigns carry the TCR id (KB:10dlc-event-notifications)."""
    reading = interpret(Event(campaigns=(TCR_ID,)), desired(), [a_campaign(tcr_id=TCR_ID)])

    assert reading.looks == (CAMPAIGN,)


def test_an_event_about_a_strange_number_on_a_managed_campaign_looks_at_the_campaign() -> None:
    assert interpret(Event(campaigns=(CAMPAIGN,), phone_number=OTHER), desired(), ()).looks == (CAMPAIGN,)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Event(campaigns=(FOREIGN,), phone_number=OTHER), "not ours"),
        (Event(campaigns=(FOREIGN,)), "not ours"),
        (Event("10dlc.brand.update", "REVET"), "names no campaign, number or brand"),
    ],
)
def test_an_event_about_nothing_of_ours_is_processed_and_looks_nowhere(event: Event, reason: str) -> None:
    reading = interpret(event, desired(), [a_campaign(campaign=FOREIGN)])

    assert (reading.state, reading.reason, reading.looks) == (EventState.PROCESSED, reason, ())


def test_a_body_that_cannot_be_read_is_quarantined_and_looks_everywhere() -> None:
    """It was signed, so something happened somewhere."""
    reading = interpret(Unusable("not JSON"), desired(), ())

    assert (reading.state, reading.reason, reading.looks) == (EventState.QUARANTINED, "not JSON", (EVERYTHING,))


IDS = st.sampled_from([CAMPAIGN, FOREIGN, TCR_ID, CampaignId("x")])
EVENTS = st.builds(
    Event,
    event_type=st.text(max_size=5),
    type=st.text(max_size=5),
    campaigns=st.lists(IDS, max_size=3).map(tuple),
    phone_number=st.none() | st.integers(120, 126).map(a_number),
    flat=st.booleans(),
)


@given(EVENTS | st.builds(Unusable, st.text(max_size=5)), st.lists(st.sampled_from([a_campaign(tcr_id=TCR_ID)])))
def test_it_never_raises_and_looks_only_where_the_config_does(
    event: Event | Unusable, campaigns: list[Campaign]
) -> None:
    reading = interpret(event, desired(), campaigns)

    assert len(reading.looks) <= 1
    assert set(reading.looks) <= {NUMBER, CAMPAIGN, EVERYTHING}
    assert (reading.looks == (EVERYTHING,)) is isinstance(event, Unusable)
