"""What each alert says to people: what it is, whether SMS is affected now, what we do, what they should do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reconciler.model.alerts import AlertName


@dataclass(frozen=True, slots=True)
class AlertText:
    """The four sentences. `{count}` is such as `3 numbers`, `{pool}` a pool, `{example}` one subject, `{n}` a count."""

    what: str
    """Without a capital letter and without a stop: a resolve says it too."""
    affected: str
    ours: str
    yours: str


TEXTS: Mapping[AlertName, AlertText] = MappingProxyType(
    {
        AlertName.ASSIGNMENT_FAILED: AlertText(
            "{count} of pool {pool} could not be assigned",
            "Messages from these numbers are filtered by carriers.",
            "Refused ones are tried again by themselves, at last every 6 hours; the others are looked at again.",
            "Mend the reasons given; `tendlc explain {example}` shows each step.",
        ),
        AlertName.ASSIGNMENT_STUCK: AlertText(
            "{count} of pool {pool} have been pending at Telnyx for too long",
            "Messages from these numbers are filtered by carriers.",
            "They are listed every 10 minutes, and go on by themselves once Telnyx is done.",
            "Ask Telnyx support about them; `tendlc explain {example}` shows since when.",
        ),
        AlertName.CARRIER_MAPPING_FAILED: AlertText(
            "{count} of pool {pool} are assigned, and a carrier refused them",
            "Messages to that carrier's customers are filtered.",
            "They are looked at again at each drift check; nothing else is done.",
            "Ask Telnyx support; name the numbers, the campaign and the carrier: `tendlc explain {example}`.",
        ),
        AlertName.DRIFT_UNRESOLVED: AlertText(
            "pool {pool} still differs from the config after two drift checks (differences: {n})",
            "Numbers that are not assigned are filtered by carriers; those off their profile are not sent from.",
            "Each check reads them again, and does what it may.",
            "See `tendlc plan {pool}`, and `tendlc explain` for each number; one difference is at {example}.",
        ),
        AlertName.CONFLICT_FOUND: AlertText(
            "{count} of pool {pool} are on another campaign",
            "Their messages go out under the other campaign, or are filtered.",
            "They are left where they are.",
            "Take them off the other campaign, or out of the pool; `on_conflict: skip` accepts it in silence.",
        ),
        AlertName.FLAPPING: AlertText(
            "{count} of pool {pool} were assigned and taken off their campaign three times within 24 hours",
            "Messages from these numbers are filtered by carriers.",
            "Nothing more is sent for them until fewer than three of these times lie within 24 hours.",
            "Find who takes them off (`tendlc explain {example}` shows when); `tendlc queue retry` tries once more.",
        ),
        AlertName.MIXED_CAMPAIGNS: AlertText(
            "the messaging profile of pool {pool} sends from numbers of several campaigns",
            "Its number pool may send a message under the wrong campaign.",
            "Nothing is moved.",
            "Give each campaign a messaging profile of its own; `tendlc plan {pool}` names the campaigns.",
        ),
        AlertName.UNCOVERED_SENDER: AlertText(
            "the number pool of pool {pool}'s messaging profile may send from {count} on no campaign",
            "Messages that it sends from them are filtered by carriers.",
            "Nothing is changed: no pool of the config has them.",
            "Put them into a pool, or take them off the messaging profile; {example} is one.",
        ),
        AlertName.CAMPAIGN_NOT_APPROVED: AlertText(
            "the campaign of pool {pool} is not approved",
            "Messages from the pool's numbers are filtered by carriers.",
            "Numbers stay where they are; new ones are assigned once it is approved.",
            "See the campaign in the Telnyx portal: appeal, mend it, or name another in the pool.",
        ),
        AlertName.CAMPAIGN_IDLE: AlertText(
            "the campaign of pool {pool} is approved and has had no numbers for 10 days",
            "Sending is not affected yet; after 15 days Telnyx suspends it as dormant, and T-Mobile charges for that.",
            "It is listed at each drift check.",
            "Give its pool a number, or end the campaign.",
        ),
        AlertName.CAMPAIGN_OVER_CAPACITY: AlertText(
            "the campaign of pool {pool} is to have more numbers than it may",
            "The numbers beyond that may be refused, and their messages filtered.",
            "All are asked for; what Telnyx refuses is tried again every 6 hours.",
            "Ask Telnyx for a number pool at T-Mobile, or use a second campaign.",
        ),
        AlertName.TELNYX_API_UNAVAILABLE: AlertText(
            "no call to Telnyx has succeeded for 5 minutes",
            "Numbers that are assigned keep sending; nothing new is assigned, and drift is not seen.",
            "It is tried again at least once a minute.",
            "See Telnyx's status page, and whether this machine reaches the API.",
        ),
        AlertName.TELNYX_AUTH_FAILED: AlertText(
            "Telnyx refuses the API key or the account",
            "Numbers that are assigned keep sending; nothing new is assigned.",
            "Writes are halted; a probe runs every minute.",
            "Check the key, its permissions and the account's funds.",
        ),
        AlertName.WEBHOOK_SIGNATURE_FAILURES: AlertText(
            "more than 5 webhooks within 10 minutes were not signed as Telnyx signs",
            "Sending is not affected: drift checks go on, and events that are refused change nothing.",
            "They are refused with 401; the alert ends after 30 minutes without one.",
            "If Telnyx's public key changed, put the new one into `telnyx.public_key` beside the old one.",
        ),
        AlertName.WEBHOOKS_SILENT: AlertText(
            "no webhook has come for 24 hours, and assignments changed",
            "Sending is not affected; approvals are seen at the next drift check only.",
            "Drift checks go on.",
            "See that each campaign's webhookURL is `webhook.public_url`, and that it is reached from outside.",
        ),
        AlertName.WEBHOOK_QUARANTINED: AlertText(
            "signed events came that could not be used",
            "Sending is not affected: each caused a look everywhere.",
            "They are kept as they came.",
            "See them with `tendlc events list --state quarantined`; `tendlc events show {example}` ends this alert.",
        ),
        AlertName.QUEUE_STALLED: AlertText(
            "work has been due for more than 15 minutes and was not done",
            "Numbers that wait are not assigned, and their messages filtered.",
            "It is done as soon as it can be; a queue that is only long, and moves, is a warning and drains by itself.",
            "See `tendlc queue list`, `tendlc status` and the log; `telnyx.rate_limit` sets the pace.",
        ),
        AlertName.CONFIG_RELOAD_FAILED: AlertText(
            "the last reload of the config failed",
            "Sending is not affected.",
            "The last good config stays in force.",
            "Run `tendlc validate` and mend the lines it names.",
        ),
        AlertName.NOTIFICATION_FAILED: AlertText(
            "alerts do not reach the receiver {example}",
            "Sending is not affected; who reads there hears of nothing.",
            "Messages are kept and tried again.",
            "Check the receiver's address and secret: `tendlc alerts test {example}`.",
        ),
        AlertName.LOOP_FAILED: AlertText(
            "a part of the service keeps failing: {example}",
            "What that part does is not done until it works again.",
            "It is tried again 5 s after each failure; the alert ends after 5 minutes without one.",
            "See the log for `loop_failed`, and report it.",
        ),
        AlertName.STORE_FAILED: AlertText(
            "the service's store takes nothing more",
            "Numbers that are assigned keep sending; nothing new is assigned, and approvals are not seen.",
            "Webhooks are answered 503, so that Telnyx sends them again; it goes on by itself once the store works.",
            "See `/readyz` or the log for the reason, and docs/how-to/when-the-store-is-in-trouble.md.",
        ),
        AlertName.CHECKS_OVERDUE: AlertText(
            "pool {pool} has not been checked for three times the interval of drift checks",
            "Numbers that are assigned keep sending; drift and approvals are not seen.",
            "It is checked as soon as that is possible.",
            "See the log, `tendlc status` and `/readyz`; restart the service if a part of it hangs.",
        ),
        AlertName.CLOCK_WRONG: AlertText(
            "this machine's clock was set by a leap, or does not agree with Telnyx's",
            "Sending is not affected; webhooks are refused while the clock is wrong by more than `webhook.tolerance`.",
            "What waits goes on waiting as long as it had to; everything is looked at anew, and drift checks go on.",
            "See that the machine's time is kept by NTP; if it is right, somebody sends old webhooks again.",
        ),
        AlertName.STORE_RESTORED: AlertText(
            "the store knows less than was done: it is a backup or a copy",
            "Numbers that are assigned keep sending; what is missing is assigned a minute later than usual.",
            "What may have been asked for is read before it is asked for again; nothing that was there counts as ours.",
            "See whether a pause is missing that was set after the backup; the alert ends after 24 hours.",
        ),
        AlertName.STORE_LOST: AlertText(
            "there was a store, and it is gone: a new one was made",
            "Numbers that are assigned keep sending; what is missing is assigned a minute later than usual.",
            "What may have been asked for is read before it is asked for again; nothing that was there counts as ours.",
            "See why it is gone, and whether a pause is missing; the alert ends after 24 hours.",
        ),
    }
)
