"""The ways in which Telnyx is known, or feared, to answer otherwise than its reference says: in one frozen value."""

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Door(StrEnum):
    """Whether a spelling of the assignment path is answered."""

    OPEN = "open"
    NOT_FOUND = "404"
    NOT_ALLOWED = "405"


@unique
class ErrorShape(StrEnum):
    """How an error body is built (OAS has all four)."""

    ERRORS = "errors"
    """`{"errors": [{code, title, detail}]}`."""
    BARE = "bare"
    """`{code, title, detail}`."""
    DETAIL = "detail"
    """`{"detail": [{loc, msg, type}]}`: no code."""
    MESSAGE = "message"
    """`{"message": text}`: no code."""


@unique
class Reasons(StrEnum):
    """How `failureReasons` is built, of numbers and of campaigns."""

    TEXT = "text"
    """OAS."""
    TEXTS = "texts"
    """A list of texts."""
    OBJECTS = "objects"
    """A list of `{fields, description}` (FIELD:60791296693)."""
    ELSEWHERE = "elsewhere"
    """Null, and the text is in `errors` (FIELD:59663385893)."""


@unique
class ProfileLookup(StrEnum):
    """What the list of numbers does about messaging profiles.

    Unless it works, the list is 503 without `handle_messaging_profile_error=true` (OAS).
    """

    WORKS = "works"
    UNAVAILABLE = "unavailable"
    """With it, `messaging_profile_id` is the word UNAVAILABLE (FIELD:70941097519)."""
    OMITTED = "omitted"
    """With it, the fields are missing and `errors` says why (OAS)."""


@unique
class Times(StrEnum):
    """Whether times have a zone."""

    DOCUMENTED = "documented"
    """As the examples of each API have them."""
    ZONED = "zoned"
    ZONELESS = "zoneless"


@unique
class RetryAfter(StrEnum):
    """How 429 and 503 say when to come back, beside `x-ratelimit-reset`."""

    NONE = "none"
    SECONDS = "seconds"
    DATE = "date"
    ABSURD = "absurd"
    """In 30 years."""


@unique
class LimitHeaders(StrEnum):
    """What the `x-ratelimit` headers look like."""

    PLAIN = "plain"
    """A number each (KB:rate-limiting)."""
    POLICY = "policy"
    """The limit with its window, as "applicable rate limits" may mean: `20, 20;w=1`."""
    MISSING = "missing"
    ABSURD = "absurd"
    """Numbers that can be no limit."""


@dataclass(frozen=True, slots=True)
class Oddities:
    """What is odd about every answer from now on. By default nothing is: the answers are as OAS has them.

    Rows are those of any list; the fields named are changed where an answer has them.
    """

    current_path: Door = Door.OPEN
    """/10dlc/phone_number_campaigns."""
    legacy_path: Door = Door.OPEN
    """/10dlc/phoneNumberCampaign."""
    filters_ignored: bool = False
    """No `filter[…]` filters: the list is the whole account's (FIELD:59663385893)."""
    page_size: int | None = None
    """No page has more rows than this, whatever is asked for."""
    shifted_rows: int = 0
    """So many rows come in after page 1 was read, and page 2 repeats as many; below 0 they go, and are missed."""
    empty_page: int | None = None
    """This page has no rows, though the total is as before."""
    omitted_numbers: tuple[str, ...] = ()
    """Lists leave these out, though the total counts them; read by itself, each is there."""
    total_off_by: int = 0
    """How much `totalRecords` and `total_results` are too high or, below 0, too low."""
    total_missing: bool = False
    """Lists say no total and no number of pages."""
    listed_in_data: bool = False
    """10DLC lists are in `data`, not in `records` (number assignment page)."""
    wrapped_in_data: bool = False
    """10DLC objects are inside `data` (number assignment page)."""
    status_renamed: bool = False
    """`assignmentStatus` is called `status` (number assignment page)."""
    hyphenated_types: bool = False
    """`long-code` and `toll-free` in place of `longcode` and `tollfree` (OAS has both)."""
    assignment_status: str = ""
    """What every `assignmentStatus` says, such as a new word."""
    campaign_status: str = ""
    """What every `campaignStatus` says."""
    mapping_status: str = ""
    """What every mapping field that is there says."""
    att_mapping_status: str = ""
    """What `attNumberMappingStatus` says; without this the field is missing (FIELD:59663385893)."""
    reasons: Reasons = Reasons.TEXT
    times: Times = Times.DOCUMENTED
    profile_lookup: ProfileLookup = ProfileLookup.WORKS
    error_shape: ErrorShape = ErrorShape.ERRORS
    integer_codes: bool = False
    """Error codes are integers."""
    errors_as_200: bool = False
    """A refusal is answered 200, with its error document."""
    posts_as_201: bool = False
    """A POST that does is answered 201 (number assignment page)."""
    reset_as_epoch: bool = False
    """`x-ratelimit-reset` is a Unix time (KB:send-your-first-message), not seconds from now (KB:rate-limiting)."""
    retry_after: RetryAfter = RetryAfter.NONE
    limit_headers: LimitHeaders = LimitHeaders.PLAIN
    flat_events: tuple[str, ...] = ()
    """Events of these types are sent as their payload alone (OAS campaignStatusUpdate, SUP:10723378)."""

    def __post_init__(self) -> None:
        """Refuse what no Telnyx could do."""
        if self.page_size is not None and self.page_size < 1:
            raise ValueError("page_size is 1 or more; none is as asked")
