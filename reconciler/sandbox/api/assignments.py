"""/10dlc/phone_number_campaigns, and its legacy spelling: which campaign a number is on, and its way there and off."""

from collections.abc import Mapping
from typing import Final

from reconciler.sandbox.account import APPROVED, Assignment, AssignmentStatus, Campaign, CarrierStatus
from reconciler.sandbox.api.pages import Listing
from reconciler.sandbox.api.replies import (
    Handler,
    RefusedError,
    Reply,
    Request,
    Routes,
    bad_request,
    bare,
    error,
    not_found,
    zoneless,
)
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.failures import FailureKind
from reconciler.sandbox.world import World

CURRENT: Final = "/10dlc/phone_number_campaigns"
LEGACY: Final = "/10dlc/phoneNumberCampaign"
"""In OAS until 2024-11, on the number assignment page still, and still answering (FIELD:62887261475)."""

FILTERS: Final = {
    "filter[telnyx_campaign_id]": "telnyx_campaign_id",
    "filter[telnyx_brand_id]": "brand_id",
    "filter[tcr_campaign_id]": "tcr_campaign_id",
    "filter[tcr_brand_id]": "tcr_brand_id",
}
"""The list's filters (OAS), by what they look at. Any other is ignored (FIELD:59663385893)."""

LISTING: Final[Listing[Assignment]] = Listing(
    20,
    {
        "assignmentStatus": lambda assignment: assignment.status.value,
        "createdAt": lambda assignment: assignment.created_at,
        "phoneNumber": lambda assignment: assignment.number,
    },
)


def list_assignments(world: World, request: Request, _: str) -> Reply:
    """A page of those whose campaigns pass the filters.

    A new one may be missing for a while (`listing_lag_seconds`); reading it by its number finds it.
    """
    return _listed(world, request, request.query)


def list_by_the_legacy_path(world: World, request: Request, _: str) -> Reply:
    """The same, newest first: this path has no `sort` (OAS-old), and what it does not know it ignores."""
    return _listed(world, request, {name: text for name, text in request.query.items() if name != "sort"})


def get_assignment(world: World, _: Request, number: str) -> Reply:
    """One number's; 404 (10005) is a number on no campaign."""
    return shown(world, _present(world, number))


def assign(world: World, request: Request, _: str) -> Reply:
    """POST: the number starts towards the campaign; a 200 is not the end of it."""
    number, campaign_id = _wanted(request)
    campaign = world.campaigns().get(campaign_id)
    if campaign is None:
        raise RefusedError(not_found(f"Campaign {campaign_id}"))
    return shown(world, begin(world, number, campaign, request.now))


def move(world: World, request: Request, number: str) -> Reply:
    """PUT: from its campaign to another, in one request."""
    present = _present(world, number)
    wanted, campaign_id = _wanted(request)
    if wanted != present.number:
        raise RefusedError(bad_request("phoneNumber is not the number in the address."))
    campaign = world.campaigns().get(campaign_id)
    if campaign is None:
        raise RefusedError(not_found(f"Campaign {campaign_id}"))
    _check(world, wanted, campaign, request.now)
    if campaign.campaign_id == present.campaign_id:
        raise RefusedError(_taken(present, campaign))
    return shown(world, world.begin_move(present, campaign, request.now))


def unassign(world: World, request: Request, number: str) -> Reply:
    """DELETE: it starts off its campaign; asking twice changes nothing."""
    return shown(world, world.begin_removal(_present(world, number), request.now))


def begin(world: World, number: str, campaign: Campaign, now: float) -> Assignment:
    """Start a number towards a campaign, or refuse as Telnyx would."""
    _check(world, number, campaign, now)
    present = world.assignments().get(number)
    if present is not None and present.status != AssignmentStatus.FAILED_ASSIGNMENT:
        raise RefusedError(_taken(present, campaign))
    return world.begin_assignment(number, campaign, now)


def shown(world: World, assignment: Assignment) -> Reply:
    """An assignment as it stands."""
    return bare(assignment_record(assignment, world.campaigns()[assignment.campaign_id]))


