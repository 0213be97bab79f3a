"""Values for the tests of the pure core: each maker gives a plain one, and takes what the test is about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TypedDict, Unpack

from reconciler.model.alerts import Alert, AlertName, Condition
from reconciler.model.dormancy import Dormancy
from reconciler.model.errors import Fault, FaultKind, Place
from reconciler.model.events import EVERYTHING, Cause, Subject
from reconciler.model.fleet import (
    Assignment,
    AssignmentState,
    Campaign,
    CampaignPhase,
    CarrierState,
    Listing,
    Observed,
    Sighting,
    Single,
)
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import Line, LineKind, Profile, Roster, Selected, Selection
from reconciler.model.memory import Asked, Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.plan import Verb
from reconciler.model.pools import (
    Declaration,
    Declared,
    Desired,
    DriftClass,
    Listed,
    ListedDraft,
    Mode,
    OnConflict,
    OnMissingProfile,
    PendingAfter,
    Placed,
    Policy,
    Pool,
    PoolDraft,
)
from reconciler.model.reasons import Reason
from reconciler.model.reversals import Reversals
from reconciler.model.standing import Halt

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PATIENCE = Patience()
WINDOW = PATIENCE.settle_window

CAMPAIGN = CampaignId("4b30019f-a9df-e17b-3529-70677db27ec4")
TCR_ID = CampaignId("C6X6M95")
FOREIGN = CampaignId("751c6a5c-907b-43a9-8ada-ba1dc8335b07")
POOL = PoolName("acme")
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
OTHER_PROFILE = ProfileId("4001767e-ce0f-4cae-9d5f-0d5e636e7809")


def a_number(which: int = 0) -> PhoneNumber:
    """The number that ends in `which`."""
    return PhoneNumber(f"+1202555{which:04d}")


NUMBER = a_number(123)
OTHER = a_number(124)


def an_assignment(
    number: PhoneNumber = NUMBER,
    state: AssignmentState = AssignmentState.ASSIGNED,
    campaign: CampaignId = CAMPAIGN,
    failure: str = "",
    aliases: tuple[CampaignId, ...] = (),
    **carriers: CarrierState,
) -> Assignment:
    """A number on a campaign; carriers by group, such as `tmobile=CarrierState.ADDED`."""
    return Assignment(number, campaign, state, carriers, failure, aliases)


def a_campaign(
    phase: CampaignPhase = CampaignPhase.APPROVED,
    campaign: CampaignId = CAMPAIGN,
    read_at: datetime = NOW,
    status: str = "",
    tcr_id: CampaignId | None = None,
) -> Campaign:
    """A reading of a campaign."""
    return Campaign(campaign, phase, read_at, status=status, tcr_id=tcr_id)


def a_listing(
    *assignments: Assignment,
    campaign: CampaignId = CAMPAIGN,
    taken_at: datetime = NOW,
    complete: bool = True,
) -> Listing:
    """The numbers on a campaign."""
    flaw = "" if complete else "1 numbers listed, of 2"
    return Listing(campaign, {one.number: one for one in assignments}, taken_at, complete, flaw)


def a_line(
    number: PhoneNumber = NUMBER,
    profile: ProfileId | None = None,
    *,
    taken_at: datetime = NOW,
    kind: LineKind = LineKind.LONG_CODE,
    country: str = "US",
    unclear: bool = False,
    absences: int = 0,
) -> Line:
    """A number as the account has it; on no messaging profile unless one is given."""
    return Line(number, taken_at, profile, "1293384261075731499", kind, country, unclear, absences)


def a_roster(*lines: Line, profile: ProfileId | None = None, taken_at: datetime = NOW, complete: bool = True) -> Roster:
    """The numbers on a messaging profile."""
    flaw = "" if complete else "1 numbers listed, of 2"
    return Roster(profile or PROFILE, {one.number: one for one in lines}, taken_at, complete, flaw)


def on_profile(*numbers: PhoneNumber, taken_at: datetime = NOW, complete: bool = True) -> Roster:
    """The pool's messaging profile with these numbers on it."""
    lines = (a_line(number, PROFILE, taken_at=taken_at) for number in numbers)
    return a_roster(*lines, taken_at=taken_at, complete=complete)


