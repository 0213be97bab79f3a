"""Where Telnyx's pages contradict its reference, or each other, we do what works with either. One test a contradiction.

The numbers are those of our collection of facts; what both sides say stands in each test. What we never do is shown by
walking every request that can be made.
"""

import ast
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

import httpx
import pytest

from reconciler.decide.interpret import interpret
from reconciler.decide.settle import settle
from reconciler.model.errors import Fault, FaultKind
from reconciler.model.events import Event, EventState, Reading
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase, Look, Single
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import Line, Membership
from reconciler.model.operations import Operation, Step, Urgency
from reconciler.model.patience import Patience
from reconciler.model.plan import Assign
from reconciler.model.pools import Desired, Pool
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Accepted, Recheck, Refused, Retry, Told, Unresolved
from reconciler.telnyx import calls
from reconciler.telnyx.answers import read_assignment, read_campaign
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.documents import Json
from reconciler.telnyx.events import identify, parse_event
from reconciler.telnyx.faults import read_wait
from reconciler.telnyx.limiter import Limiter
from reconciler.web.answers import KEPT
from tests.telnyx.scripted import NOW, StoppedClock, settings
from tests.telnyx.test_calls import every_request

NUMBER = PhoneNumber("+12025550123")
OTHER_NUMBER = PhoneNumber("+12025550124")
CAMPAIGN = CampaignId("4b30019f-a9df-e17b-3529-70677db27ec4")
FOREIGN = CampaignId("751c6a5c-907b-43a9-8ada-ba1dc8335b07")
TCR = CampaignId("C6X6M95")
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
POOL = PoolName("sales")
ACTION = Assign(NUMBER, POOL, CAMPAIGN)
LIST = "GET /10dlc/phone_number_campaigns"
LEGACY_LIST = "GET /10dlc/phoneNumberCampaign"
POST = "POST /10dlc/phone_number_campaigns"
ITEM = f"GET /10dlc/phone_number_campaigns/{NUMBER}"
LOOK = Look(CAMPAIGN, read_campaign=False)

Answer: TypeAlias = tuple[int, Json]
NOT_FOUND: Answer = 404, {"errors": [{"code": "10005", "title": "Resource not found"}]}


@dataclass
class Telnyx:
    """A Telnyx that knows a few requests, by method and address, and answers 404 to every other."""

    answers: Mapping[str, Answer | Callable[[httpx.Request], Answer]]
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.get(words_of(request), NOT_FOUND)
        status, body = answer(request) if callable(answer) else answer
        return httpx.Response(status, json=body, request=request)

    @property
    def asked(self) -> list[str]:
        """Method and address of each request."""
        return [words_of(request) for request in self.requests]


def words_of(request: httpx.Request) -> str:
    return f"{request.method} {unquote(request.url.path).removeprefix('/v2')}"


@asynccontextmanager
async def client_of(telnyx: Telnyx, path: str = calls.ASSIGNMENTS) -> AsyncIterator[TelnyxClient]:
    """The real client over a transport that needs no network."""
    limiter = Limiter(1000, burst=1000)
    async with TelnyxClient(
        settings("https://telnyx.invalid/v2", path=path),
        StoppedClock(),
        limiter,
        transport=httpx.MockTransport(telnyx),
    ) as client:
        yield client


async def act(answer: Answer) -> Accepted | Refused | Unresolved:
    async with client_of(Telnyx({POST: answer})) as client, client.turn(Urgency.APPROVAL) as turn:
        return await turn.act(ACTION)


async def look(answer: Answer) -> Single | Fault:
    async with client_of(Telnyx({ITEM: answer})) as client, client.turn(Urgency.APPROVAL) as turn:
        return await turn.look(NUMBER)


def row(number: PhoneNumber = NUMBER, campaign: str = CAMPAIGN, **fields: Json) -> dict[str, Json]:
    whole: dict[str, Json] = {"phoneNumber": number, "campaignId": campaign, "assignmentStatus": "ASSIGNED"}
    return whole | fields


