"""How urgent an action is: by what was known before the look, and by what was asked."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from reconciler.decide.rank import rank
from reconciler.model.events import EVERYTHING, Cause
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase
from reconciler.model.memory import Asked, Memory
from reconciler.model.operations import Urgency
from reconciler.model.plan import Assign, AttachProfile
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    NUMBER,
    OTHER_PROFILE,
    POOL,
    a_campaign,
    a_look,
    a_memory,
    a_number,
    a_pool,
    a_sighting,
    an_assignment,
    asked,
    desired,
)

KNOWN = a_campaign()
IN_REVIEW = a_campaign(CampaignPhase.IN_REVIEW)
EVENT = asked(CAMPAIGN, Cause.EVENT)
SWEEP = asked(CAMPAIGN, Cause.SWEEP)


def ranked(memory: Memory, *asks: Asked, read: Iterable[Campaign] = (KNOWN,)) -> Urgency:
    """How urgent it is to assign the number."""
    found = rank([Assign(NUMBER, POOL, CAMPAIGN)], asks, desired(), a_look(campaigns=read), memory)
    return found[NUMBER]


@pytest.mark.parametrize("asks", [[EVENT], [SWEEP], [asked(CAMPAIGN, Cause.CONFIRM)]])
def test_an_approval_is_news_however_it_was_found(asks: list[Asked]) -> None:
    assert ranked(a_memory(campaigns=[IN_REVIEW]), *asks) is Urgency.APPROVAL


def test_of_a_campaign_that_was_never_read_only_an_event_tells_an_approval() -> None:
    assert ranked(Memory(), EVENT) is Urgency.APPROVAL
    assert ranked(Memory(), SWEEP) is Urgency.SWEEP


def test_what_an_event_tells_of_is_urgent_and_so_is_an_event_about_the_number() -> None:
    assert ranked(a_memory(campaigns=[KNOWN]), EVENT) is Urgency.EVENT
    assert ranked(a_memory(campaigns=[KNOWN]), asked(NUMBER, Cause.EVENT)) is Urgency.EVENT
    assert ranked(a_memory(campaigns=[KNOWN]), EVENT, read=()) is Urgency.EVENT


def test_an_event_of_another_campaign_in_the_same_round_is_none_of_its() -> None:
    there = desired(a_pool(), a_pool(a_number(5), name="there", campaign=FOREIGN))
    actions = [Assign(NUMBER, POOL, CAMPAIGN), Assign(a_number(5), there.pools[1].name, FOREIGN)]
    memory = a_memory(campaigns=[KNOWN, a_campaign(campaign=FOREIGN)])

    found = rank(actions, [asked(FOREIGN, Cause.EVENT), SWEEP], there, a_look(), memory)

    assert found == {NUMBER: Urgency.SWEEP, a_number(5): Urgency.EVENT}


@pytest.mark.parametrize(
    ("memory", "urgency"),
    [
        (a_memory(a_sighting(an_assignment()), campaigns=[KNOWN]), Urgency.HEAL),
        (a_memory(replace(a_sighting(None), was_ready=True), campaigns=[KNOWN]), Urgency.HEAL),
        (a_memory(a_sighting(None), campaigns=[KNOWN]), Urgency.SWEEP),
        (a_memory(a_sighting(an_assignment(state=AssignmentState.FAILED)), campaigns=[KNOWN]), Urgency.SWEEP),
        (a_memory(campaigns=[KNOWN]), Urgency.SWEEP),
    ],
    ids=["was assigned", "was ready once", "was seen on none", "failed before", "was never seen"],
)
def test_what_was_there_is_healed_before_what_is_new(memory: Memory, urgency: Urgency) -> None:
    assert ranked(memory, asked(EVERYTHING, Cause.EVENT)) is urgency
    assert ranked(memory, SWEEP) is urgency


def test_a_profile_is_attached_as_urgently_as_its_number_is_assigned() -> None:
    action = AttachProfile(NUMBER, POOL, CAMPAIGN, OTHER_PROFILE)

    found = rank([action], [SWEEP], desired(), a_look(campaigns=[KNOWN]), a_memory(campaigns=[IN_REVIEW]))

    assert found == {NUMBER: Urgency.APPROVAL}
