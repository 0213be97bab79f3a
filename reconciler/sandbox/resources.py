"""The addresses of the API and what each does to the account: assignments, campaigns, brands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.sandbox import replies
from reconciler.sandbox.account import APPROVED, Assignment, AssignmentStatus, Campaign
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.failures import FailureKind
from reconciler.sandbox.replies import RefusedError, Reply
from reconciler.sandbox.world import World

FILTERS: Final = {
    "filter[telnyx_campaign_id]": "telnyx_campaign_id",
    "filter[telnyx_brand_id]": "brand_id",
    "filter[tcr_campaign_id]": "tcr_campaign_id",
    "filter[tcr_brand_id]": "tcr_brand_id",
}
"""The assignment list's filters (OAS), by what they look at. Any other is ignored (FIELD:59663385893)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, past the door."""

    method: str
    path: str
    """Decoded, and without `/v2`."""
    query: Mapping[str, str]
    body: bytes
    now: float


def answer(world: World, request: Request) -> Reply:
    """What the API says; raises RefusedError with the answer to what it will not do.

    A wrong address is 404 (10005), a wrong method 405. No campaign can be written: a client has no need to.
    """
    match request.path.strip("/").split("/"):
        case ["10dlc", "phone_number_campaigns"]:
            handlers = {"GET": _list_assignments, "POST": _assign}
        case ["10dlc", "phone_number_campaigns", _]:
            handlers = {"GET": _get_assignment, "PUT": _move, "DELETE": _unassign}
        case ["10dlc", "campaign"]:
            handlers = {"GET": _list_campaigns}
        case ["10dlc", "campaign", _]:
            handlers = {"GET": _get_campaign}
        case ["10dlc", "partner_campaigns", _]:
            handlers = {"GET": _get_shared_campaign}
        case ["10dlc", "brand"]:
            handlers = {"GET": _list_brands}
        case _:
            raise RefusedError(replies.not_found("The requested URL"))
    handler = handlers.get(request.method)
    if handler is None:
        raise RefusedError(replies.error(405, "10015", "Method not allowed", f"{request.method} is not answered here."))
    return handler(world, request)


def _list_assignments(world: World, request: Request) -> Reply:
    """A new assignment may be missing from the list for a while; reading it by its number finds it."""
    campaigns = {id_: one for id_, one in world.campaigns().items() if _passes(one, request.query)}
    newest = request.now - world.behaviour.listing_lag_seconds
    listed = (one for one in world.assignments().values() if one.campaign_id in campaigns and one.created_at <= newest)
    return replies.ASSIGNMENTS.page(
        listed,
        request.query,
        world.behaviour.max_records_per_page,
        lambda one: replies.assignment_record(one, campaigns[one.campaign_id]),
    )


def _passes(campaign: Campaign, query: Mapping[str, str]) -> bool:
    asked = ((query[name], getattr(campaign, seen)) for name, seen in FILTERS.items() if name in query)
    return all(wanted == present for wanted, present in asked)


def _get_assignment(world: World, request: Request) -> Reply:
    return _shown(world, _present(world, request))


def _assign(world: World, request: Request) -> Reply:
    number, campaign_id = _wanted(request)
    campaign = _ready(world, number, campaign_id)
    present = world.assignments().get(number)
    if present is not None and present.status != AssignmentStatus.FAILED_ASSIGNMENT:
        raise RefusedError(_taken(present, campaign))
    return _shown(world, world.begin_assignment(number, campaign, request.now))


def _move(world: World, request: Request) -> Reply:
    present = _present(world, request)
    number, campaign_id = _wanted(request)
    if number != present.number:
        raise RefusedError(_bad_request("phoneNumber is not the number in the address."))
    campaign = _ready(world, number, campaign_id)
    if campaign.campaign_id == present.campaign_id:
        raise RefusedError(_taken(present, campaign))
    return _shown(world, world.begin_move(present, campaign, request.now))


def _unassign(world: World, request: Request) -> Reply:
    return _shown(world, world.begin_removal(_present(world, request), request.now))


def _present(world: World, request: Request) -> Assignment:
    number = request.path.rpartition("/")[2]
    assignment = world.assignments().get(number)
    if assignment is None:
        raise RefusedError(replies.not_found(f"Phone number {number}"))
    return assignment