def records(*rows: Json, total: int | None = None) -> Answer:
    return 200, {"records": list(rows), "page": 1, "totalRecords": len(rows) if total is None else total}


def addresses(*methods: str) -> set[str]:
    """The address of every request of these methods that we can make, without its query."""
    return {one.target.partition("?")[0] for one in every_request().values() if one.method in methods}


def sent_operation(reason: Reason = Reason.NONE) -> Operation:
    return Operation(1, NUMBER, POOL, CAMPAIGN, Step.SENT, NOW, NOW, attempt=1, sent_at=NOW, reason=reason)


def meaning(document: Json) -> Reading:
    """What an event with this body means to a service with one pool."""
    desired = Desired("r1", (Pool(POOL, CAMPAIGN, (NUMBER,)),))
    known = Campaign(CAMPAIGN, CampaignPhase.IN_REVIEW, NOW, telnyx_id=CAMPAIGN, tcr_id=TCR)
    return interpret(parse_event(json.dumps(document).encode()), desired, (known,))


@pytest.mark.anyio
async def test_01_the_list_has_two_addresses_and_the_other_is_taken_only_where_the_list_is_gone() -> None:
    """`phoneNumberCampaign` on the page, `phone_number_campaigns` in the reference: a missing item proves nothing."""
    gone = Telnyx({LEGACY_LIST: records(row())})
    async with client_of(gone) as client:
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.look(NUMBER)
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.act(ACTION)
        assert client.assignment_path == "phone_number_campaigns"
        observed = await client.observe([LOOK], [])
        assert client.assignment_path == "phoneNumberCampaign"

    assert gone.asked == [ITEM, POST, LIST, LEGACY_LIST]
    assert observed.listings[CAMPAIGN].complete


@pytest.mark.anyio
async def test_02_an_item_is_taken_bare_and_wrapped_in_data() -> None:
    bodies: tuple[Json, ...] = (row(), {"data": row()})
    for body in bodies:
        outcome, read = await act((200, body)), await look((200, body))
        assert isinstance(outcome, Accepted)
        assert isinstance(read, Single)
        assert read.assignment == outcome.assignment == read_assignment(row())


def test_03_the_state_is_read_under_both_names_and_an_unknown_word_is_never_assigned() -> None:
    unnamed = row()
    del unnamed["assignmentStatus"]

    assert read_assignment(row()).state is AssignmentState.ASSIGNED
    assert read_assignment(unnamed | {"status": "ASSIGNED"}).state is AssignmentState.ASSIGNED
    assert read_assignment(row(assignmentStatus="PENDING_ASSIGNMENT", status="ASSIGNED")).state is (
        AssignmentState.PENDING
    )
    for word in ("ACTIVE", "assigned", "SUCCESS", ""):
        assert read_assignment(unnamed | {"status": word}).state is AssignmentState.UNKNOWN


@pytest.mark.anyio
async def test_04_a_list_is_taken_under_records_and_under_data_and_no_list_is_not_an_empty_one() -> None:
    lists: tuple[Json, ...] = (
        {"records": [row()], "totalRecords": 1},
        {"data": [row()], "totalRecords": 1},
        {"data": [row()], "meta": {"total_results": 1}},
    )
    for body in lists:
        async with client_of(Telnyx({LIST: (200, body)})) as client:
            listing = (await client.observe([LOOK], [])).listings[CAMPAIGN]
        assert (list(listing.assignments), listing.complete) == ([NUMBER], True)
    async with client_of(Telnyx({LIST: (200, {"totalRecords": 0})})) as client:
        observed = await client.observe([LOOK], [])
    assert observed.listings == {}
    assert [fault.kind for _, fault in observed.faults] == [FaultKind.LOST]