def a_profile(*, exists: bool = True, pooled: bool = False, read_at: datetime = NOW) -> Profile:
    """A reading of the pool's messaging profile."""
    return Profile(PROFILE, read_at, exists, "Acme", pooled)


def a_single(number: PhoneNumber = NUMBER, found: Assignment | None = None, taken_at: datetime = NOW) -> Single:
    """A read of one number; it answered 404 unless `found` is given."""
    return Single(number, found, taken_at)


def a_look(
    *listings: Listing,
    campaigns: Iterable[Campaign] = (),
    singles: Iterable[Single] = (),
    profiles: Iterable[Profile] = (),
    rosters: Iterable[Roster] = (),
    lines: Iterable[Line] = (),
    selected: Iterable[Selected] = (),
    faults: Iterable[tuple[str, Fault]] = (),
    taken_at: datetime = NOW,
) -> Observed:
    """One look at Telnyx; every campaign listed reads as approved unless `campaigns` says otherwise."""
    read = {one.campaign: a_campaign(campaign=one.campaign) for one in listings}
    read |= {one.id: one for one in campaigns}
    return Observed(
        taken_at,
        campaigns=read,
        listings={one.campaign: one for one in listings},
        singles={one.number: one for one in singles},
        profiles={one.id: one for one in profiles},
        rosters={one.profile: one for one in rosters},
        lines={one.number: one for one in lines},
        selected={one.selection: one for one in selected},
        faults=tuple(faults),
    )


def a_fault(kind: FaultKind = FaultKind.LOST, detail: str = "no answer", after: float | None = None) -> Fault:
    """A no of the world."""
    return Fault(kind, detail, retry_after_seconds=after)


class PolicyFields(TypedDict, total=False):
    """What a test may say of a pool's policy."""

    mode: Mode
    observed: frozenset[DriftClass]
    enforced: frozenset[DriftClass]
    on_conflict: OnConflict
    on_missing_profile: OnMissingProfile
    pending_after: PendingAfter


def a_pool(
    *numbers: PhoneNumber,
    name: str = POOL,
    campaign: CampaignId = CAMPAIGN,
    profile: ProfileId | None = None,
    selections: tuple[Selection, ...] = (),
    claimed: Mapping[PhoneNumber, PoolName] = MappingProxyType({}),
    undecided: Mapping[PhoneNumber, PoolName] = MappingProxyType({}),
    unread: tuple[Selection, ...] = (),
    **policy: Unpack[PolicyFields],
) -> Pool:
    """A pool; of one number unless some are given."""
    return Pool(
        PoolName(name),
        campaign,
        numbers or (NUMBER,),
        Policy(**policy),
        messaging_profile=profile,
        selections=selections,
        claimed=claimed,
        undecided=undecided,
        unread=unread,
    )


def desired(*pools: Pool, revision: str = "r1") -> Desired:
    """The desired state; one pool of one number unless some are given."""
    return Desired(revision, pools or (a_pool(),))


class OperationFields(TypedDict, total=False):
    """What a test may say of a row of the journal."""

    campaign: CampaignId
    not_before: datetime
    pool: PoolName
    attempt: int
    refusals: int
    trouble: int
    sent_at: datetime
    first_absent_at: datetime | None
    reason: Reason
    detail: str
    verb: Verb
    profile: ProfileId


def an_operation(step: Step = Step.READY, number: PhoneNumber = NUMBER, **fields: Unpack[OperationFields]) -> Operation:
    """A row of the journal, an hour old and due now. What has been sent was sent just now."""
    sent_at = NOW if step in (Step.SENT, Step.UNRESOLVED, Step.CONFIRMING) else None
    plain = Operation(1, number, POOL, CAMPAIGN, step, created_at=NOW - HOUR, not_before=NOW, sent_at=sent_at)
    return replace(plain, **fields)


def an_attachment(
    step: Step = Step.READY, number: PhoneNumber = NUMBER, **fields: Unpack[OperationFields]
) -> Operation:
    """A row of the journal that puts a number on the pool's messaging profile."""
    return replace(an_operation(step, number, **fields), verb=Verb.ATTACH_PROFILE, profile=PROFILE)


def a_sighting(
    found: Assignment | None,
    number: PhoneNumber = NUMBER,
    *,
    seen_at: datetime = NOW - HOUR,
    source: str = "listing",
    since: datetime | None = None,
    doubted: bool = False,
) -> Sighting:
    """What was last known of a number."""
    return Sighting(found.number if found else number, seen_at, source, found, since or seen_at, doubted=doubted)


