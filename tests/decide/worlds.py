"""Whole worlds of two pools, for the laws: what is wanted, one look at Telnyx, and what was known before."""

from dataclasses import replace

from hypothesis import strategies as st

from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState, Observed
from reconciler.model.ids import PoolName
from reconciler.model.lines import LineKind
from reconciler.model.memory import Memory
from reconciler.model.operations import Step
from reconciler.model.pools import Desired, Mode, OnConflict, OnMissingProfile
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    OTHER_PROFILE,
    POOL,
    PROFILE,
    a_campaign,
    a_fault,
    a_line,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    a_profile,
    a_roster,
    a_sighting,
    a_single,
    an_assignment,
    an_attachment,
    an_operation,
    desired,
)

ZETA = PoolName("zeta")
NUMBERS = [a_number(which) for which in range(6)]
RARELY = st.integers(0, 7).map(lambda one: one == 7)
MOSTLY = RARELY.map(lambda one: not one)
ANY_NUMBER = st.sampled_from(NUMBERS)
AGES = st.sampled_from([0, 0, 0, 0, -1, 1, 7]).map(lambda hours: NOW - hours * HOUR)
FOUND = st.builds(
    an_assignment,
    ANY_NUMBER,
    st.sampled_from(AssignmentState),
    st.sampled_from([CAMPAIGN, FOREIGN]),
    tmobile=st.sampled_from(CarrierState),
)
READ = st.builds(a_single, ANY_NUMBER) | FOUND.map(lambda found: a_single(found.number, found))
LINES = st.builds(
    a_line,
    ANY_NUMBER,
    st.none() | st.sampled_from([PROFILE, OTHER_PROFILE]),
    taken_at=AGES,
    kind=st.sampled_from([LineKind.LONG_CODE] * 8 + [LineKind.TOLL_FREE]),
    unclear=RARELY,
    absences=st.sampled_from([0] * 8 + [1, 2]),
)
STEPS = st.sampled_from([step for step in Step if step is not Step.CLOSED])
OPERATIONS = st.builds(an_operation, STEPS, ANY_NUMBER) | st.builds(an_attachment, STEPS, ANY_NUMBER)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Desired, Observed, Memory]:
    """Two pools, on one profile or two or none; a look that saw some of it; and whatever was known before."""
    homes = draw(st.lists(st.sampled_from([POOL, ZETA, None]), min_size=6, max_size=6))
    profiles = st.sampled_from([PROFILE, PROFILE, OTHER_PROFILE, None])
    pools = [
        replace(
            a_pool(
                name=name,
                campaign=campaign,
                profile=draw(profiles),
                on_missing_profile=draw(st.sampled_from(OnMissingProfile)),
                on_conflict=draw(st.sampled_from([OnConflict.FAIL] * 3 + [OnConflict.SKIP])),
                mode=draw(st.sampled_from([Mode.ENFORCE] * 3 + [Mode.OBSERVE])),
                claimed=dict.fromkeys(draw(st.sets(ANY_NUMBER, max_size=1)), ZETA),
                undecided=dict.fromkeys(draw(st.sets(ANY_NUMBER, max_size=1)), ZETA),
            ),
            numbers=tuple(number for number, home in zip(NUMBERS, homes, strict=True) if home == name),
        )
        for name, campaign in ((POOL, CAMPAIGN), (ZETA, FOREIGN))
    ]
    seen = draw(st.lists(FOUND, unique_by=lambda one: one.number))
    rosters = [
        a_roster(
            *(a_line(number, profile, taken_at=at) for number in draw(st.sets(ANY_NUMBER))),
            profile=profile,
            taken_at=at,
            complete=draw(MOSTLY),
        )
        for profile, at in draw(st.sets(st.sampled_from([(PROFILE, NOW), (OTHER_PROFILE, NOW - MINUTE)])))
    ]
    look = a_look(
        *(
            a_listing(*(one for one in seen if one.campaign == campaign), campaign=campaign, complete=draw(MOSTLY))
            for campaign in (CAMPAIGN, FOREIGN)
            if draw(MOSTLY)
        ),
        campaigns=[a_campaign(draw(st.sampled_from([CampaignPhase.APPROVED] * 8 + list(CampaignPhase))))],
        singles=draw(st.lists(READ, max_size=2, unique_by=lambda one: one.number)),
        profiles=[a_profile(exists=draw(MOSTLY), pooled=draw(MOSTLY))],
        rosters=rosters,
        lines=draw(st.lists(LINES, max_size=2, unique_by=lambda one: one.number)),
        faults=[(subject, a_fault()) for subject in (CAMPAIGN, PROFILE, NUMBERS[0]) if draw(RARELY)],
    )
    known = draw(st.lists(st.none() | st.none() | FOUND, max_size=6))
    memory = a_memory(
        *(
            a_sighting(found and replace(found, number=number), number, seen_at=draw(AGES))
            for number, found in zip(NUMBERS, known, strict=False)
        ),
        operations=draw(st.lists(OPERATIONS, unique_by=lambda one: one.number, max_size=2)),
        lines=draw(st.lists(LINES, unique_by=lambda one: one.number, min_size=3)),
        profiles=look.profiles.values(),
        campaigns=[
            a_campaign(campaign=campaign, read_at=draw(AGES)) for campaign in (CAMPAIGN, FOREIGN) if draw(MOSTLY)
        ],
        rostered_at={profile: draw(AGES) for profile in (PROFILE, OTHER_PROFILE) if draw(MOSTLY)},
    )
    return desired(*pools), look, memory