@pytest.mark.anyio
async def test_05_the_filter_has_the_name_of_the_reference_and_is_applied_here_again() -> None:
    """`filter[campaignId]` on the page; an unknown filter is ignored, and gives the whole account."""
    everybody = Telnyx({LIST: records(row(), row(OTHER_NUMBER, FOREIGN))})
    async with client_of(everybody) as client:
        listing = (await client.observe([LOOK], [])).listings[CAMPAIGN]
        await client.observe([Look(TCR, read_campaign=False)], [])

    assert (list(listing.assignments), listing.complete) == ([NUMBER], False)
    own, shared = (request.url.params for request in everybody.requests)
    assert own["filter[telnyx_campaign_id]"] == CAMPAIGN
    assert shared["filter[tcr_campaign_id]"] == TCR
    assert not [name for name in (*own, *shared) if name in ("filter[campaignId]", "filter[campaign_id]")]


@pytest.mark.covers("A05", "F-53")
@pytest.mark.anyio
async def test_06_every_page_is_read_in_a_stable_order_and_too_few_rows_are_not_complete() -> None:
    """The page shows one request; the reference pages, by 20 unless more are asked for."""
    numbers = [PhoneNumber(f"+1202555{index:04d}") for index in range(5)]

    def pages(rows: list[PhoneNumber]) -> Callable[[httpx.Request], Answer]:
        def answer(request: httpx.Request) -> Answer:
            start = 2 * (int(request.url.params["page"]) - 1)
            return records(*(row(number) for number in rows[start : start + 2]), total=5)

        return answer

    for rows, complete in ((numbers, True), (numbers[:4], False)):
        telnyx = Telnyx({LIST: pages(rows)})
        async with client_of(telnyx) as client:
            listing = (await client.observe([LOOK], [])).listings[CAMPAIGN]
        assert (sorted(listing.assignments), listing.complete) == (rows, complete)
        assert {request.url.params["sort"] for request in telnyx.requests} == {"phoneNumber"}
        assert [request.url.params["page"] for request in telnyx.requests] == ["1", "2", "3"]


@pytest.mark.anyio
async def test_07_approval_is_campaign_status_and_the_answer_to_the_post_has_the_last_word() -> None:
    """The page wants the campaign ACTIVE: that is its `status` from creation on (reference)."""
    for word in ("TCR_PENDING", "TCR_ACCEPTED", "MNO_PENDING", "MNO_ACCEPTED", "ACTIVE", None):
        document: Json = {"campaignId": CAMPAIGN, "status": "ACTIVE", "campaignStatus": word}
        assert read_campaign(document, NOW, asked=CAMPAIGN, config_id=CAMPAIGN).obstacle is not Reason.NONE
    approved: Json = {"campaignId": CAMPAIGN, "status": "EXPIRED", "campaignStatus": "MNO_PROVISIONED"}
    assert read_campaign(approved, NOW, asked=CAMPAIGN, config_id=CAMPAIGN).obstacle is Reason.NONE

    outcome = await act((400, {"errors": [{"code": "10036", "title": "Resource is being processed"}]}))

    assert isinstance(outcome, Refused)
    assert outcome.fault.kind is FaultKind.NOT_APPROVED
    verdict = settle(sent_operation(), outcome, now=NOW, patience=Patience(), draw=0.5)
    assert isinstance(verdict, Retry)
    assert (verdict.reason, verdict.refused) == (Reason.CAMPAIGN_IN_REVIEW, False)


@pytest.mark.anyio
async def test_08_a_campaign_is_read_where_the_reference_has_it_and_shared_ones_among_the_partners() -> None:
    """The page reads `campaignBuilder/{id}`, which is only for making one, and `mnoMetadata`, which is static."""
    shared: Json = {"tcrCampaignId": TCR, "campaignStatus": "MNO_PROVISIONED"}
    telnyx = Telnyx({f"GET /10dlc/partner_campaigns/{TCR}": (200, shared), LIST: records()})
    async with client_of(telnyx) as client:
        observed = await client.observe([Look(TCR)], [])

    assert observed.campaigns[TCR].phase is CampaignPhase.APPROVED
    assert telnyx.asked[:2] == [f"GET /10dlc/campaign/{TCR}", f"GET /10dlc/partner_campaigns/{TCR}"]
    everything = addresses("GET", "POST", "PUT", "PATCH", "DELETE")
    assert not [one for one in everything if "campaignBuilder" in one or "mnoMetadata" in one]


