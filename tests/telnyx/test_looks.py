"""Looks over a real socket: how many calls they make, what they find, and when a list is not all there is."""

import httpx
import pytest

from reconciler.model.errors import FaultKind
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase, Look, Observed, Single
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import ByProfile
from reconciler.model.operations import Urgency
from reconciler.model.plan import Assign
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.documents import Json
from reconciler.telnyx.limiter import Limiter
from reconciler.telnyx.pages import MAX_PAGES
from tests.telnyx.scripted import NOW, Line, StoppedClock, client_of, reply, reset, scripted, settings

pytestmark = pytest.mark.anyio

OWN = CampaignId("3008dd9f-66d7-40e0-bf23-bf2d8d1a96ba")
OTHER = CampaignId("751c6a5c-907b-43a9-8ada-ba1dc8335b07")
TCR = CampaignId("C6X6M95")
CAMPAIGN: dict[str, Json] = {"campaignId": OWN, "tcrCampaignId": TCR, "campaignStatus": "MNO_PROVISIONED"}
SHARED: dict[str, Json] = {"tcrCampaignId": TCR, "campaignStatus": "MNO_PROVISIONED"}
NO_SUCH = reply({"errors": [{"code": "10005", "title": "Resource not found"}]}, 404)
NO_KEY = reply({"errors": [{"code": "10009", "title": "Authentication failed"}]}, 401)
EMPTY = reply({"records": [], "totalRecords": 0})


def number(index: int) -> PhoneNumber:
    return PhoneNumber(f"+1202{5550000 + index}")


def row(index: int, campaign: str = OWN, status: str = "ASSIGNED") -> Json:
    return {"phoneNumber": number(index), "campaignId": campaign, "assignmentStatus": status}


def page(*indexes: int, total: Json, name: str = "records") -> Line:
    return reply({name: [row(index) for index in indexes], "page": 1, "totalRecords": total})


async def observe(
    *lines: Line, looks: tuple[Look, ...] = (Look(OWN),), numbers: tuple[PhoneNumber, ...] = ()
) -> tuple[Observed, list[str]]:
    async with scripted(*lines) as script, client_of(script) as client:
        observed = await client.observe(looks, numbers)
        assert not script.lines, "the script was not played to its end"
        return observed, script.asked


async def flaw_of(*lines: Line) -> str:
    """The flaw of a listing that is not complete."""
    observed, _ = await observe(*lines, looks=(Look(OWN, read_campaign=False),))
    listing = observed.listings[OWN]
    assert not listing.complete
    return listing.flaw


async def test_a_campaign_of_twenty_takes_two_calls() -> None:
    observed, asked = await observe(reply(CAMPAIGN), page(*range(20), total=20))

    assert observed.campaigns == {OWN: Campaign(OWN, CampaignPhase.APPROVED, NOW, "MNO_PROVISIONED", OWN, TCR)}
    listing = observed.listings[OWN]
    assert (len(listing.assignments), listing.complete, listing.flaw, listing.taken_at) == (20, True, "", NOW)
    assert observed.faults == ()
    query = f"filter%5Btelnyx_campaign_id%5D={OWN}&page=1&recordsPerPage=500&sort=phoneNumber"
    assert asked == [f"GET /v2/10dlc/campaign/{OWN}", f"GET /v2/10dlc/phone_number_campaigns?{query}"]


