"""What an emulated account holds: campaigns, numbers, messaging profiles, and the assignments of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

APPROVED: Final = "MNO_PROVISIONED"
"""The one `campaignStatus` that takes numbers (KB:10dlc-event-notifications, SUP:6325734)."""


@unique
class AssignmentStatus(StrEnum):
    """`assignmentStatus` (OAS)."""

    PENDING_ASSIGNMENT = "PENDING_ASSIGNMENT"
    ASSIGNED = "ASSIGNED"
    FAILED_ASSIGNMENT = "FAILED_ASSIGNMENT"
    PENDING_UNASSIGNMENT = "PENDING_UNASSIGNMENT"
    FAILED_UNASSIGNMENT = "FAILED_UNASSIGNMENT"


@unique
class CarrierStatus(StrEnum):
    """What a group of carriers has done with a number: the values of STATUS_UPDATE that we play (KB)."""

    PENDING = "PENDING"
    ADDED = "ADDED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of ours, or one that a partner shared with us and that goes by its TCR id alone."""

    campaign_id: str
    """The id that assignments carry: the Telnyx UUID, or the TCR id of a shared campaign (OAS)."""
    tcr_campaign_id: str
    brand_id: str
    """Empty for a shared campaign."""
    tcr_brand_id: str
    status: str
    """`campaignStatus`: one of the twelve of OAS, but any text may be tried."""
    webhook_url: str
    """Where its events and those of its numbers go; empty means nowhere."""
    shared: bool
    created_at: float
    capacity: int | None = None
    """How many numbers it takes while it has no number pool: 49 at T-Mobile (SUP:6325734); None is no limit.

    One with place for 1 is a sole proprietor's (KB:sole-proprietor).
    """
    number_pooling: bool = False
    """T-Mobile has given it a number pool, and `capacity` does not bind it (SUP:6325734)."""
    failure_reasons: str = ""
    """Why it was last refused: history, which a later approval does not clear (FIELD:60791296693)."""
    dormant: bool = False
    """It is suspended because it had no numbers and no traffic; a request for one wakes it (SUP:10723378)."""
    wakes_at: float | None = None
    """When it wakes, once it was asked for a number."""
    tmobile_suspended: bool = False
    """T-Mobile alone suspended it, and its status stays as it is (OAS `isTMobileSuspended`)."""

    def __post_init__(self) -> None:
        """Refuse what no account could hold."""
        if not (self.campaign_id and self.tcr_campaign_id and self.tcr_brand_id and self.status):
            raise ValueError("a campaign has ids and a status")
        if self.webhook_url and not self.webhook_url.startswith(("http://", "https://")):
            raise ValueError("webhook_url is an http address, or empty")
        if self.capacity is not None and self.capacity < 1:
            raise ValueError("capacity is 1 or more; none is no limit")

    @property
    def telnyx_campaign_id(self) -> str:
        """The Telnyx UUID; empty for a shared campaign."""
        return "" if self.shared else self.campaign_id

    @property
    def sole_proprietor(self) -> bool:
        """Its brand is one person's."""
        return self.capacity == 1


@dataclass(frozen=True, slots=True)
class Profile:
    """A messaging profile: what numbers send by."""

    profile_id: str
    name: str
    number_pool_settings: Mapping[str, object] | None
    """None: its numbers are no pool."""
    created_at: float
    updated_at: float

    def __post_init__(self) -> None:
        """Refuse what no account could hold."""
        if not (self.profile_id and self.name):
            raise ValueError("a profile has an id and a name")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number of the account, as the numbers API has it: on no campaign, or on one (see Assignment)."""

    number: str
    number_id: str
    """An integer as text (OAS)."""
    messaging_profile_id: str | None
    tags: tuple[str, ...]
    phone_number_type: str
    """`local`, `toll_free` and the others of OAS, but any text may be tried."""
    status: str
    """`active` and the others of OAS, but any text may be tried."""
    country: str
    created_at: float
    updated_at: float

    def __post_init__(self) -> None:
        """Refuse what no account could hold."""
        if not (self.number.startswith("+") and self.number[1:].isdecimal()):
            raise ValueError("a number is in E.164 form: + and digits")
        if not (self.phone_number_type and self.status and self.country):
            raise ValueError("a number has a type, a status and a country")

    @property
    def messaging_type(self) -> str:
        """What the messaging API calls its type (OAS)."""
        return {"toll_free": "tollfree", "shortcode": "shortcode"}.get(self.phone_number_type, "longcode")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A number's one place: which campaign it is on, how far that has come, and when it moves by itself."""

    number: str
    campaign_id: str
    status: AssignmentStatus
    created_at: float
    updated_at: float
    step_at: float | None
    """When its next asynchronous step is due; None when nothing more happens by itself."""
    tmobile: CarrierStatus
    non_tmobile: CarrierStatus
    failure_reasons: str | None = None
    errors: str | None = None
    """A carrier's reason, beside an empty `failureReasons` (FIELD:59663385893)."""


@dataclass(frozen=True, slots=True)
class Task:
    """One request to assign all numbers of a messaging profile, as it went at once; what follows is in Assignments."""

    task_id: str
    campaign_id: str
    taken: tuple[str, ...]
    """The numbers that have begun."""
    refused: tuple[str, ...]
    created_at: float