@pytest.mark.anyio
async def test_09_a_number_is_attached_by_its_id_at_messaging_and_what_is_told_is_read_back() -> None:
    """The page patches `/phone_numbers/{number}`, which has no such field; another has `messaging_phone_numbers`."""
    item: dict[str, Json] = {"id": "1293384261075731499", "phone_number": NUMBER, "messaging_profile_id": None}
    address = "/phone_numbers/1293384261075731499/messaging"
    listed: Answer = 200, {"data": [item | {"messaging_profile_id": PROFILE}], "meta": {"total_results": 1}}
    telnyx = Telnyx({f"PATCH {address}": (200, {"data": item}), "GET /phone_numbers/messaging": listed})
    async with client_of(telnyx) as client:
        async with client.turn(Urgency.APPROVAL) as turn:
            told = await turn.attach(Line(NUMBER, NOW, id="1293384261075731499"), PROFILE)
        async with client.turn(Urgency.APPROVAL) as turn:
            read = await turn.read(NUMBER)

    assert json.loads(telnyx.requests[0].content) == {"messaging_profile_id": PROFILE}
    assert telnyx.asked == [f"PATCH {address}", "GET /phone_numbers/messaging"]
    assert isinstance(told, Told)
    assert told.line.membership(PROFILE) is Membership.NONE  # a 200 is no proof: the answer says where it is
    assert isinstance(read, Line)
    assert read.membership(PROFILE) is Membership.EXPECTED


@pytest.mark.anyio
async def test_10_every_2xx_with_an_item_is_accepted_and_none_of_them_is_done() -> None:
    for status in (200, 201, 202):
        outcome = await act((status, row(assignmentStatus="PENDING_ASSIGNMENT")))
        assert isinstance(outcome, Accepted)
        assert not outcome.assignment.is_ready
        assert outcome.assignment.is_settling


@pytest.mark.covers("A09", "F-47")
@pytest.mark.anyio
async def test_11_a_number_that_is_taken_is_read_and_never_moved_or_removed() -> None:
    """The page removes and assigns, the reference moves by PUT; we do neither."""
    bodies: tuple[Json, ...] = (
        {"errors": [{"code": "10012", "title": "Duplicate"}]},
        {"errors": [{"code": "1", "title": "Number already assigned to another campaign"}]},
        {"errors": [{"code": "1", "title": "…as it is already associated with another campaign."}]},
    )
    for body in bodies:
        outcome = await act((422, body))
        assert isinstance(outcome, Refused)
        assert outcome.fault.kind is FaultKind.TAKEN
        verdict = settle(sent_operation(), outcome, now=NOW, patience=Patience(), draw=0.5)
        assert isinstance(verdict, Recheck)
        assert verdict.reason is Reason.FOREIGN_ASSIGNMENT
    assert addresses("PUT", "DELETE") == set()


@pytest.mark.anyio
async def test_12_a_number_that_is_being_removed_is_still_there_until_it_is_not_found() -> None:
    """The page takes the 200 of a DELETE for the end; the object in it is PENDING_UNASSIGNMENT."""
    leaving = await look((200, row(assignmentStatus="PENDING_UNASSIGNMENT")))
    gone = await look(NOT_FOUND)

    assert isinstance(leaving, Single)
    assert leaving.assignment is not None
    assert leaving.assignment.state is AssignmentState.UNASSIGNING
    assert leaving.assignment.is_settling
    assert gone == Single(NUMBER, None, NOW)


def test_13_numbers_are_assigned_one_by_one_and_never_by_their_profile() -> None:
    """The page loops; the reference has a bulk task, which assigns all that is on a profile."""
    assert addresses("POST") == {"/10dlc/phone_number_campaigns"}
    body = json.loads(every_request()["post_assignment"].body)
    assert set(body) == {"phoneNumber", "campaignId"}


def test_14_a_pending_number_is_pending_however_long_it_takes() -> None:
    """24 to 72 hours on the page, about 2 on the support site, days in the field: age is for alerts only."""
    for created in (NOW, NOW - timedelta(days=365)):
        pending = row(assignmentStatus="PENDING_ASSIGNMENT", createdAt=created.isoformat(), updatedAt="")
        read = read_assignment(pending)
        assert (read.state, read.is_settling) == (AssignmentState.PENDING, True)


