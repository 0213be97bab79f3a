"""An address is answered or it is not, and so is a method."""

import pytest

from reconciler.sandbox.api.routes import ROUTES
from reconciler.sandbox.holdings import PROFILE
from tests.sandbox.stage import CAMPAIGN, NUMBER, PATH, Telnyx, code


@pytest.mark.parametrize(
    "path",
    [
        "/v2/10dlc/phoneNumberCampaigns",
        "/v2/phoneNumberCampaign",
        "/v2/10dlc/assignments",
        f"/v2/10dlc/campaignBuilder/{CAMPAIGN}",
        f"{PATH}/{NUMBER}/messaging",
        f"{PATH}/",
        f"/v2/messaging_phone_numbers/{NUMBER}",
        "/v2",
        "",
    ],
)
def test_a_wrong_address_is_404(path: str) -> None:
    assert code(Telnyx().ask("GET", path)) == (404, "10005")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", PATH),
        ("POST", f"{PATH}/{NUMBER}"),
        ("DELETE", f"/v2/10dlc/campaign/{CAMPAIGN}"),
        ("PUT", f"/v2/10dlc/campaign/{CAMPAIGN}"),
        ("POST", "/v2/10dlc/campaign"),
        ("DELETE", f"/v2/phone_numbers/{NUMBER}"),
        ("DELETE", f"/v2/messaging_profiles/{PROFILE}"),
        ("PUT", "/v2/phone_numbers/messaging"),
    ],
)
def test_a_wrong_method_is_405(method: str, path: str) -> None:
    assert Telnyx().ask(method, path).status == 405


def test_nothing_can_be_done_to_a_campaign() -> None:
    campaigns = [path for path in ROUTES if path.startswith(("/10dlc/campaign", "/10dlc/partner_campaigns"))]

    assert len(campaigns) == 6
    assert {method for path in campaigns for method in ROUTES[path]} == {"GET"}


def test_a_number_may_stand_in_an_address_as_it_is_or_encoded() -> None:
    telnyx = Telnyx()
    telnyx.assign()

    for number in (NUMBER, NUMBER.replace("+", "%2B"), NUMBER.replace("+", "%2b")):
        assert telnyx.ask("GET", f"{PATH}/{number}").status == 200
