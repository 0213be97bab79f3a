"""The catalogue of reasons: why a number is not Ready, one word for machines, a sentence and a next step for people."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """A member is the fixed code; `sentence` and `next_step` are its texts. Codes never change their meaning."""

    sentence: str
    next_step: str

    def __new__(cls, code: str, sentence: str = "", next_step: str = "") -> Self:
        """Make a member of its code and its two texts."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        member.next_step = next_step
        return member

    NONE = "", "Nothing stands in the way.", ""
    REQUEST_OPEN = (
        "request_open",
        "The request for it is on its way to Telnyx.",
        "Nothing to do: the answer comes within the call's deadline.",
    )
    OUTCOME_UNKNOWN = (
        "outcome_unknown",
        "Telnyx got the request and no usable answer came back, so the number is being read until that is clear.",
        "Nothing to do: it is never asked for twice while the first answer is unknown.",
    )
    TELNYX_PENDING = (
        "telnyx_pending",
        "Telnyx took the assignment and has not finished it.",
        "Nothing to do; usual are minutes to hours. After 24 hours, ask Telnyx support.",
    )
    CARRIER_REFUSED = (
        "carrier_refused",
        "It is assigned, but a carrier refused it, so messages to that carrier's customers are filtered.",
        "Ask Telnyx support; name the number, the campaign and the carrier.",
    )
    CARRIER_PENDING = (
        "carrier_pending",
        "It is assigned, and not every carrier has added it yet.",
        "Nothing to do; carriers take up to 72 hours.",
    )
    FOREIGN_ASSIGNMENT = (
        "foreign_assignment",
        "It is on another campaign, and a number can be on one only.",
        "Take it off the other campaign, or out of this pool.",
    )
    TELNYX_REFUSED = (
        "telnyx_refused",
        "Telnyx took the assignment and then failed it.",
        "Mend the reason given; it is tried again by itself, at last every 6 hours.",
    )
    REQUEST_REFUSED = (
        "request_refused",
        "Telnyx refused the request, and repeating it as it is will not help.",
        "Mend the reason given; it is tried again every 6 hours, and when its pool's config changes.",
    )
    CAPACITY = (
        "capacity",
        "The campaign can take no more numbers.",
        "Ask Telnyx for a number pool at T-Mobile, or use a second campaign.",
    )
    CAMPAIGN_IN_REVIEW = (
        "campaign_in_review",
        "Its campaign is not approved yet.",
        "Nothing to do: its numbers are assigned as soon as the approval is seen.",
    )
    CAMPAIGN_SUSPENDED = (
        "campaign_suspended",
        "Its campaign is suspended, so its messages are filtered.",
        "Ask Telnyx why; its numbers stay where they are.",
    )
    CAMPAIGN_REJECTED = (
        "campaign_rejected",
        "Its campaign was rejected.",
        "Mend the campaign and appeal; its numbers follow when it is approved.",
    )
    CAMPAIGN_WAKING = (
        "campaign_waking",
        "Its campaign is dormant, because it had no numbers for 15 days; one number is assigned to wake it.",
        "Nothing to do: the others follow within minutes. After three tries in vain, ask Telnyx support.",
    )
    CAMPAIGN_EXPIRED = (
        "campaign_expired",
        "Its campaign has expired, which cannot be undone.",
        "Register a new campaign and name it in the pool.",
    )
    CAMPAIGN_UNKNOWN = (
        "campaign_unknown",
        "Telnyx does not know its campaign, or gives it a status that this version does not know.",
        "Check the campaign's id in the config and the API key's account.",
    )
    FLAPPING = (
        "flapping",
        "It was assigned by us and taken off its campaign three times within 24 hours, so nothing more is sent for it.",
        "Find who or what takes it off, and end that; `tendlc queue retry` assigns it once more at once.",
    )
    FROZEN = (
        "frozen",
        "A person paused all changes; reads, checks and alerts go on.",
        "Run `tendlc queue resume` when changes may be made again.",
    )
    OBSERVE_MODE = (
        "observe_mode",
        "It would be assigned, but its pool only observes.",
        "Set the pool's policy to `mode: enforce`.",
    )
    ACCOUNT_HALTED = (
        "account_halted",
        "Telnyx refuses the API key or the account, so nothing is written.",
        "Check the key, its permissions and the account's funds; a probe runs every minute.",
    )
    TELNYX_UNAVAILABLE = (
        "telnyx_unavailable",
        "Telnyx could not be reached, or gave no usable answer, and it is sure that nothing was done.",
        "Nothing to do: it is tried again by itself.",
    )
    RATE_LIMITED = (
        "rate_limited",
        "Telnyx asked us to slow down.",
        "Nothing to do: it is tried again by itself.",
    )
    ASSIGN_DUE = (
        "assign_due",
        "It is about to be assigned.",
        "Nothing to do: it waits for its turn within the rate limit.",
    )
    READING_DIFFERS = (
        "reading_differs",
        "It was assigned before, and the last reading says otherwise; it is being read again.",
        "Nothing to do: it is assigned again once the reading is certain.",
    )
    EVIDENCE_STALE = (
        "evidence_stale",
        "What Telnyx last told of it is too old, incomplete or unclear to act on.",
        "Nothing to do: it is looked at again.",
    )
    NUMBER_NOT_IN_ACCOUNT = (
        "number_not_in_account",
        "The account has no such number.",
        "Take it out of the pool, or bring it into the account that the API key belongs to.",
    )
    NOT_US_LONG_CODE = (
        "not_us_long_code",
        "It is no US long code, and only these can be on a 10DLC campaign.",
        "Take it out of the pool.",
    )
    PROFILE_MISSING = (
        "profile_missing",
        "It is on no messaging profile, and Telnyx assigns only numbers that are on one.",
        "Nothing to do if its pool names a `messaging_profile` and may attach it; else put it on one.",
    )
    PROFILE_UNKNOWN = (
        "profile_unknown",
        "Telnyx knows no messaging profile by the id that its pool names.",
        "Check the pool's `messaging_profile` and the API key's account.",
    )
    OTHER_PROFILE = (
        "other_profile",
        "It is on another messaging profile than its pool's, and is never taken from there.",
        "Put it on the pool's messaging profile, or into another pool.",
    )
    OFF_PROFILE = (
        "off_profile",
        "It is assigned, but not on its pool's messaging profile, so the pool's messages are not sent from it.",
        "Put it on the pool's messaging profile, or into another pool.",
    )
    OUTSIDE_WINDOW = (
        "outside_window",
        "Changes wait for the next window of the schedule.",
        "Nothing to do: it goes on when the window opens.",
    )
    UNCOVERED_SENDER = (
        "uncovered_sender",
        "The number pool of its messaging profile may send from it, and no campaign covers it.",
        "Put it into a pool, or take it off the messaging profile.",
    )
    MIXED_CAMPAIGNS = (
        "mixed_campaigns",
        "The number pool of this messaging profile sends from numbers of other campaigns too.",
        "Give each campaign a messaging profile of its own.",
    )
    CLAIMED_ELSEWHERE = (
        "claimed_elsewhere",
        "A selection of this pool chooses it, and another pool of the config has it.",
        "Exclude it here or there; until then the pool that lists it, or stands first in the file, has it.",
    )
    EXTRA_UNOWNED = (
        "extra_unowned",
        "It is on this campaign and in no pool.",
        "Put it into a pool, or leave it: it is never taken away.",
    )