def test_15_a_campaign_in_review_is_in_review_however_long_it_takes() -> None:
    """1 to 5 days on one page, up to 10 on others."""
    for created in (NOW, NOW - timedelta(days=365)):
        document: Json = {"campaignId": CAMPAIGN, "campaignStatus": "MNO_PENDING", "createDate": created.isoformat()}
        read = read_campaign(document, NOW, asked=CAMPAIGN, config_id=CAMPAIGN)
        assert read.phase is CampaignPhase.IN_REVIEW


@pytest.mark.anyio
async def test_16_an_event_that_no_attempt_delivered_is_had_back() -> None:
    """5 attempts 30 seconds apart on one page, 3 on another: whatever it is, an outage outlasts it."""
    event: Json = {"id": "e-1", "event_type": "10dlc.campaign.update", "payload": {"campaignId": CAMPAIGN}}
    attempts: Json = [{"status": "failed", "errors": [75002]}] * 5
    delivery: Json = {"id": "d-1", "started_at": NOW.isoformat(), "attempts": attempts, "webhook": event}
    listed: Answer = 200, {"data": [delivery], "meta": {"total_results": 1}}
    async with client_of(Telnyx({"GET /webhook_deliveries": listed})) as client:
        told = await client.deliveries(NOW - timedelta(hours=1))

    assert not isinstance(told, Fault)
    assert [one.delivered for one in told] == [False]
    as_sent = json.dumps({"data": event, "meta": {"attempt": 5, "delivered_to": "https://hooks.example.com"}})
    assert identify(told[0].body) == identify(as_sent.encode())


@pytest.mark.anyio
async def test_17_a_kept_event_is_answered_exactly_200_and_no_other_2xx_counts_as_delivered() -> None:
    """Any 2xx by the prose; the error catalogue has 75299, "not the expected HTTP 200"."""
    event: Json = {"id": "e-1", "event_type": "10dlc.campaign.update", "payload": {"campaignId": CAMPAIGN}}
    attempt: Json = {"status": "failed", "errors": [75299], "http": {"response": {"status": 202}}}
    delivery: Json = {"id": "d-1", "started_at": NOW.isoformat(), "attempts": [attempt], "webhook": event}
    listed: Answer = 200, {"data": [delivery], "meta": {"total_results": 1}}
    async with client_of(Telnyx({"GET /webhook_deliveries": listed})) as client:
        told = await client.deliveries(NOW - timedelta(hours=1))

    assert KEPT.status == 200
    assert not isinstance(told, Fault)
    assert [one.delivered for one in told] == [False]


def test_18_an_event_is_taken_in_its_envelope_and_flat() -> None:
    flat: dict[str, Json] = {"campaignId": CAMPAIGN, "type": "TELNYX_EVENT", "status": "DORMANT"}
    enveloped: Json = {"data": {"id": "e-1", "event_type": "10dlc.campaign.update", "payload": flat}}

    for document in (flat, enveloped):
        assert meaning(document).looks == (CAMPAIGN,)


def test_19_a_made_up_event_type_leads_to_a_look_and_what_it_claims_to_nothing() -> None:
    """`campaign.status_update` with `campaignStatus: ACTIVE` on the ISV page; the reference has neither."""
    payload: Json = {"campaignId": CAMPAIGN, "campaignStatus": "ACTIVE", "brandId": "b-1"}
    document: Json = {"data": {"id": "e-1", "event_type": "campaign.status_update", "payload": payload}}

    read = meaning(document)

    assert (read.state, read.looks) == (EventState.PROCESSED, (CAMPAIGN,))
    campaign = read_campaign(payload, NOW, asked=CAMPAIGN, config_id=CAMPAIGN)
    assert (campaign.phase, campaign.obstacle) == (CampaignPhase.UNKNOWN, Reason.CAMPAIGN_UNKNOWN)


