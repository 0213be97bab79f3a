"""Observed state: what Telnyx says of campaigns and numbers, with how and when we came to know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from reconciler.model.dormancy import SUSPENDED_AT_TCR, Dormancy
from reconciler.model.errors import Fault
from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.model.lines import Line, Profile, Roster, Selected, Selection
from reconciler.model.reasons import Reason


class CampaignPhase(StrEnum):
    """Where a campaign stands, from `campaignStatus` (never from `status`, which is ACTIVE from creation on: OAS)."""

    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    DORMANT = "dormant"
    """Suspended because it had no numbers and no traffic: an assignment wakes it (SUP:10723378). No reading says so by
    itself; an event does."""
    UNKNOWN = "unknown"
    """404, or a status that we do not know. Never treated as approved."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One reading of a campaign."""

    id: CampaignId
    """The id by which the config names it."""
    phase: CampaignPhase
    read_at: datetime
    status: str = ""
    """Telnyx's own word."""
    telnyx_id: CampaignId | None = None
    tcr_id: CampaignId | None = None
    webhook_url: str = ""
    failure: str = ""
    brand_id: str = ""
    tcr_brand_id: str = ""
    pooled: bool = False
    """Whether T-Mobile gave it a number pool, so that it may have more than 49 numbers (SUP:6325734)."""
    sole_proprietor: bool = False
    """Whether it may have one number only (KB:sole-proprietor)."""

    def given(self, dormancy: Dormancy | None) -> Campaign:
        """This reading in the light of what an event told: only the two together show that it is dormant."""
        if self.status != SUSPENDED_AT_TCR:
            return self
        is_dormant = dormancy is not None and dormancy.lasts(self.read_at)
        return replace(self, phase=CampaignPhase.DORMANT if is_dormant else CampaignPhase.SUSPENDED)

    def answers_to(self, other: str) -> bool:
        """Whether `other` is one of this campaign's ids."""
        return other in (self.id, self.telnyx_id, self.tcr_id)

    @property
    def aliases(self) -> tuple[CampaignId, ...]:
        """Its ids at Telnyx and at TCR, as far as known."""
        return tuple(one for one in (self.telnyx_id, self.tcr_id) if one is not None)

    @property
    def obstacle(self) -> Reason:
        """Why nothing may be assigned to it now. Reason.NONE: it is approved."""
        return _OBSTACLES[self.phase]


def aliases_of(read: Campaign | None) -> tuple[CampaignId, ...]:
    """A campaign's ids at Telnyx and at TCR, as far as known: none where it was never read."""
    return () if read is None else read.aliases


_OBSTACLES: Mapping[CampaignPhase, Reason] = MappingProxyType(
    {
        CampaignPhase.APPROVED: Reason.NONE,
        CampaignPhase.SUBMITTED: Reason.CAMPAIGN_IN_REVIEW,
        CampaignPhase.IN_REVIEW: Reason.CAMPAIGN_IN_REVIEW,
        CampaignPhase.REJECTED: Reason.CAMPAIGN_REJECTED,
        CampaignPhase.SUSPENDED: Reason.CAMPAIGN_SUSPENDED,
        CampaignPhase.EXPIRED: Reason.CAMPAIGN_EXPIRED,
        CampaignPhase.DORMANT: Reason.CAMPAIGN_WAKING,
        CampaignPhase.UNKNOWN: Reason.CAMPAIGN_UNKNOWN,
    }
)


class AssignmentState(StrEnum):
    """Telnyx's `assignmentStatus` in our words (OAS PhoneNumberCampaign)."""

    PENDING = "pending"
    ASSIGNED = "assigned"
    FAILED = "failed"
    UNASSIGNING = "unassigning"
    UNASSIGN_FAILED = "unassign_failed"
    UNKNOWN = "unknown"
    """A status we do not know: never success, never absence."""


class CarrierState(StrEnum):
    """What one carrier group says of a number."""

    PENDING = "pending"
    ADDED = "added"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A number on a campaign, as one answer told it."""

    number: PhoneNumber
    campaign: CampaignId
    state: AssignmentState
    carriers: Mapping[str, CarrierState] = field(default_factory=lambda: MappingProxyType({}))
    """By carrier group: `tmobile`, `others`, `att` where present."""
    failure: str = ""
    """The provider's reasons: `failureReasons`, or `errors` where that is empty (FIELD:59663385893)."""
    aliases: tuple[CampaignId, ...] = ()
    """The campaign's other ids, as the answer gave them."""

    def is_on(self, campaign: CampaignId, aliases: tuple[CampaignId, ...] = ()) -> bool:
        """Whether it is on this campaign, under any id that either side goes by."""
        return self.campaign == campaign or not {self.campaign, *self.aliases}.isdisjoint({campaign, *aliases})

    @property
    def carriers_refusing(self) -> tuple[str, ...]:
        """Carrier groups that said FAILED: the number is ASSIGNED and yet does not send there (FIELD:59929826517)."""
        return tuple(name for name, state in self.carriers.items() if state is CarrierState.FAILED)

    @property
    def is_ready(self) -> bool:
        """ASSIGNED, and no present carrier mapping other than ADDED: the number can send."""
        return self.state is AssignmentState.ASSIGNED and all(
            state is CarrierState.ADDED for state in self.carriers.values()
        )

    @property
    def is_settling(self) -> bool:
        """Whether waiting may still change it: pending, leaving, or not yet added by every carrier."""
        match self.state:
            case AssignmentState.PENDING | AssignmentState.UNASSIGNING | AssignmentState.UNKNOWN:
                return True
            case AssignmentState.ASSIGNED:
                return not self.is_ready and not self.carriers_refusing
            case AssignmentState.FAILED | AssignmentState.UNASSIGN_FAILED:
                return False