def assignment_record(assignment: Assignment, campaign: Campaign) -> JsonObject:
    """A PhoneNumberCampaign, with the two mapping fields that the SDK knows and OAS does not yet."""
    record: JsonObject = {
        "phoneNumber": assignment.number,
        "campaignId": campaign.campaign_id,
        "brandId": campaign.brand_id,
        "tcrBrandId": campaign.tcr_brand_id,
        "tcrCampaignId": campaign.tcr_campaign_id,
        "telnyxCampaignId": campaign.telnyx_campaign_id,
        "assignmentStatus": assignment.status.value,
        "tmobileNumberMappingStatus": assignment.tmobile.value,
        "nonTmobileNumberMappingStatus": assignment.non_tmobile.value,
        "createdAt": zoneless(assignment.created_at),
        "updatedAt": zoneless(assignment.updated_at),
    }
    if assignment.status in {AssignmentStatus.FAILED_ASSIGNMENT, AssignmentStatus.FAILED_UNASSIGNMENT}:
        record["failureReasons"] = assignment.failure_reasons
    elif CarrierStatus.FAILED in {assignment.tmobile, assignment.non_tmobile}:
        record |= {"failureReasons": None, "errors": assignment.errors}  # FIELD:59663385893
    return record


_ITEM: Final[Mapping[str, Handler]] = {"GET": get_assignment, "PUT": move, "DELETE": unassign}
ROUTES: Final[Routes] = {
    CURRENT: {"GET": list_assignments, "POST": assign},
    f"{CURRENT}/{{phoneNumber}}": _ITEM,
    LEGACY: {"GET": list_by_the_legacy_path, "POST": assign},
    f"{LEGACY}/{{phoneNumber}}": _ITEM,
}


def _listed(world: World, request: Request, query: Mapping[str, str]) -> Reply:
    campaigns = {id_: one for id_, one in world.campaigns().items() if _passes(one, query)}
    newest = request.now - world.behaviour.listing_lag_seconds
    listed = (one for one in world.assignments().values() if one.campaign_id in campaigns and one.created_at <= newest)
    return LISTING.page(listed, query, lambda one: assignment_record(one, campaigns[one.campaign_id]))


def _passes(campaign: Campaign, query: Mapping[str, str]) -> bool:
    asked = ((query[name], getattr(campaign, seen)) for name, seen in FILTERS.items() if name in query)
    return all(wanted == present for wanted, present in asked)


def _present(world: World, number: str) -> Assignment:
    assignment = world.assignments().get(number)
    if assignment is None:
        raise RefusedError(not_found(f"Phone number {number}"))
    return assignment


def _wanted(request: Request) -> tuple[str, str]:
    """The number and the campaign that a body asks for."""
    fields = request.fields()
    match fields.get("phoneNumber"), fields.get("campaignId"):
        case str() as number, str() as campaign_id:
            return number, campaign_id
        case _:
            raise RefusedError(bad_request("phoneNumber and campaignId are required, and are texts."))


def _check(world: World, number: str, campaign: Campaign, now: float) -> None:
    """Refuse what the number assignment page says is refused, in its order of troubles.

    A refusal by a dormant campaign wakes it (SUP:10723378).
    """
    line = world.numbers().get(number)
    if line is None:
        raise RefusedError(error(404, "10005", "Resource not found", f"Number not found: {number}"))
    failure = world.failures.take(number, FailureKind.REFUSE)
    if failure is not None:
        raise RefusedError(error(failure.status, failure.code, "Refused", failure.reason))
    if line.messaging_type != "longcode" or line.country != "US":
        raise RefusedError(bad_request(f"Only US long code numbers can be on a campaign: {number}"))
    if line.messaging_profile_id is None:
        raise RefusedError(bad_request(f"Number not assigned to a messaging profile: {number}"))
    if campaign.status != APPROVED:
        world.rouse(campaign, now)
        raise RefusedError(_dormant() if campaign.dormant else _in_review(campaign))


def _taken(present: Assignment, wanted: Campaign) -> Reply:
    """The words of "another campaign" are a carrier's (FIELD:57641885699); the code is not published."""
    here = f"Phone number {present.number} is already assigned to campaign {wanted.campaign_id}."
    elsewhere = "Longcode cannot be added/deleted as it is already associated with another campaign."
    detail = here if present.campaign_id == wanted.campaign_id else elsewhere
    return error(400, "10012", "Duplicate resource", detail)


def _in_review(campaign: Campaign) -> Reply:
    """400 with code 10036, whatever keeps the campaign from approval (FIELD:62887261475, 60791296693)."""
    detail = (
        f"Campaign {campaign.campaign_id} is still pending and has not been approved yet. Please try again once you've "
        "confirmed the campaign is in an approved state. This process can take time."
    )
    return error(400, "10036", "Resource is being processed", detail)


def _dormant() -> Reply:
    """The words are a carrier's (FIELD:57641885699); what Telnyx answers for a dormant campaign is not published."""
    detail = "Longcode cannot be added to campaign as Campaign is not Deployed."
    return error(400, "10036", "Resource is being processed", detail)