def test_20_a_nudge_leads_to_its_campaign_in_either_field_and_by_its_tcr_id() -> None:
    """TCR_EVENT with `eventType: CAMPAIGN_NUDGE` on the status page, `type: CAMPAIGN_NUDGE` in the example."""
    payloads: tuple[Json, ...] = (
        {"type": "CAMPAIGN_NUDGE", "campaignId": TCR, "nudgeIntent": "REVIEW"},
        {"type": "TCR_EVENT", "eventType": "CAMPAIGN_NUDGE", "campaignId": TCR},
    )
    for payload in payloads:
        document: Json = {"data": {"id": "e-1", "event_type": "10dlc.campaign.update", "payload": payload}}
        assert isinstance(parse_event(json.dumps(document).encode()), Event)
        assert meaning(document).looks == (CAMPAIGN,)


@pytest.mark.anyio
async def test_21_campaigns_are_listed_by_brand_in_the_paging_of_the_reference() -> None:
    """The guides list them without a brand, by `page[size]`; the reference demands `brandId`."""
    telnyx = Telnyx(
        {"GET /10dlc/brand": records({"brandId": "b-1"}), "GET /10dlc/campaign": records(), LIST: records()}
    )
    async with client_of(telnyx) as client:
        await client.observe([Look(TCR)], [])

    [listed] = [request.url.params for request in telnyx.requests if words_of(request) == "GET /10dlc/campaign"]
    assert (listed["brandId"], listed["page"]) == ("b-1", "1")
    assert 1 <= int(listed["recordsPerPage"]) <= 500
    assert "page[size]" not in listed


def test_22_brands_are_read_and_never_written() -> None:
    """PATCH, or PUT with two fields, on the pages; PUT with five required ones in the reference."""
    writes = addresses("POST", "PUT", "PATCH", "DELETE")

    assert "/10dlc/brand" in addresses("GET")
    assert not [one for one in writes if one.startswith("/10dlc/brand")]


def test_23_nothing_is_ever_appealed() -> None:
    """`appealReason` on the pages, `appeal_reason` in the reference."""
    requests = every_request().values()

    assert not [one for one in requests if "appeal" in one.target.lower() or b"appeal" in one.body.lower()]


def test_24_a_campaign_is_never_written_and_one_that_was_rejected_may_come_back() -> None:
    """One page says that a rejected campaign cannot be edited, another that editing brings it back to TCR_ACCEPTED."""
    writes = addresses("POST", "PUT", "PATCH", "DELETE")
    words = ("TELNYX_FAILED", "TCR_ACCEPTED", "MNO_REJECTED", "MNO_PENDING", "MNO_PROVISIONED")
    phases = [
        read_campaign({"campaignId": CAMPAIGN, "campaignStatus": word}, NOW, asked=CAMPAIGN, config_id=CAMPAIGN).phase
        for word in words
    ]

    assert not [one for one in writes if "/campaign" in one or "partner" in one.lower()]
    assert phases == ["rejected", "in_review", "rejected", "in_review", "approved"]


@pytest.mark.anyio
async def test_25_deliveries_are_filtered_as_the_reference_says_and_here_again() -> None:
    """`filter[status]=success` in the guide, `filter[status][eq]=delivered` in the reference: we want both kinds."""

    def delivery(delivery_id: str, status: str, event_type: str, hours: int) -> Json:
        event: Json = {"id": delivery_id, "event_type": event_type, "payload": {}}
        started = (NOW - timedelta(hours=hours)).isoformat()
        return {"id": delivery_id, "status": status, "started_at": started, "webhook": event}

    everything = [
        delivery("d-1", "delivered", "10dlc.campaign.update", 1),
        delivery("d-2", "failed", "10dlc.brand.update", 2),
        delivery("d-3", "failed", "10dlc.campaign.update", 4),
        delivery("d-4", "delivered", "message.sent", 1),
    ]
    telnyx = Telnyx({"GET /webhook_deliveries": (200, {"data": everything, "meta": {"total_results": 4}})})
    async with client_of(telnyx) as client:
        told = await client.deliveries(NOW - timedelta(hours=3))

    assert not isinstance(told, Fault)
    assert [(one.id, one.delivered) for one in told] == [("d-2", False), ("d-1", True)]
    params = telnyx.requests[0].url.params
    assert params["filter[started_at][gte]"] == "2026-03-02T09:00:00Z"
    assert set(params["filter[event_type]"].split(",")) == {
        "10dlc.brand.update",
        "10dlc.campaign.update",
        "10dlc.phone_number.update",
    }
    assert not [name for name in params if name.startswith("filter[status]")]


