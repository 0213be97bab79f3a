"""Many triggers become few looks, and a campaign is read again unless it was read lately and approved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.aim import aim
from reconciler.model.events import EVERYTHING, Cause, Subject
from reconciler.model.fleet import Campaign, CampaignPhase, Look
from reconciler.model.memory import Asked
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
    a_campaign,
    a_memory,
    a_number,
    a_pool,
    asked,
    desired,
)

WANTED = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN))


def looks(*asks: Asked, known: Campaign | None = None) -> tuple[Look, ...]:
    """Where these lead, after `known` was read."""
    return aim(asks, WANTED, a_memory(campaigns=[known] if known else []), now=NOW, patience=PATIENCE)


def test_a_sweep_looks_at_every_campaign_and_reads_it() -> None:
    known = a_campaign()

    assert looks(asked(), known=known) == (Look(CAMPAIGN, known), Look(FOREIGN))


def test_triggers_on_a_campaign_and_its_numbers_make_one_look() -> None:
    assert looks(asked(NUMBER, Cause.EVENT), asked(CAMPAIGN, Cause.EVENT)) == (Look(CAMPAIGN),)


@pytest.mark.parametrize(
    ("known", "read"),
    [
        (None, True),
        (a_campaign(read_at=NOW - 10 * MINUTE), False),
        (a_campaign(read_at=NOW - 11 * MINUTE), True),
        (a_campaign(CampaignPhase.IN_REVIEW), True),
        (a_campaign(CampaignPhase.SUSPENDED), True),
    ],
)
@pytest.mark.parametrize("one", [asked(NUMBER, Cause.EVENT), asked(CAMPAIGN, Cause.CONFIRM)])
def test_a_look_at_numbers_reads_the_campaign_unless_it_is_freshly_approved(
    one: Asked, known: Campaign | None, *, read: bool
) -> None:
    assert looks(one, known=known) == (Look(CAMPAIGN, known, read_campaign=read),)


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.CONFIRM])
def test_whatever_is_asked_of_a_campaign_but_its_numbers_reads_it(cause: Cause) -> None:
    known = a_campaign()

    assert looks(asked(CAMPAIGN, cause), asked(NUMBER, cause), known=known) == (Look(CAMPAIGN, known),)


def test_what_the_config_no_longer_names_is_not_looked_at() -> None:
    assert aim((asked(FOREIGN), asked(a_number(9))), desired(), a_memory(), now=NOW, patience=PATIENCE) == ()


SUBJECTS = st.sampled_from([EVERYTHING, CAMPAIGN, FOREIGN, NUMBER, OTHER, a_number(9)])


@given(st.lists(st.builds(asked, SUBJECTS, st.sampled_from(Cause))))
def test_each_campaign_is_looked_at_once_and_nothing_asked_is_left_out(asks: list[Asked]) -> None:
    chosen = [look.campaign for look in looks(*asks)]
    homes: dict[Subject, set[str]] = {
        EVERYTHING: {CAMPAIGN, FOREIGN},
        CAMPAIGN: {CAMPAIGN},
        FOREIGN: {FOREIGN},
        NUMBER: {CAMPAIGN},
        OTHER: {FOREIGN},
    }

    assert len(chosen) == len(set(chosen))
    assert set(chosen) == {home for one in asks for home in homes.get(one.subject, set())}
