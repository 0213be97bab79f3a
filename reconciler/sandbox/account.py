"""What an emulated account holds: campaigns, and the assignments of numbers to them."""

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

    def __post_init__(self) -> None:
        """Refuse what no account could hold."""
        if not (self.campaign_id and self.tcr_campaign_id and self.tcr_brand_id and self.status):
            raise ValueError("a campaign has ids and a status")
        if self.webhook_url and not self.webhook_url.startswith(("http://", "https://")):
            raise ValueError("webhook_url is an http address, or empty")

    @property
    def telnyx_campaign_id(self) -> str:
        """The Telnyx UUID; empty for a shared campaign."""
        return "" if self.shared else self.campaign_id


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
