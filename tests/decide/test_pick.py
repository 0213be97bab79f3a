"""A round looks at few campaigns, the most urgent ones, and leaves the rest of what is due for the next."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.pick import MOST_AT_EASE, MOST_URGENT, pick
from reconciler.model.events import Cause, Subject
from reconciler.model.ids import CampaignId
from reconciler.model.memory import Asked
from tests.builders import CAMPAIGN, FOREIGN, NUMBER, OTHER, a_number, a_pool, asked, desired

CAMPAIGNS = [CampaignId(f"{which:08d}-0000") for which in range(12)]
MANY = desired(*(a_pool(a_number(at), name=f"p{at}", campaign=one) for at, one in enumerate(CAMPAIGNS)))


def test_a_sweep_takes_two_campaigns_at_a_time() -> None:
    sweep = tuple(asked(one, Cause.SWEEP) for one in CAMPAIGNS)

    assert pick(sweep, MANY) == sweep[:MOST_AT_EASE]


def test_what_somebody_waits_for_goes_first_and_eight_at_a_time() -> None:
    sweep = [asked(one, Cause.SWEEP) for one in CAMPAIGNS[:3]]
    events = [asked(one, Cause.EVENT) for one in CAMPAIGNS[3:]]

    assert pick((*sweep, *events), MANY) == tuple(events[:MOST_URGENT])


def test_all_that_was_asked_about_a_campaign_is_answered_by_one_look() -> None:
    first, other = CAMPAIGNS[:2]
    asks = (asked(first, Cause.SWEEP), asked(a_number(0), Cause.EVENT), asked(other, Cause.SWEEP))

    assert set(pick(asks, desired(*MANY.pools[:2]))) == set(asks)


def test_what_is_about_nothing_of_ours_is_answered_at_once() -> None:
    subjects: list[Subject] = [*CAMPAIGNS[:2], FOREIGN, NUMBER, OTHER]
    asks = tuple(asked(one) for one in subjects)

    assert pick(asks, MANY) == asks


def test_nothing_asked_is_nothing_picked() -> None:
    assert pick((), MANY) == ()


SUBJECTS = st.sampled_from([*CAMPAIGNS, *(a_number(which) for which in range(14)), CAMPAIGN])


@given(st.lists(st.builds(asked, SUBJECTS, st.sampled_from(Cause)), unique_by=lambda one: str(one.subject)))
def test_round_by_round_everything_has_its_turn(asks: list[Asked]) -> None:
    rounds, left = 0, tuple(asks)
    while left:
        picked = pick(left, MANY)
        assert picked
        assert min(map(rank, left)) == rank(picked[0])
        left = tuple(one for one in left if one not in picked)
        rounds += 1

    assert rounds <= len(CAMPAIGNS)


def rank(one: Asked) -> int:
    """How soon its cause comes up."""
    return list(Cause).index(one.cause)
