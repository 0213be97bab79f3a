"""What the config, a campaign or a profile has overtaken is closed, and what may have gone out never is."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.retire import retire
from reconciler.model.dormancy import Dormancy
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase, Sighting
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.lines import Line, Profile
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import Desired, OnMissingProfile
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PATIENCE,
    PROFILE,
    SECOND,
    TCR_ID,
    a_campaign,
    a_dormancy,
    a_line,
    a_memory,
    a_number,
    a_pool,
    a_profile,
    a_sighting,
    an_assignment,
    an_attachment,
    an_operation,
    asleep,
    desired,
    taken_off,
)

NOT_APPROVED = [phase for phase in CampaignPhase if phase is not CampaignPhase.APPROVED]
WAITING = [Step.READY, Step.BLOCKED, Step.CONFIRMING]
UNASKED = Done(End.STALE, "the config no longer asks for it")


def retired(
    operation: Operation,
    wanted: Desired | None = None,
    *sightings: Sighting,
    campaign: Campaign | None = None,
    lines: Iterable[Line] = (),
    profiles: Iterable[Profile] = (),
    dormancy: Dormancy | None = None,
) -> Done | None:
    """How the operation ends, if it does."""
    read = campaign or a_campaign()
    memory = a_memory(
        *sightings,
        operations=[operation],
        campaigns=[read],
        lines=lines,
        profiles=profiles,
        dormancies=[dormancy] if dormancy else (),
    )
    ends = retire(wanted or desired(), memory, now=NOW, patience=PATIENCE)
    assert all(one is operation for one, _ in ends)
    return ends[0][1] if ends else None


@pytest.mark.parametrize("step", Step)
def test_what_is_still_wanted_on_an_approved_campaign_goes_on(step: Step) -> None:
    assert retired(an_operation(step)) is None


@pytest.mark.parametrize("step", WAITING)
@pytest.mark.parametrize(
    "wanted",
    [desired(a_pool(OTHER)), desired(a_pool(campaign=FOREIGN)), desired(a_pool(name="renamed"))],
    ids=["unlisted", "on another campaign", "in another pool"],
)
def test_what_the_config_no_longer_asks_for_ends(step: Step, wanted: Desired) -> None:
    """Also what Telnyx took: nobody lists a campaign any more that the config has forgotten."""
    assert retired(an_operation(step), wanted) == UNASKED


@pytest.mark.parametrize("step", [Step.SENT, Step.UNRESOLVED])
def test_what_may_have_gone_out_is_read_first_whatever_the_config_says(step: Step) -> None:
    assert retired(an_operation(step), desired(a_pool(OTHER))) is None
    assert retired(an_operation(step), campaign=a_campaign(CampaignPhase.EXPIRED)) is None


@pytest.mark.parametrize("step", [Step.READY, Step.BLOCKED])
@pytest.mark.parametrize("phase", NOT_APPROVED)
def test_what_waits_to_be_sent_ends_when_its_campaign_is_not_approved(step: Step, phase: CampaignPhase) -> None:
    """A blocked one too: once the campaign is approved again, it is asked for at once and not hours later."""
    assert retired(an_operation(step), campaign=a_campaign(phase)) == Done(End.STALE, f"its campaign is {phase}")


@pytest.mark.parametrize("phase", NOT_APPROVED)
def test_what_telnyx_took_is_waited_for_all_the_same(phase: CampaignPhase) -> None:
    assert retired(an_operation(Step.CONFIRMING), campaign=a_campaign(phase)) is None


def waiting(dormancy: Dormancy, *operations: Operation) -> set[PhoneNumber]:
    """The numbers of a dormant campaign that stay in line."""
    pool = a_pool(NUMBER, OTHER, a_number(125))
    memory = a_memory(operations=operations, campaigns=[asleep()], dormancies=[dormancy])
    ended = {one.number for one, _ in retire(desired(pool), memory, now=NOW, patience=PATIENCE)}
    return {one.number for one in operations} - ended


def test_of_a_dormant_campaign_only_what_is_to_wake_it_stays() -> None:
    first, second, third = (
        replace(an_operation(Step.READY, number), id=which)
        for which, number in enumerate((NUMBER, OTHER, a_number(125)))
    )

    assert waiting(a_dormancy(), second, first, third) == {NUMBER}
    assert waiting(a_dormancy(1, NOW - 2 * MINUTE), second) == {OTHER}
    assert retired(an_attachment(), ATTACH, campaign=asleep(), dormancy=a_dormancy()) is None


@pytest.mark.parametrize("step", [Step.SENT, Step.UNRESOLVED, Step.CONFIRMING])
def test_nothing_waits_to_be_sent_beside_what_was_sent_to_a_dormant_campaign(step: Step) -> None:
    out, queued = replace(an_operation(step, OTHER), id=2), replace(an_operation(Step.READY), id=1)

    assert waiting(a_dormancy(), queued, out) == {OTHER}


@pytest.mark.parametrize("dormancy", [a_dormancy(1, NOW - MINUTE), a_dormancy(3, NOW - MINUTE)])
def test_nothing_waits_to_be_sent_while_the_last_try_has_its_time(dormancy: Dormancy) -> None:
    assert waiting(dormancy, an_operation(Step.READY)) == set()


def test_a_blocked_number_wakes_nothing() -> None:
    assert waiting(a_dormancy(), an_operation(Step.BLOCKED)) == set()
    blocked, queued = replace(an_operation(Step.BLOCKED), id=1), replace(an_operation(Step.READY, OTHER), id=2)
    assert waiting(a_dormancy(), blocked, queued) == {OTHER}


@pytest.mark.parametrize("step", WAITING)
def test_a_campaign_that_was_not_read_ends_nothing(step: Step) -> None:
    assert retire(desired(), a_memory(operations=[an_operation(step)]), now=NOW, patience=PATIENCE) == ()


# Its messaging profile.

ATTACH = desired(a_pool(profile=PROFILE))
MAY_BE_SENT = [Step.READY, Step.BLOCKED]


@pytest.mark.parametrize("step", MAY_BE_SENT)
@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (a_line(), "it is on messaging profile none"),
        (a_line(NUMBER, OTHER_PROFILE), f"it is on messaging profile {OTHER_PROFILE}"),
        (a_line(NUMBER, PROFILE), None),
        (a_line(unclear=True), None),
        (a_line(NUMBER, OTHER_PROFILE, unclear=True), None),
        (a_line(absences=1), None),
    ],
)
def test_an_assignment_that_telnyx_would_refuse_for_its_profile_ends(
    step: Step, line: Line, detail: str | None
) -> None:
    """Another verb comes first, or none at all. What is only in doubt ends nothing."""
    end = retired(an_operation(step), ATTACH, lines=[line])

    assert end == (None if detail is None else Done(End.STALE, detail))
    assert retired(an_operation(step), desired(), lines=[line]) is None


def test_one_that_telnyx_refused_a_moment_ago_stays_blocked_for_the_wait_after_a_refusal() -> None:
    """It was just put on its profile, and fell off again: attached, refused and attached anew, it would never end."""
    young, old = (
        an_operation(Step.BLOCKED, reason=Reason.PROFILE_MISSING, sent_at=NOW - age)
        for age in (PATIENCE.refusal_waits[0] - SECOND, PATIENCE.refusal_waits[0])
    )

    assert retired(young, ATTACH, lines=[a_line()]) is None
    assert retired(old, ATTACH, lines=[a_line()]) == Done(End.STALE, "it is on messaging profile none")
    assert retired(young, ATTACH, lines=[a_line(NUMBER, OTHER_PROFILE)]) is not None
    assert retired(replace(young, step=Step.READY), ATTACH, lines=[a_line()]) is not None


@pytest.mark.parametrize("step", MAY_BE_SENT)
@pytest.mark.parametrize(
    ("line", "end"),
    [
        (a_line(NUMBER, PROFILE), Done(End.DONE, f"it is on messaging profile {PROFILE}")),
        (a_line(NUMBER, OTHER_PROFILE), Done(End.TAKEN, f"it is on messaging profile {OTHER_PROFILE}")),
        (a_line(), None),
        (a_line(unclear=True), None),
        (a_line(absences=1), None),
    ],
)
def test_an_attachment_ends_once_the_number_is_on_a_profile(step: Step, line: Line, end: Done | None) -> None:
    assert retired(an_attachment(step), ATTACH, lines=[line]) == end


@pytest.mark.parametrize("step", WAITING)
@pytest.mark.parametrize(
    "wanted",
    [
        desired(),
        desired(a_pool(profile=OTHER_PROFILE)),
        desired(a_pool(profile=PROFILE, on_missing_profile=OnMissingProfile.FAIL)),
        desired(a_pool(profile=PROFILE, on_missing_profile=OnMissingProfile.SKIP)),
    ],
    ids=["no profile", "another profile", "not to be attached: fail", "not to be attached: skip"],
)
def test_an_attachment_that_the_config_no_longer_asks_for_ends(step: Step, wanted: Desired) -> None:
    assert retired(an_attachment(step), wanted) == UNASKED


@pytest.mark.parametrize("operation", [an_operation(), an_attachment(), an_operation(Step.BLOCKED)])
def test_nothing_is_sent_for_a_profile_that_does_not_exist(operation: Operation) -> None:
    unknown = a_profile(exists=False)

    assert retired(operation, ATTACH, profiles=[unknown]) == Done(
        End.STALE, f"Telnyx knows no messaging profile {PROFILE}"
    )
    assert retired(operation, ATTACH, profiles=[a_profile()]) is None
    assert retired(an_operation(), desired(), profiles=[unknown]) is None


@pytest.mark.parametrize("step", MAY_BE_SENT)
@pytest.mark.parametrize("campaign", [CAMPAIGN, FOREIGN])
def test_a_number_that_is_on_a_campaign_by_now_is_not_put_on_a_profile(step: Step, campaign: CampaignId) -> None:
    """On another campaign it would make the profile's number pool send from both."""
    seen = a_sighting(an_assignment(campaign=campaign))

    assert retired(an_attachment(step), ATTACH, seen) == Done(End.STALE, f"it is on campaign {campaign}")
    assert retired(an_operation(step), ATTACH, seen) is None


