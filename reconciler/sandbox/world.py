"""The emulated account and what happens in it: one campaign per number, moved on by people and by time."""

import heapq
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, assert_never

from reconciler.sandbox import events
from reconciler.sandbox.account import APPROVED, Assignment, AssignmentStatus, Campaign, CarrierStatus
from reconciler.sandbox.announce import Outbox
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.events import Event
from reconciler.sandbox.failures import Failure, FailureKind, Failures

PROFILE: Final = "4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11"
"""The messaging profile that numbers are on unless said otherwise."""
BRAND: Final = "4b20017f-8da9-4992-a6c0-683072fb7729"
"""The brand that campaigns are under unless said otherwise."""


class World:
    """Campaigns, numbers and assignments, with the verbs by which people, carriers and time act on them.

    A verb that names a campaign takes either of its ids. Every verb raises LookupError for a campaign or a
    number that is not there and ValueError for what cannot be, and then has changed nothing.
    """

    def __init__(self, behaviour: Behaviour, outbox: Outbox) -> None:
        self.behaviour = behaviour
        self.outbox = outbox
        self.failures = Failures()
        self._campaigns: dict[str, Campaign] = {}
        self._numbers: dict[str, str | None] = {}
        self._assignments: dict[str, Assignment] = {}
        self._steps: list[tuple[float, str]] = []

    def assignments(self) -> Mapping[str, Assignment]:
        """Every number that is on a campaign, or on its way to or from one: a live view."""
        return MappingProxyType(self._assignments)

    def campaigns(self) -> Mapping[str, Campaign]:
        """Every campaign, by the id that assignments carry: a live view."""
        return MappingProxyType(self._campaigns)

    def numbers(self) -> Mapping[str, str | None]:
        """Every number of the account with its messaging profile, if it has one: a live view."""
        return MappingProxyType(self._numbers)

    def campaign(self, either_id: str) -> Campaign:
        """The campaign with this Telnyx or TCR id."""
        for campaign in self._campaigns.values():
            if either_id in {campaign.campaign_id, campaign.tcr_campaign_id}:
                return campaign
        raise LookupError(f"no campaign {either_id!r}")

    def add_campaign(
        self,
        campaign_id: str,
        *,
        tcr_campaign_id: str = "",
        brand_id: str = BRAND,
        tcr_brand_id: str = "BSANDBX",
        status: str = "MNO_PENDING",
        webhook_url: str = "",
        shared: bool = False,
        now: float = 0.0,
    ) -> Campaign:
        """Put a campaign in the account, or replace it; a shared one has no id but its TCR id."""
        tcr_id = campaign_id if shared else tcr_campaign_id or f"C{campaign_id[-6:].upper()}"
        if any(tcr_id == one.tcr_campaign_id for id_, one in self._campaigns.items() if id_ != campaign_id):
            raise ValueError(f"another campaign has the TCR id {tcr_id}")
        brand = "" if shared else brand_id
        campaign = Campaign(campaign_id, tcr_id, brand, tcr_brand_id, status, webhook_url, shared, now)
        self._campaigns[campaign_id] = campaign
        return campaign

    def add_number(self, number: str, *, messaging_profile_id: str | None = PROFILE) -> None:
        """Put a number in the account; None leaves it without a messaging profile."""
        self._numbers[number] = messaging_profile_id

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

    def set_campaign_status(self, campaign_id: str, status: str, now: float, *, dormant: bool = False) -> None:
        """A campaign comes to another `campaignStatus`, with the events that go with it."""
        campaign = replace(self.campaign(campaign_id), status=status)
        self._campaigns[campaign.campaign_id] = campaign
        for event in events.campaign_moved(campaign, dormant=dormant):
            self._announce(campaign, event, now)

    def assign_by_hand(self, number: str, campaign_id: str, now: float = 0.0) -> None:
        """Somebody puts a number on a campaign in the portal: at once, wherever it was before, and untold."""
        if number not in self._numbers:
            raise LookupError(f"no number {number!r}")
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

    def advance(self, now: float) -> None:
        """Let every step that is due by `now` happen, each at its own time."""
        while self._steps and self._steps[0][0] <= now:
            at, number = heapq.heappop(self._steps)
            assignment = self._assignments.get(number)
            if assignment is not None and assignment.step_at == at:
                self._step(assignment, self._campaigns[assignment.campaign_id], at)

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
        failure = self.failures.take(assignment.number, FailureKind.ASSIGNMENT)
        if failure is None:
            due = at + self.behaviour.carrier_seconds
            self._put(replace(assignment, status=AssignmentStatus.ASSIGNED, updated_at=at, step_at=due))
        else:
            self._rest(assignment, AssignmentStatus.FAILED_ASSIGNMENT, failure, at)
        self._announce(campaign, events.assignment_ended(assignment.number, campaign, _reason(failure)), at)

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
