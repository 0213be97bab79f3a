"""One round with messaging profiles: what a look teaches is what it decides by, and one verb follows the other."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from reconciler.compose.rounds import conclude, heals, involved
from reconciler.model.drift import Missing, MissingPrerequisite
from reconciler.model.errors import FaultKind
from reconciler.model.events import Cause, Trigger
from reconciler.model.fleet import AssignmentState, Observed
from reconciler.model.ids import CampaignId
from reconciler.model.lines import ByTags, Line, Membership, Selected
from reconciler.model.memory import Asked, Memory, Round
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Assign, AttachProfile
from reconciler.model.pools import Desired, DriftClass, OnMissingProfile
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PATIENCE,
    POOL,
    PROFILE,
    SECOND,
    a_campaign,
    a_fault,
    a_line,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    a_profile,
    a_sighting,
    a_single,
    an_assignment,
    an_attachment,
    an_operation,
    asked,
    desired,
    on_profile,
)

WANTED = desired(a_pool(profile=PROFILE))
ASSIGN = Assign(NUMBER, POOL, CAMPAIGN)
ATTACH = AttachProfile(NUMBER, POOL, CAMPAIGN, PROFILE)
EARLIER = NOW - HOUR
LISTED = a_look(a_listing(), profiles=[a_profile()], rosters=[on_profile(NUMBER)])
OFF = a_look(a_listing(), profiles=[a_profile()], rosters=[on_profile()], lines=[a_line()])


def concluded(
    look: Observed, memory: Memory | None = None, *, wanted: Desired = WANTED, asks: Iterable[Asked] = (asked(),)
) -> Round:
    """One round, at NOW."""
    return conclude(wanted, tuple(asks), look, memory or a_memory(), PATIENCE, NOW, NOW, 0.5)


def reasons(done: Round) -> list[Reason]:
    """What the plan's holds say."""
    return [hold.reason for hold in done.plan.holds]


# What is learned, written and acted on.


def test_what_a_look_teaches_of_a_number_is_what_it_is_planned_by() -> None:
    assert concluded(LISTED).actions == (ASSIGN,)
    assert concluded(LISTED).lines == (a_line(NUMBER, PROFILE),)
    assert concluded(OFF).actions == (ATTACH,)
    assert concluded(OFF).lines == (a_line(),)


def test_readings_of_profiles_and_the_times_of_complete_lists_are_kept() -> None:
    torn = replace(LISTED, rosters={PROFILE: on_profile(NUMBER, complete=False)})

    assert (concluded(LISTED).profiles, concluded(LISTED).rostered_at) == ((a_profile(),), {PROFILE: NOW})
    assert concluded(torn).rostered_at == {}
    assert concluded(torn).actions == (ASSIGN,)


def test_only_what_a_selection_chose_completely_is_kept() -> None:
    whole, torn = (
        Selected(ByTags((tag,)), frozenset({NUMBER}), NOW, complete=tag == "acme") for tag in ("acme", "vip")
    )

    assert concluded(a_look(a_listing(), selected=[whole, torn])).selected == (whole,)


def test_a_number_that_the_list_lacks_is_held_until_it_is_read() -> None:
    known = a_memory(lines=[a_line(NUMBER, PROFILE, taken_at=EARLIER)])
    look = a_look(a_listing(), rosters=[on_profile()])

    done = concluded(look, known)

    assert (done.actions, reasons(done)) == ((), [Reason.EVIDENCE_STALE])
    assert done.triggers == (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + MINUTE),)
    assert concluded(look + a_look(lines=[a_line()]), known).actions == (ATTACH,)


@pytest.mark.parametrize(("look", "action"), [(LISTED, ASSIGN), (OFF, ATTACH)], ids=["assign", "attach"])
@pytest.mark.parametrize("held", [DriftClass.MISSING, DriftClass.MISSING_PREREQUISITE])
def test_each_action_is_done_by_the_mode_of_the_drift_that_it_heals(
    look: Observed, action: Assign | AttachProfile, held: DriftClass
) -> None:
    done = concluded(look, wanted=desired(a_pool(profile=PROFILE, observed=frozenset({held}))))

    assert done.plan.actions == (action,)
    assert done.actions == (() if heals(action) is held else (action,))