async def test_sixty_campaigns_of_forty_nine_numbers_with_profiles_take_four_calls_each() -> None:
    asked: list[str] = []

    def telnyx(request: httpx.Request) -> httpx.Response:
        """An account in which campaign and profile number 7 have the numbers from 700 to 748."""
        asked.append(request.url.path)
        params = request.url.params
        which = (params.get("filter[telnyx_campaign_id]") or params.get("filter[messaging_profile_id]") or asked[-1])[
            -2:
        ]
        numbers = [number(100 * int(which) + index) for index in range(49)]
        campaign, profile = f"campaign-{which}", f"profile-{which}"
        answers: dict[str, Json] = {
            f"/v2/10dlc/campaign/{campaign}": {"campaignId": campaign, "campaignStatus": "MNO_PROVISIONED"},
            "/v2/10dlc/phone_number_campaigns": {
                "records": [{"phoneNumber": one, "campaignId": campaign} for one in numbers],
                "totalRecords": len(numbers),
            },
            f"/v2/messaging_profiles/{profile}": {"data": {"id": profile}},
            "/v2/phone_numbers/messaging": {
                "data": [{"phone_number": one, "messaging_profile_id": profile} for one in numbers],
                "meta": {"total_results": len(numbers)},
            },
        }
        return httpx.Response(200, json=answers[asked[-1]], request=request)

    names = [f"{which:02}" for which in range(60)]
    looks = [
        Look(CampaignId(f"campaign-{name}"), profiles=(profile,), selections=(ByProfile(profile),))
        for name in names
        for profile in [ProfileId(f"profile-{name}")]
    ]
    limiter = Limiter(1000, burst=1000)
    transport = httpx.MockTransport(telnyx)
    async with TelnyxClient(
        settings("https://telnyx.invalid/v2"), StoppedClock(), limiter, transport=transport
    ) as client:
        observed = await client.observe(looks, ())

    assert len(asked) == 4 * 60
    assert len(observed.campaigns) == len(observed.profiles) == 60
    assert [len(listing.assignments) for listing in observed.listings.values() if listing.complete] == [49] * 60
    assert [len(roster.lines) for roster in observed.rosters.values() if roster.complete] == [49] * 60
    assert [len(selected.numbers) for selected in observed.selected.values() if selected.complete] == [49] * 60
    assert observed.faults == ()


async def test_a_campaign_of_twelve_hundred_takes_four_calls() -> None:
    observed, asked = await observe(
        reply(CAMPAIGN),
        page(*range(500), total=1200),
        page(*range(500, 1000), total=1200),
        page(*range(1000, 1200), total=1200),
    )

    assert len(observed.listings[OWN].assignments) == 1200
    assert observed.listings[OWN].complete
    assert [f"&page={n}&" in target for n, target in zip(range(1, 4), asked[1:], strict=True)] == [True] * 3


async def test_smaller_pages_than_asked_for_are_taken() -> None:
    observed, _ = await observe(
        page(0, 1, total=5), page(2, 3, total=5), page(4, total=5), looks=(Look(OWN, read_campaign=False),)
    )

    assert observed.listings[OWN].complete
    assert observed.campaigns == {}


@pytest.mark.covers("F-54")
async def test_an_empty_list_is_complete_only_if_it_says_so() -> None:
    observed, _ = await observe(EMPTY, looks=(Look(OWN, read_campaign=False),))

    assert observed.listings[OWN].complete
    assert observed.listings[OWN].assignments == {}


async def test_a_list_under_data_is_a_list() -> None:
    observed, _ = await observe(page(0, total=1, name="data"), looks=(Look(OWN, read_campaign=False),))

    assert observed.listings[OWN].complete


@pytest.mark.covers("F-49", "F-54")
async def test_no_list_is_a_fault_and_not_an_empty_list() -> None:
    observed, _ = await observe(reply({"totalRecords": 0}), looks=(Look(OWN, read_campaign=False),))

    assert observed.listings == {}
    [(subject, fault)] = observed.faults
    assert (subject, fault.kind) == (OWN, FaultKind.LOST)


@pytest.mark.covers("A05", "F-53")
async def test_too_few_rows() -> None:
    assert await flaw_of(page(0, 1, total=3), page(total=3)) == "2 listed, of 3"
    assert await flaw_of(page(total=3)) == "0 listed, of 3"


@pytest.mark.covers("A05", "F-53")
async def test_a_row_twice_is_counted_once() -> None:
    assert await flaw_of(page(0, 1, total=4), page(1, 2, total=4)) == "3 listed, of 4"


@pytest.mark.covers("F-53")
async def test_a_page_that_repeats_ends_the_reading() -> None:
    assert await flaw_of(page(0, 1, total=900), page(0, 1, total=900)) == "2 listed, of 900"


@pytest.mark.covers("A05", "F-53")
async def test_more_rows_than_it_says() -> None:
    assert await flaw_of(page(0, 1, 2, total=2)) == "3 listed, of 2"