class MemoryFields(TypedDict, total=False):
    """What a test may say of the memory, as it stands there."""

    rostered_at: Mapping[ProfileId, datetime]
    resynced_at: datetime | None
    empty_since: Mapping[CampaignId, datetime]
    reversals: Mapping[PhoneNumber, Reversals]


def a_memory(
    *sightings: Sighting,
    operations: Iterable[Operation] = (),
    campaigns: Iterable[Campaign] = (),
    halt: Halt | None = None,
    lines: Iterable[Line] = (),
    profiles: Iterable[Profile] = (),
    dormancies: Iterable[Dormancy] = (),
    **fields: Unpack[MemoryFields],
) -> Memory:
    """What is remembered."""
    return Memory(
        campaigns={one.id: one for one in campaigns},
        sightings={one.number: one for one in sightings},
        operations={one.number: one for one in operations},
        halt=halt,
        lines={one.number: one for one in lines},
        profiles={one.id: one for one in profiles},
        dormancies={one.campaign: one for one in dormancies},
        **fields,
    )


def taken_off(number: PhoneNumber = NUMBER) -> dict[PhoneNumber, Reversals]:
    """A number that was taken off its campaign three times within a day, after we had put it there."""
    return {number: Reversals(number, (NOW - HOUR, NOW - MINUTE, NOW))}


def a_dormancy(
    tries: int = 0, tried_at: datetime | None = None, campaign: CampaignId = CAMPAIGN, told_at: datetime = NOW - MINUTE
) -> Dormancy:
    """What was told of a dormant campaign, and tried since; the last try an hour ago."""
    return Dormancy(campaign, told_at, tries, tried_at or (NOW - HOUR if tries else None))


def asleep(read_at: datetime = NOW, campaign: CampaignId = CAMPAIGN) -> Campaign:
    """A reading of a campaign that an event told to be dormant."""
    return a_campaign(CampaignPhase.DORMANT, campaign, read_at, "TCR_SUSPENDED")


def a_halt(since: datetime = NOW - MINUTE, probe_at: datetime = NOW) -> Halt:
    """A halt whose probe is due."""
    return Halt(since, probe_at, "10009: authentication failed")


def asked(subject: Subject = EVERYTHING, cause: Cause = Cause.SWEEP, since: datetime = NOW) -> Asked:
    """A due trigger."""
    return Asked(subject, cause, 1, since)


def placed(text: str, line: int = 1) -> Placed:
    """Text on a line of the config."""
    return Placed(text, Place("tendlc.yaml", line))


def a_draft(
    *numbers: str,
    name: str = POOL,
    campaign: str = CAMPAIGN,
    allow_empty: bool = False,
    line: int = 1,
) -> PoolDraft:
    """A pool as the file has it: its name on `line`, its numbers from the line after next on."""
    places = (Place("tendlc.yaml", line + 2 + at) for at in range(len(numbers)))
    return PoolDraft(
        placed(name, line),
        placed(campaign, line + 1),
        tuple(ListedDraft(PhoneNumber(text), place) for text, place in zip(numbers, places, strict=True)),
        Policy(allow_empty=allow_empty),
    )


def a_declaration(*pools: Declared, revision: str = "r1") -> Declaration:
    """What a config says."""
    return Declaration(revision, pools)


def declared(
    *listed: PhoneNumber | Listed,
    name: str = POOL,
    campaign: CampaignId = CAMPAIGN,
    selections: tuple[Selection, ...] = (),
    exclude: Iterable[PhoneNumber] = (),
) -> Declared:
    """A pool as a config has it."""
    entries = tuple(one if isinstance(one, Listed) else Listed(one) for one in listed)
    return Declared(PoolName(name), campaign, entries, selections, frozenset(exclude))


def an_alert(
    which: int = 0,
    *,
    alert: AlertName = AlertName.ASSIGNMENT_FAILED,
    pool: str = POOL,
    since: datetime = NOW,
    resolved_at: datetime | None = None,
    reason: str = "telnyx_refused",
    detail: str = "",
) -> Alert:
    """A condition with its history."""
    return Alert(Condition(alert, pool, a_number(which), reason, detail), since, resolved_at)
