"""explain: why a number does or does not send: the first link that does not hold, who can mend it, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from reconciler.model.fleet import AssignmentState
from reconciler.model.reasons import Reason
from reconciler.model.standing import CARRIER, Check, Explanation, Facts, Phase, Result, Standing, Who

LINKS: Mapping[Reason, tuple[str, ...]] = MappingProxyType(
    {
        Reason.NONE: ("config",),
        Reason.EXTRA_UNOWNED: ("config",),
        Reason.ACCOUNT_HALTED: ("account",),
        Reason.NUMBER_NOT_IN_ACCOUNT: ("number",),
        Reason.NOT_US_LONG_CODE: ("number",),
        Reason.PROFILE_MISSING: ("profile", "operation"),
        Reason.PROFILE_UNKNOWN: ("profile",),
        Reason.OTHER_PROFILE: ("profile",),
        Reason.CAMPAIGN_IN_REVIEW: ("campaign", "operation"),
        Reason.CAMPAIGN_SUSPENDED: ("campaign",),
        Reason.CAMPAIGN_WAKING: ("campaign",),
        Reason.CAMPAIGN_REJECTED: ("campaign",),
        Reason.CAMPAIGN_EXPIRED: ("campaign",),
        Reason.CAMPAIGN_UNKNOWN: ("campaign",),
        Reason.FLAPPING: ("reversals",),
        Reason.FROZEN: ("freeze",),
        Reason.OBSERVE_MODE: ("policy",),
        Reason.OUTSIDE_WINDOW: ("window",),
        Reason.REQUEST_OPEN: ("operation",),
        Reason.OUTCOME_UNKNOWN: ("operation",),
        Reason.REQUEST_REFUSED: ("operation",),
        Reason.CAPACITY: ("operation",),
        Reason.TELNYX_UNAVAILABLE: ("operation",),
        Reason.RATE_LIMITED: ("operation",),
        Reason.ASSIGN_DUE: ("assignment",),
        Reason.TELNYX_PENDING: ("assignment",),
        Reason.TELNYX_REFUSED: ("assignment",),
        Reason.FOREIGN_ASSIGNMENT: ("assignment",),
        Reason.READING_DIFFERS: ("assignment",),
        Reason.CARRIER_REFUSED: (CARRIER,),
        Reason.CARRIER_PENDING: (CARRIER,),
    }
)
"""The link that a reason names: the first of these that does not hold. `evidence_stale` names one that is unknown."""


def explain(facts: Facts, standing: Standing, chain: tuple[Check, ...]) -> Explanation:
    """Say it. `standing` and `chain` are what `phase` and `trace` made of the same facts.

    The first check that is not ok is the link that the reason names; what else is broken comes after it. What is Ready
    may have broken links too, which do not keep it from sending, such as a campaign in review again.
    """
    checks = list(chain)
    broken = [one for one in checks if one.result is not Result.OK]
    named = next(iter(broken), None) if standing.phase is Phase.READY else _named(standing.reason, facts, broken)
    if named is not None and named is not broken[0]:
        checks.remove(named)
        checks.insert(checks.index(broken[0]), named)
    message, next_step = _message(facts, standing, named), _next_step(facts, standing, named)
    return Explanation(facts, standing, message, next_step, tuple(checks))


def _named(reason: Reason, facts: Facts, broken: list[Check]) -> Check | None:
    """The link that a reason names, among those that do not hold."""
    if reason is Reason.EVIDENCE_STALE:
        is_new = facts.found is not None and facts.found.state is AssignmentState.UNKNOWN
        unknown = (one for one in broken if one.result is Result.UNKNOWN and (one.name == "assignment" or not is_new))
        return next(unknown, None) or _first(broken, ("operation",))
    if reason is Reason.CARRIER_REFUSED:
        broken = [one for one in broken if one.result is Result.FAIL]
    return _first(broken, (*LINKS.get(reason, ()), "operation", "assignment"))


def _first(broken: list[Check], names: Iterable[str]) -> Check | None:
    return next((one for name in names for one in broken if one.name.split()[0] == name), None)


def _message(facts: Facts, standing: Standing, named: Check | None) -> str:
    if standing.phase is Phase.READY:
        stale = "" if standing.fresh else " But the last reading is old."
        broken = "" if named is None else f" But see {named.name}: {named.evidence.rstrip('.')}."
        return "It is assigned, and every carrier that says so has added it: it can send." + stale + broken
    if standing.phase is Phase.UNMANAGED:
        found = facts.found
        here = "" if found is None else f", and {found.state} on campaign {found.campaign}: it is left there"
        return f"It is in no pool of this config{here}."
    return _sentence(facts, standing) + _said(facts, standing, named)


def _sentence(facts: Facts, standing: Standing) -> str:
    leaving = _leaving(facts) if standing.reason is Reason.READING_DIFFERS else None
    match leaving:
        case AssignmentState.UNASSIGNING:
            return "Somebody is taking it off its campaign."
        case AssignmentState.UNASSIGN_FAILED:
            return "Somebody took it off its campaign, and Telnyx failed that."
        case _:
            return standing.reason.sentence


def _said(facts: Facts, standing: Standing, named: Check | None) -> str:
    """What Telnyx itself said of the link, or what else tells more than the reason."""
    if named is None:
        return ""
    if standing.reason in (Reason.EVIDENCE_STALE, Reason.CAMPAIGN_UNKNOWN):
        return f" See {named.name}: {named.evidence}."
    match named.name.split():
        case ["account"] if facts.halt is not None:
            return f" Telnyx says: {facts.halt.detail}"
        case ["freeze"] if facts.freeze is not None and facts.freeze.reason:
            return f" The reason given: {facts.freeze.reason}"
        case ["campaign"] if standing.reason is Reason.CAMPAIGN_REJECTED and facts.campaign is not None:
            return f" Telnyx says: {facts.campaign.failure}" if facts.campaign.failure else ""
        case ["assignment"] if facts.found is not None and not facts.is_here:
            return f" Telnyx has it on campaign {facts.found.campaign}."
        case ["assignment" | "operation"] | [str(), _]:
            if facts.operation is not None and facts.operation.detail:
                return f" Last answer: {facts.operation.detail}"
            return f" Telnyx says: {facts.found.failure}" if facts.found is not None and facts.found.failure else ""
        case _:
            return ""


def _next_step(facts: Facts, standing: Standing, named: Check | None) -> str:
    """What the reason advises, made plainer where the facts leave less open."""
    link = "" if named is None else named.name
    match standing.reason:
        case Reason.NONE if standing.phase is Phase.READY and link == "profile":
            return Reason.OFF_PROFILE.next_step
        case Reason.NONE if standing.phase is Phase.READY and link == "account":
            return Reason.ACCOUNT_HALTED.next_step
        case Reason.PROFILE_MISSING if standing.who is not Who.YOU:
            return "Nothing to do: it is put on its pool's messaging profile, and then assigned."
        case Reason.PROFILE_MISSING if facts.pool is not None and facts.pool.messaging_profile is None:
            return "Put it on a messaging profile, or name one as the pool's `messaging_profile`."
        case Reason.PROFILE_MISSING:
            return "Put it on the pool's messaging profile, or let the service do it: `on_missing_profile: attach`."
        case Reason.FLAPPING:
            return (
                "Find who or what takes it off, and end that; "
                f"`tendlc queue retry {facts.number}` assigns it once more at once; otherwise it waits for a day."
            )
        case Reason.READING_DIFFERS if _leaving(facts) is AssignmentState.UNASSIGN_FAILED:
            return "Take it off its campaign again, or ask Telnyx support; once it is off, it is assigned again."
        case Reason.READING_DIFFERS if _leaving(facts) is AssignmentState.UNASSIGNING:
            return "Nothing to do: once it is off, it is assigned again."
        case _:
            return standing.reason.next_step


def _leaving(facts: Facts) -> AssignmentState | None:
    """Whether somebody took it off its campaign, and how far that has come."""
    if facts.sighting is None or facts.found is None or facts.sighting.doubted or not facts.is_here:
        return None
    leaving = (AssignmentState.UNASSIGNING, AssignmentState.UNASSIGN_FAILED)
    return facts.found.state if facts.found.state in leaving else None