def test_an_action_heals_what_the_plan_answers_with_it() -> None:
    assert heals(ASSIGN) is Missing.kind
    assert heals(ATTACH) is MissingPrerequisite.kind


def test_a_deleted_profile_ends_what_waits_and_holds_its_numbers() -> None:
    memory = a_memory(operations=[an_operation()], lines=[a_line(NUMBER, PROFILE, taken_at=NOW - MINUTE)])

    done = concluded(a_look(a_listing(), profiles=[a_profile(exists=False)]), memory)

    assert [verdict for _, verdict in done.settled] == [Done(End.STALE, f"Telnyx knows no messaging profile {PROFILE}")]
    assert (done.actions, reasons(done)) == ((), [Reason.PROFILE_UNKNOWN])
    assert [one.reason for one in done.judgement.conditions] == [Reason.PROFILE_UNKNOWN]


# One verb follows the other.


def test_a_number_that_was_put_on_its_profile_by_hand_is_assigned_in_the_same_round() -> None:
    blocked = an_attachment(Step.BLOCKED, refusals=4, reason=Reason.PROFILE_MISSING)

    done = concluded(LISTED, a_memory(operations=[blocked], lines=[a_line(taken_at=EARLIER)]))

    assert done.settled == ((blocked, Done(End.DONE, f"it is on messaging profile {PROFILE}")),)
    assert done.actions == (ASSIGN,)
    assert done.judgement.conditions == ()


@pytest.mark.parametrize("step", [Step.READY, Step.BLOCKED])
def test_a_number_that_turns_out_to_be_on_no_profile_is_attached_in_the_same_round(step: Step) -> None:
    """Telnyx would not assign it; its record, read for that, says why."""
    operation = an_operation(step, reason=Reason.PROFILE_MISSING, sent_at=NOW - PATIENCE.refusal_waits[0])

    done = concluded(OFF, a_memory(operations=[operation], lines=[a_line(NUMBER, PROFILE, taken_at=EARLIER)]))

    assert done.settled == ((operation, Done(End.STALE, "it is on messaging profile none")),)
    assert done.actions == (ATTACH,)


@pytest.mark.parametrize("operation", [an_attachment(Step.SENT), an_attachment(Step.UNRESOLVED)])
@pytest.mark.parametrize("look", [LISTED, OFF])
def test_an_attachment_that_may_have_gone_out_is_left_to_its_own_reads(operation: Operation, look: Observed) -> None:
    """Whatever the lists show: they lag, and its worker or the next read tells."""
    done = concluded(look, a_memory(operations=[operation]))

    assert (done.settled, done.actions) == ((), ())
    assert reasons(done) == [operation.waits_for]


@pytest.mark.parametrize("campaign", [CAMPAIGN, FOREIGN])
def test_a_number_that_was_assigned_elsewhere_meanwhile_is_not_attached(campaign: CampaignId) -> None:
    found = an_assignment(campaign=campaign)
    look = replace(OFF, singles={NUMBER: a_single(found=found)})

    done = concluded(look, a_memory(operations=[an_attachment()]))

    assert [verdict for _, verdict in done.settled] == [Done(End.STALE, f"it is on campaign {campaign}")]
    assert (done.actions, reasons(done)) == (
        (),
        [Reason.OFF_PROFILE if campaign == CAMPAIGN else Reason.FOREIGN_ASSIGNMENT],
    )


def test_a_reload_that_forbids_attaching_ends_what_waits_for_it() -> None:
    wanted = desired(a_pool(profile=PROFILE, on_missing_profile=OnMissingProfile.FAIL))

    done = concluded(OFF, a_memory(operations=[an_attachment()]), wanted=wanted)

    assert len(done.settled) == 1
    assert (done.actions, reasons(done)) == ((), [Reason.PROFILE_MISSING])


# Two pools on one profile, on two campaigns.

SHARED = desired(a_pool(NUMBER, profile=PROFILE), a_pool(OTHER, name="zeta", campaign=FOREIGN, profile=PROFILE))


