"""/10dlc/phoneNumberAssignmentByProfile: all numbers of a messaging profile onto one campaign, as a task."""

import uuid
from collections.abc import Iterator
from typing import Final

from reconciler.sandbox.account import Assignment, AssignmentStatus, Campaign, Task
from reconciler.sandbox.api.assignments import begin
from reconciler.sandbox.api.pages import Listing
from reconciler.sandbox.api.replies import (
    RefusedError,
    Reply,
    Request,
    Routes,
    bad_request,
    bare,
    not_found,
    zoneless,
)
from reconciler.sandbox.world import World

PATH: Final = "/10dlc/phoneNumberAssignmentByProfile"
_TASK_IDS: Final = uuid.UUID("0c6e1b4e-4b0a-4a57-9f0e-6f1f0d7a2c11")


def assign_profile(world: World, request: Request, _: str) -> Reply:
    """POST: 202 and a task. Numbers that a POST of their own would be refused are refused here, one by one."""
    fields = request.fields()
    profile_id = fields.get("messagingProfileId")
    if not isinstance(profile_id, str) or profile_id not in world.profiles():
        raise RefusedError(not_found(f"Messaging profile {profile_id}"))
    campaign = _campaign(world, fields.get("campaignId"), fields.get("tcrCampaignId"))
    taken, refused = [], []
    for number in [one.number for one in world.numbers().values() if one.messaging_profile_id == profile_id]:
        try:
            begin(world, number, campaign, request.now)
        except RefusedError:
            refused.append(number)
        else:
            taken.append(number)
    task_id = str(uuid.uuid5(_TASK_IDS, f"{request.now!r} {profile_id} {campaign.campaign_id} {len(world.tasks())}"))
    world.keep_task(Task(task_id, campaign.campaign_id, tuple(taken), tuple(refused), request.now))
    asked = {name: fields[name] for name in ("campaignId", "tcrCampaignId") if fields.get(name)}
    return Reply(202, {"messagingProfileId": profile_id, "taskId": task_id, **asked})


def get_task(world: World, _: Request, task_id: str) -> Reply:
    """The task as a whole."""
    task = _task(world, task_id)
    states = {status for _, status in _states(world, task)}
    status = "processing" if "pending" in states else "failed" if states == {"failed"} else "completed"
    created = zoneless(task.created_at)
    return bare({"taskId": task_id, "status": status, "createdAt": created, "updatedAt": created})


def list_task_numbers(world: World, request: Request, task_id: str) -> Reply:
    """The task's numbers, each with a status in words of our own: OAS has none. There is no total (OAS)."""
    states = list(_states(world, _task(world, task_id)))
    listing: Listing[tuple[str, str]] = Listing(20, {"createdAt": lambda _: 0.0})
    page = listing.page(states, request.query, lambda one: {"taskId": task_id, "phoneNumber": one[0], "status": one[1]})
    return bare({"records": page.content["records"]})


ROUTES: Final[Routes] = {
    PATH: {"POST": assign_profile},
    f"{PATH}/{{taskId}}": {"GET": get_task},
    f"{PATH}/{{taskId}}/phoneNumbers": {"GET": list_task_numbers},
}


def _campaign(world: World, campaign_id: object, tcr_campaign_id: object) -> Campaign:
    """One of ours by `campaignId`, a shared one by `tcrCampaignId`, never both (OAS)."""
    match campaign_id, tcr_campaign_id:
        case (str() as wanted, None) | (None, str() as wanted):
            campaign = world.campaigns().get(wanted)
        case _:
            raise RefusedError(bad_request("campaignId or tcrCampaignId is required, and not both."))
    if campaign is None or campaign.shared != (campaign_id is None):
        raise RefusedError(not_found(f"Campaign {wanted}"))
    return campaign


def _task(world: World, task_id: str) -> Task:
    task = world.tasks().get(task_id)
    if task is None:
        raise RefusedError(not_found(f"Task {task_id}"))
    return task


def _states(world: World, task: Task) -> Iterator[tuple[str, str]]:
    for number in task.taken:
        yield number, _state(world.assignments().get(number), task)
    for number in task.refused:
        yield number, "failed"


def _state(assignment: Assignment | None, task: Task) -> str:
    if assignment is None or assignment.campaign_id != task.campaign_id:
        return "failed"
    match assignment.status:
        case AssignmentStatus.PENDING_ASSIGNMENT:
            return "pending"
        case AssignmentStatus.FAILED_ASSIGNMENT:
            return "failed"
        case _:
            return "completed"