def test_one_whose_assignment_failed_here_still_is() -> None:
    failed = a_sighting(an_assignment(state=AssignmentState.FAILED, campaign=TCR_ID))

    assert retired(an_attachment(), ATTACH, failed, campaign=a_campaign(tcr_id=TCR_ID)) is None
    assert retired(an_attachment(), ATTACH, failed) is not None


@pytest.mark.parametrize("step", [Step.SENT, Step.UNRESOLVED])
def test_an_attachment_that_may_have_gone_out_is_read_first_too(step: Step) -> None:
    assert retired(an_attachment(step), desired(a_pool(OTHER))) is None
    assert retired(an_attachment(step), ATTACH, lines=[a_line(NUMBER, OTHER_PROFILE)]) is None


@given(
    st.builds(an_operation, st.sampled_from(Step), st.sampled_from([NUMBER, OTHER])),
    st.sampled_from(CampaignPhase),
)
def test_only_stale_is_an_end_here(operation: Operation, phase: CampaignPhase) -> None:
    end = retired(operation, campaign=a_campaign(phase))

    assert end is None or end.end is End.STALE
    assert end is None or operation.step in WAITING


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.CLOSED])
def test_nothing_waits_to_be_sent_for_a_number_that_is_taken_off_again_and_again(step: Step) -> None:
    memory = a_memory(operations=[an_operation(step)], campaigns=[a_campaign()], reversals=taken_off())
    ended = retire(desired(), memory, now=NOW, patience=PATIENCE)

    assert [done.end for _, done in ended] == ([End.STALE] if step in (Step.READY, Step.BLOCKED) else [])