def test_a_list_of_a_profile_is_about_the_numbers_of_every_pool_that_names_it() -> None:
    """Also of those whose campaign was not looked at: by its time they would else seem to be there still."""
    look = a_look(a_listing(), rosters=[on_profile(NUMBER)])

    assert involved(SHARED, look) == {NUMBER, OTHER}
    assert involved(SHARED, a_look(a_listing(campaign=FOREIGN))) == {OTHER}
    assert involved(SHARED, a_look(rosters=[on_profile(a_number(9))])) == {NUMBER, OTHER, a_number(9)}


def test_what_left_a_shared_profile_is_not_fresh_by_the_list_that_lacks_it() -> None:
    look = a_look(a_listing(), rosters=[on_profile(NUMBER)])
    before = a_memory(lines=[a_line(OTHER, PROFILE, taken_at=EARLIER)])

    done = concluded(look, before, wanted=SHARED)

    after = a_memory(lines=done.lines, rostered_at=done.rostered_at)
    assert after.membership(OTHER, PROFILE, now=NOW + SECOND, patience=PATIENCE) is Membership.UNKNOWN
    assert after.membership(NUMBER, PROFILE, now=NOW + SECOND, patience=PATIENCE) is Membership.EXPECTED


# When Telnyx hiccups.

ELSEWHERE = a_line(NUMBER, OTHER_PROFILE, taken_at=EARLIER)
APPROVED = [a_campaign()]


@pytest.mark.parametrize(
    "look",
    [
        a_look(a_listing(), faults=[(PROFILE, a_fault())]),
        a_look(a_listing(), faults=[(NUMBER, a_fault())]),
        a_look(campaigns=APPROVED, faults=[(CAMPAIGN, a_fault())]),
        a_look(a_listing(complete=False)),
        a_look(a_listing(), lines=[a_line(unclear=True)]),
        a_look(a_listing(), lines=[Line(NUMBER, NOW, unclear=True)]),
        a_look(a_listing(), lines=[a_line(absences=1)]),
        a_look(a_listing(), rosters=[on_profile()]),
        a_look(a_listing(), rosters=[on_profile(complete=False)]),
        a_look(faults=[(CAMPAIGN, a_fault(FaultKind.HALTED))]),
    ],
    ids=[
        "the profile",
        "the number",
        "the listing",
        "a listing torn",
        "UNAVAILABLE",
        "not shown",
        "absent once",
        "an empty list",
        "a list torn",
        "the key",
    ],
)
def test_an_alert_goes_on_firing_through_one_bad_answer(look: Observed) -> None:
    done = concluded(look, a_memory(lines=[ELSEWHERE], campaigns=APPROVED))

    fired = [one.reason for one in done.judgement.conditions if one.subject == NUMBER]
    resolved = any(one.pool == POOL for one in done.judgement.families)
    assert fired == [Reason.OTHER_PROFILE] or not resolved


def test_a_record_that_stays_unavailable_is_not_asked_for_every_second() -> None:
    look = a_look(a_listing(), lines=[a_line(unclear=True)])

    done = concluded(look, a_memory(lines=[a_line(unclear=True, taken_at=EARLIER)]))

    assert reasons(done) == [Reason.EVIDENCE_STALE]
    assert done.triggers == (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + PATIENCE.evidence_for_assign),)


def test_a_number_without_a_campaign_and_without_a_record_has_another_look_coming() -> None:
    """The listing did not add up, so the number was read alone; more records were in question than a round reads."""
    look = a_look(a_listing(complete=False), singles=[a_single()])

    done = concluded(look, asks=[asked(CAMPAIGN)])

    assert reasons(done) == [Reason.EVIDENCE_STALE]
    assert [one.subject for one in done.triggers] == [CAMPAIGN]


def test_a_failed_assignment_whose_profile_is_not_known_has_one_too() -> None:
    failed = an_assignment(state=AssignmentState.FAILED)

    assert concluded(a_look(a_listing(failed)), a_memory(a_sighting(failed))).triggers != ()
