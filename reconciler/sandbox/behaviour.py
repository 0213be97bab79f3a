"""How this Telnyx behaves: its key, its delays and its limits, in one frozen value."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The settings of an emulator. Seconds are those of whoever calls it: the emulator has no clock.

    The delays are short so that a demo can be watched; Telnyx itself takes about two hours (SUP:11072276).
    """

    api_key: str = field(default="KEY-sandbox", repr=False)
    """The bearer token that every request must carry."""
    assignment_seconds: float = 2.0
    """From PENDING_ASSIGNMENT to ASSIGNED or FAILED_ASSIGNMENT."""
    carrier_seconds: float = 2.0
    """From ASSIGNED to the carriers' ADDED or FAILED."""
    removal_seconds: float = 1.0
    """From PENDING_UNASSIGNMENT to gone, or FAILED_UNASSIGNMENT."""
    listing_lag_seconds: float = 0.0
    """How long a new assignment is missing from listings, while reading it by its number already finds it."""
    rate_per_second: float | None = None
    """Requests a second before 429; None is no limit. Telnyx publishes no figure."""
    wake_seconds: float | None = 60.0
    """From the first request for a dormant campaign, which is refused, to its approval; None is never.

    Telnyx takes 1 to 5 minutes as a rule (SUP:10723378).
    """
    delivery_attempts: int = 5
    """How often a webhook is sent in all (KB:10dlc-event-notifications)."""
    retry_seconds: float = 30.0
    """From a failed attempt to the next (KB:10dlc-event-notifications)."""

    def __post_init__(self) -> None:
        """Refuse what no Telnyx could do."""
        delays = (self.assignment_seconds, self.carrier_seconds, self.removal_seconds, self.retry_seconds)
        if min(*delays, self.listing_lag_seconds, self.wake_seconds or 0.0) < 0:
            raise ValueError("a delay is never negative")
        if self.rate_per_second is not None and self.rate_per_second <= 0:
            raise ValueError("rate_per_second must be positive, or None for no limit")
        if self.delivery_attempts < 1:
            raise ValueError("delivery_attempts must be at least 1")