@pytest.mark.covers("A05", "F-53")
async def test_a_total_that_changes() -> None:
    flaw = await flaw_of(page(0, 1, total=3), page(2, 3, total=4))

    assert flaw == "the number of records changed from 3 to 4 while they were read"


@pytest.mark.parametrize("total", [None, "2", -1])
async def test_no_total(total: Json) -> None:
    assert "how many" in await flaw_of(page(0, total=total), page(total=total))


@pytest.mark.covers("A05")
async def test_a_filter_that_was_ignored_ends_the_reading() -> None:
    rows = [row(0), row(1, OTHER), row(2, OTHER)]

    flaw = await flaw_of(reply({"records": rows, "totalRecords": 90_000}))

    assert flaw.startswith("numbers of other campaigns among them")


async def test_what_is_ours_in_a_flawed_list_is_kept() -> None:
    rows = [row(0), row(1, OTHER), {"phoneNumber": "?"}]
    observed, _ = await observe(reply({"records": rows, "totalRecords": 3}), looks=(Look(OWN, read_campaign=False),))

    assert list(observed.listings[OWN].assignments) == [number(0)]


async def test_a_record_that_cannot_be_read() -> None:
    assert "cannot be read" in await flaw_of(reply({"records": [row(0), {}], "totalRecords": 2}))


@pytest.mark.covers("F-49", "A10")
async def test_an_unknown_status_is_neither_assigned_nor_absent() -> None:
    line = reply({"records": [row(0, status="SOMETHING_NEW")], "totalRecords": 1})
    observed, _ = await observe(line, looks=(Look(OWN, read_campaign=False),))

    assert observed.listings[OWN].complete
    assert observed.listings[OWN].assignments[number(0)].state is AssignmentState.UNKNOWN


async def test_a_page_that_fails_leaves_what_came_before_it() -> None:
    observed, _ = await observe(page(0, 1, total=4), reset, looks=(Look(OWN, read_campaign=False),))

    listing = observed.listings[OWN]
    assert (len(listing.assignments), listing.complete) == (2, False)
    assert listing.flaw.startswith("page 2 could not be read")
    assert [(subject, fault.kind) for subject, fault in observed.faults] == [(OWN, FaultKind.LOST)]


@pytest.mark.covers("F-53")
async def test_pages_have_an_end() -> None:
    flaw = await flaw_of(*[page(index, total=10_000) for index in range(MAX_PAGES)])

    assert flaw == f"more than {MAX_PAGES} pages; {MAX_PAGES} listed, of 10000"


async def test_an_own_campaign_by_its_tcr_id_is_known_by_both() -> None:
    known = Campaign(TCR, CampaignPhase.IN_REVIEW, NOW, telnyx_id=OWN, tcr_id=TCR)
    observed, asked = await observe(reply(CAMPAIGN), page(0, total=1), looks=(Look(TCR, known),))

    assert observed.campaigns[TCR].phase is CampaignPhase.APPROVED
    assert observed.listings[TCR].complete
    assert asked[0] == f"GET /v2/10dlc/campaign/{OWN}"
    assert f"filter%5Btelnyx_campaign_id%5D={OWN}" in asked[1]


@pytest.mark.parametrize("not_own", [NO_SUCH, reply({"detail": [{"loc": ["path"], "msg": "not a UUID"}]}, 422)])
async def test_a_shared_campaign_is_found_among_the_partners(not_own: Line) -> None:
    rows = [row(0, TCR), {"phoneNumber": number(1), "campaignId": TCR, "telnyxCampaignId": "", "tcrCampaignId": TCR}]
    listed = reply({"records": rows, "totalRecords": 2})
    observed, asked = await observe(not_own, reply(SHARED), listed, looks=(Look(TCR),))

    campaign = observed.campaigns[TCR]
    assert (campaign.phase, campaign.telnyx_id, campaign.tcr_id) == (CampaignPhase.APPROVED, None, TCR)
    assert observed.listings[TCR].complete
    assert asked[:2] == [f"GET /v2/10dlc/campaign/{TCR}", f"GET /v2/10dlc/partner_campaigns/{TCR}"]
    assert f"filter%5Btcr_campaign_id%5D={TCR}" in asked[2]
    _, asked = await observe(reply(SHARED), listed, looks=(Look(TCR, campaign),))
    assert asked[0] == f"GET /v2/10dlc/partner_campaigns/{TCR}"