@pytest.mark.anyio
async def test_26_a_number_pool_is_off_with_null_and_with_an_empty_object_and_never_set() -> None:
    shapes: tuple[tuple[Json, bool], ...] = ((None, False), ({}, False), ({"long_code_weight": 1}, True))
    for pool_settings, pooled in shapes:
        profile: Json = {"id": PROFILE, "number_pool_settings": pool_settings}
        telnyx = Telnyx({f"GET /messaging_profiles/{PROFILE}": (200, {"data": profile}), LIST: records()})
        async with client_of(telnyx) as client:
            observed = await client.observe([Look(CAMPAIGN, read_campaign=False, profiles=(PROFILE,))], [])
        assert observed.profiles[PROFILE].pooled is pooled
    assert not [one for one in addresses("POST", "PUT", "PATCH", "DELETE") if "messaging_profiles" in one]


def test_27_the_reset_of_the_rate_limit_is_seconds_or_a_time() -> None:
    assert read_wait({"x-ratelimit-reset": "7"}, NOW) == 7
    assert read_wait({"x-ratelimit-reset": str(int(NOW.timestamp()) + 7)}, NOW) == 7


def test_28_the_reasons_of_a_failure_are_a_text_or_a_list_of_objects() -> None:
    shapes: tuple[Json, ...] = ("no opt-out", ["no opt-out"], [{"description": "no opt-out"}])
    for shape in shapes:
        document: Json = {"campaignId": CAMPAIGN, "campaignStatus": "TELNYX_FAILED", "failureReasons": shape}
        assert read_campaign(document, NOW, asked=CAMPAIGN, config_id=CAMPAIGN).failure == "no opt-out"


@pytest.mark.anyio
async def test_29_a_campaign_goes_by_both_ids_and_is_asked_for_by_the_one_that_telnyx_wants() -> None:
    """`campaignId` is Telnyx's UUID, except for shared campaigns, where it is TCR's id (reference)."""
    own: Json = {"campaignId": CAMPAIGN, "tcrCampaignId": TCR, "campaignStatus": "MNO_PROVISIONED"}
    shared: Json = {"tcrCampaignId": TCR, "campaignStatus": "MNO_PROVISIONED"}
    for campaign, address, sent in (
        (own, f"GET /10dlc/campaign/{CAMPAIGN}", CAMPAIGN),
        (shared, f"GET /10dlc/partner_campaigns/{TCR}", TCR),
    ):
        listed = records(row(campaign=sent), row(OTHER_NUMBER, campaign="", tcrCampaignId=TCR))
        telnyx = Telnyx({address: (200, campaign), POST: (200, row(campaign=sent)), LIST: listed})
        known = Campaign(
            TCR, CampaignPhase.IN_REVIEW, NOW, telnyx_id=CAMPAIGN if sent == CAMPAIGN else None, tcr_id=TCR
        )
        async with client_of(telnyx) as client:
            listing = (await client.observe([Look(TCR, known)], [])).listings[TCR]
            async with client.turn(Urgency.APPROVAL) as turn:
                await turn.act(Assign(NUMBER, POOL, TCR))
        assert (set(listing.assignments), listing.complete) == ({NUMBER, OTHER_NUMBER}, True)
        assert json.loads(telnyx.requests[-1].content)["campaignId"] == sent


def test_every_request_is_made_in_one_module() -> None:
    """What the walk over `calls` shows, it shows of the whole client."""
    package = Path(calls.__file__).parent
    makers = {
        file.name
        for file in package.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Request"
    }

    assert makers == {"calls.py"}
