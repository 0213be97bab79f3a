"""Campaigns are found by every id they go by: our own by their TCR ids in the lists of our brands, a few at a time."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Campaign, CampaignPhase, Look, Observed
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.operations import Urgency
from reconciler.model.plan import Assign
from reconciler.telnyx import campaigns
from reconciler.telnyx.campaigns import BRANDS_A_LOOK, MAX_AGE, Directory
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.documents import Json
from reconciler.telnyx.limiter import Limiter
from tests.telnyx.scripted import (
    NOW,
    Line,
    Script,
    StoppedClock,
    asking,
    client_of,
    reply,
    reset,
    scripted,
    settings,
)
from tests.telnyx.test_documents import JSON

pytestmark = pytest.mark.anyio

OWN = CampaignId("3008dd9f-66d7-40e0-bf23-bf2d8d1a96ba")
TCR = CampaignId("C6X6M95")
NUMBER = PhoneNumber("+12025550123")
CAMPAIGN: dict[str, Json] = {"campaignId": OWN, "tcrCampaignId": TCR, "campaignStatus": "MNO_PROVISIONED"}
NO_SUCH = reply({"errors": [{"code": "10005", "title": "Resource not found"}]}, 404)
NO_KEY = reply({"errors": [{"code": "10009", "title": "Authentication failed"}]}, 401)
NOT_A_UUID = reply({"detail": [{"loc": ["path"], "msg": "not a UUID"}]}, 422)
EMPTY = reply({"records": [], "totalRecords": 0})
UNKNOWN = [NO_SUCH, NO_SUCH]
"""What Telnyx says of a TCR id: it is no campaign of ours by that id, and none shared with us."""
LOOK = Look(TCR)


def listed(*rows: Json, total: int | None = None) -> Line:
    return reply({"records": list(rows), "totalRecords": len(rows) if total is None else total})


def brands(*names: str) -> Line:
    rows: list[Json] = [{"brandId": name} for name in names]
    return listed(*rows)


async def look(script: Script, client: TelnyxClient, *answers: Line, wanted: Look = LOOK) -> tuple[Observed, list[str]]:
    """Look once: what was seen, and the addresses asked before the listing."""
    before = len(script.asked)
    script.then(*answers, EMPTY)
    observed = await client.observe((wanted,), ())
    assert not script.lines, "the script was not played to its end"
    return observed, [target.removeprefix("GET /v2/10dlc/") for target in script.asked[before:-1]]


async def look_once(*answers: Line, wanted: Look = LOOK) -> tuple[Observed, list[str]]:
    async with scripted() as script, client_of(script) as client:
        return await look(script, client, *answers, wanted=wanted)


def faults_of(observed: Observed) -> list[tuple[str, FaultKind]]:
    return [(subject, fault.kind) for subject, fault in observed.faults]


async def test_an_own_campaign_is_found_by_its_tcr_id_among_the_brands() -> None:
    other: Json = {"campaignId": "751c6a5c-907b-43a9-8ada-ba1dc8335b07", "tcrCampaignId": "COTHER1"}
    answers = *UNKNOWN, brands("b-1", "b-2", "b-3"), listed(other), listed(other, CAMPAIGN), reply(CAMPAIGN)

    observed, asked = await look_once(*answers)

    assert observed.campaigns == {TCR: Campaign(TCR, CampaignPhase.APPROVED, NOW, "MNO_PROVISIONED", OWN, TCR)}
    assert observed.faults == ()
    assert asked == [
        f"campaign/{TCR}",
        f"partner_campaigns/{TCR}",
        "brand?page=1&recordsPerPage=500&sort=createdAt",
        "campaign?brandId=b-1&page=1&recordsPerPage=100&sort=createdAt",
        "campaign?brandId=b-2&page=1&recordsPerPage=100&sort=createdAt",
        f"campaign/{OWN}",
    ]


async def test_both_ids_are_remembered_and_the_numbers_are_assigned_by_telnyxs_own() -> None:
    async with scripted() as script, client_of(script) as client:
        first, _ = await look(script, client, *UNKNOWN, brands("b-1"), listed(CAMPAIGN), reply(CAMPAIGN))
        _, asked = await look(script, client, reply(CAMPAIGN), wanted=Look(TCR, first.campaigns[TCR]))
        script.then(reset)
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.act(Assign(NUMBER, PoolName("sales"), TCR))

    assert asked == [f"campaign/{OWN}"]
    assert OWN.encode() in script.received[-1].body


async def test_the_lists_are_kept_for_the_next_campaign() -> None:
    async with scripted() as script, client_of(script) as client:
        second: dict[str, Json] = {"campaignId": "751c6a5c-907b-43a9-8ada-ba1dc8335b07", "tcrCampaignId": "CNUMBER2"}
        await look(script, client, *UNKNOWN, brands("b-1"), listed(CAMPAIGN, second), reply(CAMPAIGN))
        answers = *UNKNOWN, reply(second)
        observed, _ = await look(script, client, *answers, wanted=Look(CampaignId("CNUMBER2")))

    assert observed.campaigns[CampaignId("CNUMBER2")].telnyx_id == second["campaignId"]


@pytest.mark.parametrize("answers", [[NO_SUCH, NO_SUCH], [NOT_A_UUID, NO_SUCH]])
async def test_an_id_that_no_brand_has_is_unknown_and_does_not_walk_the_account_on_each_look(
    answers: list[Line],
) -> None:
    clock = StoppedClock()
    async with (
        scripted() as script,
        TelnyxClient(settings(script.base_url), clock, Limiter(1000, burst=1000)) as client,
    ):
        for walk in ([brands("b-1", "b-2"), EMPTY, EMPTY], [], []):
            observed, _ = await look(script, client, *answers, *walk)
            assert observed.campaigns[TCR].phase is CampaignPhase.UNKNOWN
            assert observed.campaigns[TCR].failure == "Telnyx knows no campaign by this id"
            assert observed.faults == ()
        clock.time += MAX_AGE - timedelta(seconds=1)
        await look(script, client, *answers)
        clock.time += timedelta(seconds=1)
        observed, _ = await look(script, client, *answers, brands("b-3"), listed(CAMPAIGN), reply(CAMPAIGN))

    assert observed.campaigns[TCR].telnyx_id == OWN


async def test_an_id_in_telnyxs_own_form_is_not_looked_for_among_the_brands() -> None:
    observed, asked = await look_once(NO_SUCH, wanted=Look(OWN))

    assert observed.campaigns[OWN].phase is CampaignPhase.UNKNOWN
    assert asked == [f"campaign/{OWN}"]


async def test_a_campaign_that_is_gone_is_not_looked_for_by_the_id_it_had() -> None:
    known = Campaign(TCR, CampaignPhase.APPROVED, NOW, telnyx_id=OWN, tcr_id=TCR, brand_id="b-1", tcr_brand_id="B1")

    observed, asked = await look_once(*UNKNOWN, wanted=Look(TCR, known))

    read = observed.campaigns[TCR]
    assert (read.phase, read.telnyx_id, read.failure) == (
        CampaignPhase.UNKNOWN,
        OWN,
        "Telnyx knows no campaign by this id",
    )
    assert (read.brand_id, read.tcr_brand_id) == ("b-1", "B1")  # an event of its brand may tell that it is back
    assert asked == [f"campaign/{OWN}", f"partner_campaigns/{TCR}"]


async def test_many_brands_are_read_over_several_looks() -> None:
    names = [f"b-{index}" for index in range(2 * BRANDS_A_LOOK + 1)]
    async with scripted() as script, client_of(script) as client:
        first, _ = await look(script, client, *UNKNOWN, brands(*names), *[EMPTY] * BRANDS_A_LOOK)
        second, asked = await look(script, client, *UNKNOWN, *[EMPTY] * BRANDS_A_LOOK)
        third, _ = await look(script, client, *UNKNOWN, listed(CAMPAIGN), reply(CAMPAIGN))

    assert first.campaigns == second.campaigns == {}
    [(subject, fault)] = first.faults
    assert (subject, fault.kind) == (TCR, FaultKind.LOST)
    assert fault.detail == f"looking for it among our brands: {BRANDS_A_LOOK + 1} are still to be read"
    assert f"brandId=b-{BRANDS_A_LOOK}&" in asked[2]
    assert third.campaigns[TCR].telnyx_id == OWN


async def test_a_brand_that_cannot_be_read_comes_again_after_the_others() -> None:
    async with scripted() as script, client_of(script) as client:
        first, _ = await look(script, client, *UNKNOWN, brands("b-1", "b-2"), reset)
        second, asked = await look(script, client, *UNKNOWN, EMPTY, listed(CAMPAIGN), reply(CAMPAIGN))

    assert faults_of(first) == [(TCR, FaultKind.LOST)]
    assert first.campaigns == {}
    assert [target.partition("&")[0] for target in asked[2:4]] == ["campaign?brandId=b-2", "campaign?brandId=b-1"]
    assert second.campaigns[TCR].telnyx_id == OWN


@pytest.mark.parametrize("walk", [[reset], [brands("b-1"), reset], [brands("b-1"), listed(CAMPAIGN), reset]])
async def test_what_could_not_be_looked_for_is_not_unknown(walk: list[Line]) -> None:
    observed, _ = await look_once(*UNKNOWN, *walk)

    assert observed.campaigns == {}
    assert faults_of(observed) == [(TCR, FaultKind.LOST)]


@pytest.mark.parametrize(
    "walk",
    [
        [listed({"brandId": "b-1"}, total=2), listed(total=2), EMPTY],
        [listed({"brandId": "b-1"}, {"brandId": "x" * 65}), EMPTY],
        [brands("b-1"), listed({"campaignId": str(OWN)}, total=2), listed(total=2)],
        [brands("b-1"), listed({"tcrCampaignId": TCR})],
    ],
)
async def test_lists_that_are_not_all_there_is_do_not_show_that_it_is_unknown(walk: list[Line]) -> None:
    observed, _ = await look_once(*UNKNOWN, *walk)

    assert observed.campaigns == {}
    assert faults_of(observed) == [(TCR, FaultKind.LOST)]
    assert observed.faults[0][1].detail.startswith("not found among our brands, but ")


@pytest.mark.parametrize("walk", [[], [brands("b-1")], [brands("b-1"), listed(CAMPAIGN)]])
async def test_a_refused_key_ends_the_look_at_once(walk: list[Line]) -> None:
    async with scripted(*UNKNOWN, *walk, NO_KEY) as script, client_of(script) as client:
        observed = await client.observe((LOOK, LOOK), ())

    assert len(script.asked) == len(UNKNOWN) + len(walk) + 1
    assert faults_of(observed) == [(TCR, FaultKind.HALTED)]


async def test_a_campaign_that_tcr_does_not_know_yet_has_no_id_there() -> None:
    new: Iterable[Json] = ({"campaignId": str(OWN)}, {"campaignId": str(OWN), "tcrCampaignId": ""})
    for row in new:
        observed, _ = await look_once(*UNKNOWN, brands("b-1"), listed(row))
        assert observed.campaigns[TCR].phase is CampaignPhase.UNKNOWN


async def test_the_first_ids_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "MAX_IDS", 1)
    other: Json = {"campaignId": "751c6a5c-907b-43a9-8ada-ba1dc8335b07", "tcrCampaignId": "COTHER1"}
    async with scripted() as script, client_of(script) as client:
        await look(script, client, *UNKNOWN, brands("b-1"), listed(other, CAMPAIGN), reply(CAMPAIGN))
        observed, _ = await look(script, client, *UNKNOWN, wanted=Look(CampaignId("COTHER1")))

    assert observed.campaigns[CampaignId("COTHER1")].phase is CampaignPhase.UNKNOWN


@given(JSON, st.dictionaries(st.sampled_from(["brandId", "campaignId", "tcrCampaignId", "data", "errors"]), JSON))
def test_any_lists_are_read_or_end_in_a_fault(anything: Json, fields: dict[str, Json]) -> None:
    whole: dict[str, Json] = {"brandId": "b-1", "campaignId": str(OWN)}
    some: Json = {"records": [anything, fields, whole | fields], "totalRecords": 3}
    one: Json = {"records": [whole | fields], "totalRecords": 1}
    for document in (anything, some, one):
        found = asyncio.run(Directory(StoppedClock()).find(asking(document), TCR))
        assert found is None or isinstance(found, Fault | CampaignId)


async def test_a_shared_campaign_needs_no_brand() -> None:
    observed, asked = await look_once(NO_SUCH, reply({"tcrCampaignId": TCR, "campaignStatus": "MNO_PROVISIONED"}))

    assert (observed.campaigns[TCR].telnyx_id, observed.campaigns[TCR].tcr_id) == (None, TCR)
    assert asked == [f"campaign/{TCR}", f"partner_campaigns/{TCR}"]