@pytest.mark.parametrize(("named", "answers"), [(OWN, [NO_SUCH]), (TCR, [NO_SUCH, NO_SUCH, EMPTY])])
async def test_a_campaign_that_telnyx_does_not_know(named: CampaignId, answers: list[Line]) -> None:
    observed, _ = await observe(*answers, EMPTY, looks=(Look(named),))

    assert observed.campaigns[named].phase is CampaignPhase.UNKNOWN
    assert observed.faults == ()


async def test_a_proxy_that_says_404_says_nothing_of_the_campaign() -> None:
    observed, _ = await observe(reply(b"<html>", 404, headers={"content-type": "text/html"}), EMPTY)

    assert observed.campaigns == {}
    assert [fault.kind for _, fault in observed.faults] == [FaultKind.LOST]


async def test_one_bad_campaign_does_not_stop_the_others() -> None:
    observed, _ = await observe(
        reply(b"", 500),
        page(total=7),
        reply(CAMPAIGN | {"campaignId": OTHER}),
        EMPTY,
        looks=(Look(OWN), Look(OTHER)),
    )

    assert list(observed.campaigns) == [OTHER]
    assert [(listing.complete) for listing in observed.listings.values()] == [False, True]
    assert [subject for subject, _ in observed.faults] == [OWN]


@pytest.mark.parametrize(
    "before", [[], [reply(CAMPAIGN)], [reply(CAMPAIGN), page(0, total=2)], [reply(CAMPAIGN), EMPTY]]
)
async def test_a_refused_key_ends_the_look_at_once(before: list[Line]) -> None:
    observed, asked = await observe(*before, NO_KEY, looks=(Look(OWN), Look(OTHER)), numbers=(number(0), number(1)))

    assert len(asked) == len(before) + 1
    assert [fault.kind for _, fault in observed.faults] == [FaultKind.HALTED]


async def test_numbers_are_read_one_by_one_each_once() -> None:
    observed, asked = await observe(
        reply(row(0)), NO_SUCH, reply(row(7)), looks=(), numbers=(number(0), number(1), number(0), number(2))
    )

    seen = observed.singles[number(0)].assignment
    assert seen is not None
    assert (seen.number, seen.campaign) == (number(0), OWN)
    assert observed.singles[number(1)] == Single(number(1), None, NOW)
    assert [(subject, fault.kind) for subject, fault in observed.faults] == [(number(2), FaultKind.LOST)]
    assert asked[0].endswith("/%2B12025550000")


async def test_a_refused_key_ends_the_reading_of_numbers() -> None:
    observed, asked = await observe(reply(row(0)), NO_KEY, looks=(), numbers=tuple(number(index) for index in range(5)))

    assert len(asked) == 2
    assert list(observed.singles) == [number(0)]
    assert observed.taken_at == NOW


NO_SUCH_LIST = [NO_SUCH, reply(b"Not Found", 404, headers={"content-type": "text/plain"}), reply(b"", 405)]


async def look_by_path(
    *lines: Line, path: str = "phone_number_campaigns", looks: int = 1
) -> tuple[Observed, list[str], list[str], str]:
    """Look some times: what the last one saw, which lists were asked, as what they were counted, the path in use."""
    counted: list[str] = []

    def watch(operation: str, code: str, seconds: float) -> None:
        assert code
        assert seconds >= 0
        counted.append(operation)

    limiter = Limiter(1000, burst=1000)
    async with (
        scripted(*lines) as script,
        TelnyxClient(settings(script.base_url, path=path), StoppedClock(), limiter, on_call=watch) as client,
    ):
        for _ in range(looks - 1):
            await client.observe((Look(OWN, read_campaign=False),), ())
        observed = await client.observe((Look(OWN, read_campaign=False),), ())
        assert not script.lines, "the script was not played to its end"
        asked = [target.removeprefix("GET /v2/10dlc/") for target in script.asked]
        return observed, [target.partition("?")[0] for target in asked], counted, client.assignment_path