def _wanted(request: Request) -> tuple[str, str]:
    """The number and the campaign that a body asks for."""
    try:
        content = json.loads(request.body)
    except ValueError as trouble:
        raise RefusedError(_bad_request("The body is not JSON.")) from trouble
    fields = [content.get(name) for name in ("phoneNumber", "campaignId")] if isinstance(content, dict) else []
    match fields:
        case [str() as number, str() as campaign_id]:
            return number, campaign_id
        case _:
            raise RefusedError(_bad_request("phoneNumber and campaignId are required, and are texts."))


def _ready(world: World, number: str, campaign_id: str) -> Campaign:
    """The campaign, when number and campaign are both there and nothing about them forbids an assignment."""
    if number not in world.numbers():
        raise RefusedError(replies.not_found(f"Phone number {number}"))
    campaign = world.campaigns().get(campaign_id)
    if campaign is None:
        raise RefusedError(replies.not_found(f"Campaign {campaign_id}"))
    failure = world.failures.take(number, FailureKind.REFUSE)
    if failure is not None:
        raise RefusedError(replies.error(failure.status, failure.code, "Refused", failure.reason))
    if world.numbers()[number] is None:
        raise RefusedError(_bad_request(f"Phone number {number} is not assigned to a messaging profile."))
    if campaign.status != APPROVED:
        raise RefusedError(_in_review(campaign))
    return campaign


def _shown(world: World, assignment: Assignment) -> Reply:
    return replies.found(replies.assignment_record(assignment, world.campaigns()[assignment.campaign_id]))


def _bad_request(detail: str) -> Reply:
    return replies.error(400, "10015", "Bad Request", detail)


def _taken(present: Assignment, wanted: Campaign) -> Reply:
    """The words of "another campaign" are a carrier's (FIELD:57641885699); the code is not published."""
    here = f"Phone number {present.number} is already assigned to campaign {wanted.campaign_id}."
    elsewhere = "Longcode cannot be added/deleted as it is already associated with another campaign."
    detail = here if present.campaign_id == wanted.campaign_id else elsewhere
    return replies.error(400, "10012", "Duplicate resource", detail)


def _in_review(campaign: Campaign) -> Reply:
    """400 with code 10036, whatever keeps the campaign from approval (FIELD:62887261475, 60791296693)."""
    detail = f"Campaign {campaign.campaign_id} is still pending and has not been approved yet."
    return replies.error(400, "10036", "Resource is being processed", detail)


def _list_campaigns(world: World, request: Request) -> Reply:
    """The campaigns of one brand; without `brandId` it is refused (OAS)."""
    brand = request.query.get("brandId")
    if brand is None:
        raise RefusedError(replies.invalid("query", "brandId", "field required"))
    ours = [one for one in world.campaigns().values() if one.brand_id == brand and not one.shared]
    most = world.behaviour.max_records_per_page
    return replies.CAMPAIGNS.page(ours, request.query, most, lambda one: _with_count(world, one))


def _with_count(world: World, campaign: Campaign) -> JsonObject:
    return replies.campaign_record(campaign) | {"assignedPhoneNumbersCount": _count(world, campaign)}


def _count(world: World, campaign: Campaign) -> int:
    return sum(one.campaign_id == campaign.campaign_id for one in world.assignments().values())


def _get_campaign(world: World, request: Request) -> Reply:
    """By its Telnyx UUID only; a TCR id is not found here."""
    campaign = _named(world, request, shared=False)
    return replies.found(replies.campaign_record(campaign))


def _get_shared_campaign(world: World, request: Request) -> Reply:
    """A shared campaign by its TCR id; a campaign of ours is not found here, by either of its ids."""
    campaign = _named(world, request, shared=True)
    return replies.found(replies.shared_campaign_record(campaign, _count(world, campaign)))


def _named(world: World, request: Request, *, shared: bool) -> Campaign:
    campaign_id = request.path.rpartition("/")[2]
    campaign = world.campaigns().get(campaign_id)
    if campaign is None or campaign.shared != shared:
        raise RefusedError(replies.not_found(f"Campaign {campaign_id}"))
    return campaign


def _list_brands(world: World, request: Request) -> Reply:
    """The brands of our campaigns: how a campaign that is known by its TCR id alone is found."""
    brands: dict[str, list[Campaign]] = {}
    for campaign in world.campaigns().values():
        if not campaign.shared:
            brands.setdefault(campaign.brand_id, []).append(campaign)
    most = world.behaviour.max_records_per_page
    return replies.BRANDS.page(map(tuple, brands.values()), request.query, most, replies.brand_record)