@dataclass(frozen=True, slots=True)
class Listing:
    """The numbers on one campaign, from all pages of one listing."""

    campaign: CampaignId
    assignments: Mapping[PhoneNumber, Assignment]
    taken_at: datetime
    """When its first page was asked for: what we learned later than this outweighs it."""
    complete: bool
    """The rows collected equal `totalRecords` and every row passes our own filter. Absence is evidence only then."""
    flaw: str = ""
    """Why it is not complete."""


@dataclass(frozen=True, slots=True)
class Look:
    """Where to look: one campaign."""

    campaign: CampaignId
    """The id by which the config names it."""
    known: Campaign | None = None
    """The last reading, for its other ids."""
    read_campaign: bool = True
    """Whether to read the campaign itself too; False while only its numbers are awaited."""
    profiles: tuple[ProfileId, ...] = ()
    """Messaging profiles to read, each with the numbers on it."""
    selections: tuple[Selection, ...] = ()
    """Selections to answer. One by a messaging profile is answered by its list of numbers."""


@dataclass(frozen=True, slots=True)
class Single:
    """Where one number is, by one answer. None comes only from a read of the number itself (404: on no campaign)."""

    number: PhoneNumber
    assignment: Assignment | None
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """One look at some campaigns. What was not looked at, or could not be read, is in none of these."""

    taken_at: datetime
    campaigns: Mapping[CampaignId, Campaign] = field(default_factory=lambda: MappingProxyType({}))
    listings: Mapping[CampaignId, Listing] = field(default_factory=lambda: MappingProxyType({}))
    singles: Mapping[PhoneNumber, Single] = field(default_factory=lambda: MappingProxyType({}))
    profiles: Mapping[ProfileId, Profile] = field(default_factory=lambda: MappingProxyType({}))
    rosters: Mapping[ProfileId, Roster] = field(default_factory=lambda: MappingProxyType({}))
    lines: Mapping[PhoneNumber, Line] = field(default_factory=lambda: MappingProxyType({}))
    """Numbers of the account that were read by themselves."""
    selected: Mapping[Selection, Selected] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[tuple[str, Fault], ...] = ()
    """What could not be read, and why: (campaign, number, profile or selection as text; fault)."""

    @property
    def broken(self) -> frozenset[str]:
        """Everything that could not be read: ids as text."""
        return frozenset(subject for subject, _ in self.faults)

    def __add__(self, later: Observed) -> Observed:
        """Both looks as one; where they overlap, the later one holds."""
        return Observed(
            taken_at=self.taken_at,
            campaigns={**self.campaigns, **later.campaigns},
            listings={**self.listings, **later.listings},
            singles={**self.singles, **later.singles},
            profiles={**self.profiles, **later.profiles},
            rosters={**self.rosters, **later.rosters},
            lines={**self.lines, **later.lines},
            selected={**self.selected, **later.selected},
            faults=self.faults + later.faults,
        )

    def given(self, dormancies: Mapping[CampaignId, Dormancy]) -> Observed:
        """This look in the light of what events told."""
        campaigns = {id_: one.given(dormancies.get(id_)) for id_, one in self.campaigns.items()}
        return replace(self, campaigns=campaigns) if dormancies else self

    def told(self) -> dict[PhoneNumber, Single]:
        """What this look says of each number that it saw.

        A read of the number alone outweighs every listing, and of two listings the later one holds. What is merely
        not listed is not in here.
        """
        in_order = sorted(self.listings.values(), key=lambda listing: listing.taken_at)
        listed = {n: Single(n, found, one.taken_at) for one in in_order for n, found in one.assignments.items()}
        return {**listed, **self.singles}

    def lines_told(self) -> dict[PhoneNumber, Line]:
        """What this look says of the account's own records of numbers; a read of one alone outweighs every list."""
        in_order = sorted(self.rosters.values(), key=lambda roster: roster.taken_at)
        listed = {number: line for roster in in_order for number, line in roster.lines.items()}
        return {**listed, **self.lines}


@dataclass(frozen=True, slots=True)
class Sighting:
    """What we last knew of a number, kept between looks."""

    number: PhoneNumber
    seen_at: datetime
    source: str
    """`listing`, `item` (a read of this number) or `answer` (to our own write)."""
    assignment: Assignment | None
    """None: seen to be on no campaign."""
    since: datetime
    """Since when it has looked like this."""
    was_ready: bool = False
    """Whether it was ever Ready on the campaign that wants it."""
    doubted: bool = False
    """A later listing lacks it, and no read of the number itself has settled the matter."""
    put_on: CampaignId | None = None
    """The campaign on which a request of ours put it, until it is seen to be on none, or to have failed there."""

    def outweighs_silence(self, now: datetime, settle_window: timedelta) -> bool:
        """Whether what does not show the number says nothing against it, because reads lag behind writes.

        So it is while this comes from an answer to our own write, or from a read of this very number, and is young.
        """
        return self.source in ("answer", "item") and now - self.seen_at <= settle_window