@pytest.mark.parametrize("gone", NO_SUCH_LIST)
@pytest.mark.parametrize(
    ("path", "other"),
    [("phone_number_campaigns", "phoneNumberCampaign"), ("phoneNumberCampaign", "phone_number_campaigns")],
)
async def test_a_list_that_is_gone_is_asked_for_by_its_other_spelling_from_then_on(
    gone: Line, path: str, other: str
) -> None:
    observed, asked, counted, used = await look_by_path(
        gone, page(0, total=2), page(1, total=2), EMPTY, path=path, looks=2
    )

    assert asked == [path, other, other, other]
    assert used == other
    assert len(set(counted[1:])) == 1
    assert counted[0] != counted[1]
    assert observed.listings[OWN].complete
    assert observed.faults == ()


@pytest.mark.parametrize("gone", NO_SUCH_LIST)
@pytest.mark.parametrize("also", [*NO_SUCH_LIST, reset])
async def test_a_spelling_that_does_not_work_either_is_not_taken(gone: Line, also: Line) -> None:
    observed, asked, _, used = await look_by_path(gone, also, page(0, total=1), looks=2)

    assert asked == ["phone_number_campaigns", "phoneNumberCampaign", "phone_number_campaigns"]
    assert used == "phone_number_campaigns"
    assert observed.listings[OWN].complete


async def test_the_other_spelling_is_taken_once_and_for_good() -> None:
    observed, asked, _, used = await look_by_path(NO_SUCH, EMPTY, NO_SUCH, looks=2)

    assert asked == ["phone_number_campaigns", "phoneNumberCampaign", "phoneNumberCampaign"]
    assert used == "phoneNumberCampaign"
    assert [fault.kind for _, fault in observed.faults] == [FaultKind.NOT_FOUND]


@pytest.mark.parametrize("trouble", [reset, reply(b"", 500), reply(b"", 429), reply({"errors": [{"code": "1"}]}, 400)])
async def test_no_other_trouble_is_a_reason_for_the_other_spelling(trouble: Line) -> None:
    _, asked, _, used = await look_by_path(trouble)

    assert asked == ["phone_number_campaigns"]
    assert used == "phone_number_campaigns"


async def test_a_later_page_that_is_not_found_is_no_reason_either() -> None:
    observed, asked, _, _ = await look_by_path(page(0, total=2), NO_SUCH)

    assert asked == ["phone_number_campaigns"] * 2
    assert not observed.listings[OWN].complete


async def test_numbers_that_are_not_found_and_a_refused_post_say_nothing_of_the_spelling() -> None:
    action = Assign(number(0), PoolName("sales"), OWN)
    async with scripted(NO_SUCH, NO_SUCH, NO_SUCH) as script, client_of(script) as client:
        await client.observe((), (number(0),))
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.act(action)
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.look(number(0))

        assert client.assignment_path == "phone_number_campaigns"
    assert len(script.asked) == 3


async def test_numbers_are_assigned_and_read_by_the_spelling_in_use() -> None:
    action = Assign(number(0), PoolName("sales"), OWN)
    async with (
        scripted(NO_SUCH, EMPTY, reply(row(0)), reply(row(0)), reply(row(0))) as script,
        client_of(script) as client,
    ):
        await client.observe((Look(OWN, read_campaign=False),), (number(0),))
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.act(action)
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.look(number(0))

    assert [target.partition("?")[0].split("/")[3] for target in script.asked[1:]] == ["phoneNumberCampaign"] * 4


async def test_the_legacy_spelling_is_never_asked_to_sort() -> None:
    async with scripted(EMPTY) as script:
        limiter = Limiter(1000, burst=1000)
        legacy = settings(script.base_url, path="phoneNumberCampaign")
        async with TelnyxClient(legacy, StoppedClock(), limiter) as client:
            await client.observe((Look(OWN, read_campaign=False),), ())

    assert "sort" not in script.asked[0]
