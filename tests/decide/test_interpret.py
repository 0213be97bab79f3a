"""An event says where to look, whatever it claims; it never raises and never says what is true."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.interpret import interpret
from reconciler.model.events import EVERYTHING, Event, EventState, Unusable
from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId
from tests.builders import CAMPAIGN, FOREIGN, NUMBER, OTHER, TCR_ID, a_campaign, a_number, a_pool, desired


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


def test_an_event_that_names_only_a_brand_looks_at_its_managed_campaigns() -> None:
    """By the brands of their last readings; one that was never read has none yet."""
    ours = [replace(a_campaign(campaign=one), brand_id="b-1", tcr_brand_id="B1") for one in (CAMPAIGN, FOREIGN)]
    wanted = desired(a_pool(), a_pool(OTHER, name="zeta", campaign=FOREIGN))
    event = Event("10dlc.brand.update", "REVET", brands=("b-1",))

    reading = interpret(event, wanted, ours)
    assert (reading.reason, reading.subject) == ("brand's 2 campaigns looked at", "b-1")
    assert reading.looks == (CAMPAIGN, FOREIGN)
    assert interpret(event, desired(), ours).looks == (CAMPAIGN,)
    assert interpret(replace(event, brands=("B1",)), desired(), ours).reason == "brand's campaign looked at"
    assert interpret(event, wanted, ()).reason == "not ours"


def test_a_brand_named_beside_a_strange_campaign_or_number_leads_nowhere() -> None:
    ours = [replace(a_campaign(), brand_id="b-1")]

    for event in (Event(brands=("b-1",), campaigns=(FOREIGN,)), Event(brands=("b-1",), phone_number=OTHER)):
        assert interpret(event, desired(), ours).looks == ()


def test_a_campaign_without_a_brand_is_of_none() -> None:
    assert interpret(Event(brands=("",)), desired(), [a_campaign()]).looks == ()


def test_what_is_said_to_be_dormant_is_known_by_the_id_of_the_config() -> None:
    event = Event("10dlc.campaign.update", "TELNYX_EVENT", (TCR_ID,), dormant=True)

    assert interpret(event, desired(), [a_campaign(tcr_id=TCR_ID)]).dormant == CAMPAIGN
    assert interpret(event, desired(), ()).dormant is None
    assert interpret(replace(event, dormant=False), desired(), [a_campaign(tcr_id=TCR_ID)]).dormant is None


IDS = st.sampled_from([CAMPAIGN, FOREIGN, TCR_ID, CampaignId("x")])
EVENTS = st.builds(
    Event,
    event_type=st.text(max_size=5),
    type=st.text(max_size=5),
    campaigns=st.lists(IDS, max_size=3).map(tuple),
    phone_number=st.none() | st.integers(120, 126).map(a_number),
    flat=st.booleans(),
    brands=st.lists(st.sampled_from(["", "b-1", "b-2"]), max_size=2).map(tuple),
    known=st.booleans(),
    dormant=st.booleans(),
)
BRANDED = [replace(a_campaign(tcr_id=TCR_ID), brand_id="b-1"), replace(a_campaign(campaign=FOREIGN), brand_id="b-1")]


@given(
    EVENTS | st.builds(Unusable, st.text(max_size=5)), st.lists(st.sampled_from(BRANDED), unique_by=lambda one: one.id)
)
def test_it_never_raises_and_looks_only_where_the_config_does(
    event: Event | Unusable, campaigns: list[Campaign]
) -> None:
    reading = interpret(event, desired(), campaigns)

    assert len(reading.looks) <= 1
    assert set(reading.looks) <= {NUMBER, CAMPAIGN, EVERYTHING}
    assert (reading.looks == (EVERYTHING,)) is isinstance(event, Unusable)
    assert reading.dormant in (None, *reading.looks)
