"""What happens in the emulated account: a number is on one campaign, moved on by people, by carriers and by time."""

import heapq
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, assert_never

from reconciler.sandbox import events
from reconciler.sandbox.account import APPROVED, Assignment, AssignmentStatus, Campaign, CarrierStatus, Task
from reconciler.sandbox.announce import Outbox
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.events import Event
from reconciler.sandbox.failures import Failure, FailureKind, Failures
from reconciler.sandbox.holdings import Holdings

TASKS: Final = 1_000
"""How many bulk tasks are remembered; older ones are forgotten."""
FULL: Final = "Longcode cannot be added to campaign. Limit exceeded"
"""A carrier's words for a campaign that is full (FIELD:57641885699)."""
SOLE: Final = "Sole Proprietor campaigns can only have one phone number assigned"
"""KB:sole-proprietor."""


class World(Holdings):
    """The account with its assignments, and the verbs by which people, carriers and time act on them."""

    def __init__(self, behaviour: Behaviour, outbox: Outbox) -> None:
        super().__init__()
        self.behaviour = behaviour
        self.outbox = outbox
        self.failures = Failures()
        self._assignments: dict[str, Assignment] = {}
        self._tasks: dict[str, Task] = {}
        self._steps: list[tuple[float, str]] = []

    def assignments(self) -> Mapping[str, Assignment]:
        """Every number that is on a campaign, or on its way to or from one: a live view."""
        return MappingProxyType(self._assignments)

    def tasks(self) -> Mapping[str, Task]:
        """The latest bulk tasks, by their ids: a live view."""
        return MappingProxyType(self._tasks)

    def fail_next(
        self,
        number: str,
        kind: str = "assignment",
        *,
        reason: str = "Refused by the sandbox.",
        status: int = 400,
        code: str = "10015",
        carrier: str = "tmobile",
        times: int | None = 1,
    ) -> None:
        """Make something fail for a number, `times` times or, with None, until cleared.

        `kind` is `refuse` (POST and PUT are answered `status` and `code`), `assignment` (FAILED_ASSIGNMENT),
        `carrier` (that group of carriers says FAILED) or `removal` (FAILED_UNASSIGNMENT).
        """
        self.failures.order(number, Failure(FailureKind(kind), reason, status, code, carrier, times))

    def clear_failures(self, number: str) -> None:
        """Forget the failures ordered for a number."""
        self.failures.clear(number)

    def approve(self, campaign_id: str, now: float) -> None:
        """The carriers approve a campaign: it takes numbers from now on, and VERIFIED says so."""
        self.set_campaign_status(campaign_id, APPROVED, now)

    def set_campaign_status(
        self, campaign_id: str, status: str, now: float, *, dormant: bool = False, reason: str = ""
    ) -> None:
        """A campaign comes to another `campaignStatus`, with the events that go with it.

        A `reason` takes the place of the `failureReasons` that it had; without one they stay. With `dormant`, the daily
        job suspends it: an assignment is refused, and wakes it.
        """
        campaign = self.campaign(campaign_id)
        campaign = replace(campaign, status=status, failure_reasons=reason or campaign.failure_reasons)
        campaign = replace(campaign, dormant=dormant, wakes_at=None)
        self._campaigns[campaign.campaign_id] = campaign
        for event in events.campaign_moved(campaign, dormant=dormant):
            self._announce(campaign, event, now)

    def set_number_pooling(self, campaign_id: str, now: float, *, on: bool) -> None:
        """T-Mobile gives a campaign a number pool or takes it away, and an event says so; its numbers stay."""
        campaign = replace(self.campaign(campaign_id), number_pooling=on)
        self._campaigns[campaign.campaign_id] = campaign
        self._announce(campaign, events.pooling_moved(campaign), now)

    def set_tmobile_suspension(self, campaign_id: str, now: float, *, on: bool) -> None:
        """T-Mobile suspends a campaign or lifts that, and an event says so; its status and its numbers stay."""
        campaign = replace(self.campaign(campaign_id), tmobile_suspended=on)
        self._campaigns[campaign.campaign_id] = campaign
        self._announce(campaign, events.suspension_moved(campaign), now)

    def rouse(self, campaign: Campaign, now: float) -> None:
        """Somebody asks a campaign for a number: one that is dormant begins to wake; asking again changes nothing."""
        if not campaign.dormant or campaign.wakes_at is not None or self.behaviour.wake_seconds is None:
            return
        at = now + self.behaviour.wake_seconds
        self._campaigns[campaign.campaign_id] = replace(campaign, wakes_at=at)
        heapq.heappush(self._steps, (at, campaign.campaign_id))

    def assign_by_hand(self, number: str, campaign_id: str, now: float = 0.0) -> None:
        """Somebody puts a number on a campaign in the portal: at once, wherever it was before, and untold."""
        self.number(number)
        campaign = self.campaign(campaign_id)
        done, added = AssignmentStatus.ASSIGNED, CarrierStatus.ADDED
        self._put(Assignment(number, campaign.campaign_id, done, now, now, None, added, added))

    def remove_by_hand(self, number: str, now: float, *, announce: bool = False) -> None:
        """Somebody takes a number off its campaign in the portal: at once, and told only if `announce`."""
        if number not in self._assignments:
            raise LookupError(f"{number!r} is on no campaign")
        campaign = self._campaigns[self._assignments.pop(number).campaign_id]
        if announce:
            self._announce(campaign, events.removal_ended(number, campaign, None), now)

    def release_number(self, number: str) -> None:
        """Somebody gives a number back, or it is ported out: it is gone, off its campaign too, and nobody is told."""
        gone = self.number(number)
        self._assignments.pop(gone.number, None)
        del self._numbers[gone.number], self._ids[gone.number_id]

    def emit(self, event_type: str, payload: Mapping[str, object], now: float, *, url: str = "") -> None:
        """Tell any event, true or not: to `url`, or to the webhook of the campaign that the payload names."""
        address = url or self.campaign(str(payload.get("campaignId"))).webhook_url
        if not address:
            raise ValueError("the campaign has no webhook address: name a url")
        self.outbox.queue(Event(event_type, dict(payload)), address, now)

    def begin_assignment(self, number: str, campaign: Campaign, now: float) -> Assignment:
        """A number starts towards a campaign."""
        due = now + self.behaviour.assignment_seconds
        begun, pending = AssignmentStatus.PENDING_ASSIGNMENT, CarrierStatus.PENDING
        return self._put(Assignment(number, campaign.campaign_id, begun, now, now, due, pending, pending))

    def begin_move(self, assignment: Assignment, campaign: Campaign, now: float) -> Assignment:
        """A number leaves its campaign for another in one request (PUT)."""
        left = self._campaigns[assignment.campaign_id]
        self._announce(left, events.removal_ended(assignment.number, left, None), now)
        return self.begin_assignment(assignment.number, campaign, now)

    def begin_removal(self, assignment: Assignment, now: float) -> Assignment:
        """A number starts off its campaign; asking twice changes nothing."""
        leaving = AssignmentStatus.PENDING_UNASSIGNMENT
        if assignment.status == leaving:
            return assignment
        due = now + self.behaviour.removal_seconds
        return self._put(replace(assignment, status=leaving, updated_at=now, step_at=due))

    def keep_task(self, task: Task) -> None:
        """Remember a bulk task."""
        self._tasks[task.task_id] = task
        if len(self._tasks) > TASKS:
            del self._tasks[next(iter(self._tasks))]

    def advance(self, now: float) -> None:
        """Let every step that is due by `now` happen, each at its own time."""
        while self._steps and self._steps[0][0] <= now:
            at, subject = heapq.heappop(self._steps)
            assignment, campaign = self._assignments.get(subject), self._campaigns.get(subject)
            if assignment is not None and assignment.step_at == at:
                self._step(assignment, self._campaigns[assignment.campaign_id], at)
            elif campaign is not None and campaign.wakes_at == at:
                self.approve(campaign.campaign_id, at)

    def next_step(self) -> float | None:
        """When something may happen by itself; None when nothing is under way."""
        return self._steps[0][0] if self._steps else None

    def _step(self, assignment: Assignment, campaign: Campaign, at: float) -> None:
        match assignment.status:
            case AssignmentStatus.PENDING_ASSIGNMENT:
                self._end_assignment(assignment, campaign, at)
            case AssignmentStatus.ASSIGNED:
                self._end_mapping(assignment, campaign, at)
            case AssignmentStatus.PENDING_UNASSIGNMENT:
                self._end_removal(assignment, campaign, at)
            case AssignmentStatus.FAILED_ASSIGNMENT | AssignmentStatus.FAILED_UNASSIGNMENT:
                raise AssertionError(f"{assignment.number} rests in {assignment.status}: no step is due")
            case _:
                assert_never(assignment.status)

    def _end_assignment(self, assignment: Assignment, campaign: Campaign, at: float) -> None:
        failure = self.failures.take(assignment.number, FailureKind.ASSIGNMENT) or self._overfull(campaign)
        if failure is None:
            due = at + self.behaviour.carrier_seconds
            self._put(replace(assignment, status=AssignmentStatus.ASSIGNED, updated_at=at, step_at=due))
        else:
            self._rest(assignment, AssignmentStatus.FAILED_ASSIGNMENT, failure, at)
        self._announce(campaign, events.assignment_ended(assignment.number, campaign, _reason(failure)), at)

    def _overfull(self, campaign: Campaign) -> Failure | None:
        """Why a campaign has no place for one more number; None if it has."""
        if campaign.capacity is None or campaign.number_pooling:
            return None
        here = (one for one in self._assignments.values() if one.campaign_id == campaign.campaign_id)
        kept = {AssignmentStatus.ASSIGNED, AssignmentStatus.PENDING_UNASSIGNMENT, AssignmentStatus.FAILED_UNASSIGNMENT}
        if sum(one.status in kept for one in here) < campaign.capacity:
            return None
        reason = SOLE if campaign.sole_proprietor else FULL
        return Failure(FailureKind.ASSIGNMENT, reason)

    def _end_mapping(self, assignment: Assignment, campaign: Campaign, at: float) -> None:
        failure = self.failures.take(assignment.number, FailureKind.CARRIER)
        failed = failure.carrier if failure else None
        tmobile, non_tmobile = (
            CarrierStatus.FAILED if group == failed else CarrierStatus.ADDED for group in ("tmobile", "non_tmobile")
        )
        ended = replace(assignment, tmobile=tmobile, non_tmobile=non_tmobile, errors=_reason(failure))
        self._put(replace(ended, updated_at=at, step_at=None))
        for status in (tmobile, non_tmobile):
            self._announce(campaign, events.carrier_moved(assignment.number, campaign, status), at)

    def _end_removal(self, assignment: Assignment, campaign: Campaign, at: float) -> None:
        failure = self.failures.take(assignment.number, FailureKind.REMOVAL)
        if failure is None:
            del self._assignments[assignment.number]
        else:
            self._rest(assignment, AssignmentStatus.FAILED_UNASSIGNMENT, failure, at)
        self._announce(campaign, events.removal_ended(assignment.number, campaign, _reason(failure)), at)

    def _rest(self, assignment: Assignment, status: AssignmentStatus, failure: Failure, at: float) -> None:
        ended = replace(assignment, status=status, failure_reasons=failure.reason)
        self._put(replace(ended, updated_at=at, step_at=None))

    def _put(self, assignment: Assignment) -> Assignment:
        self._assignments[assignment.number] = assignment
        if assignment.step_at is not None:
            heapq.heappush(self._steps, (assignment.step_at, assignment.number))
        return assignment

    def _announce(self, campaign: Campaign, event: Event, at: float) -> None:
        if campaign.webhook_url:
            self.outbox.queue(event, campaign.webhook_url, at)


def _reason(failure: Failure | None) -> str | None:
    return None if failure is None else failure.reason
