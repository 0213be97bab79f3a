"""A round is small: the most urgent campaigns first, and all that was asked about each."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.pick import MOST_AT_EASE, MOST_URGENT, PASSED_OVER, pick
from reconciler.model.events import AT_EASE, Cause
from reconciler.model.ids import CampaignId
from reconciler.model.memory import Asked
from tests.builders import NOW, SECOND, a_number, a_pool, asked, desired

MANY = [CampaignId(f"campaign-{index}") for index in range(20)]
WANTED = desired(*(a_pool(a_number(i), name=f"pool-{i}", campaign=one) for i, one in enumerate(MANY)))


def test_a_sweep_takes_a_few_campaigns_at_a_time() -> None:
    assert pick(tuple(asked(one, Cause.SWEEP) for one in MANY), WANTED, now=NOW) == tuple(
        asked(one, Cause.SWEEP) for one in MANY[:MOST_AT_EASE]
    )


def test_an_event_goes_before_a_sweep_and_takes_more() -> None:
    sweep = [asked(one, Cause.SWEEP) for one in MANY[:10]]
    events = [asked(one, Cause.EVENT) for one in MANY[10:]]

    assert pick((*sweep, *events), WANTED, now=NOW) == tuple(events[:MOST_URGENT])


def test_an_approval_shares_its_round_with_nothing_less_urgent() -> None:
    """A round is written when all its campaigns were read."""
    others = [asked(one, cause) for one, cause in zip(MANY[1:], [Cause.CONFIRM, Cause.SWEEP] * 9, strict=False)]

    assert pick((asked(MANY[0], Cause.EVENT), *others), WANTED, now=NOW) == (asked(MANY[0], Cause.EVENT),)


@given(st.integers(0, 600))
def test_no_stream_of_events_passes_over_a_sweep_for_long(waited: int) -> None:
    events = [asked(one, Cause.EVENT) for one in MANY[:12]]
    sweeps = [asked(one, Cause.SWEEP, NOW - (waited - index) * SECOND) for index, one in enumerate(MANY[12:])]

    picked = pick((*events, *sweeps), WANTED, now=NOW)

    assert picked[:MOST_URGENT] == tuple(events[:MOST_URGENT])
    assert picked[MOST_URGENT:] == ((sweeps[0],) if waited * SECOND >= PASSED_OVER else ())


def test_all_that_was_asked_about_a_campaign_is_answered_together() -> None:
    number, campaign = asked(a_number(0), Cause.SWEEP), asked(MANY[0], Cause.SWEEP)
    others = [asked(one, Cause.SWEEP) for one in MANY[1:]]

    assert {number, campaign} <= set(pick((campaign, *others, number), WANTED, now=NOW))


def test_what_is_about_nothing_we_manage_is_answered_at_once() -> None:
    stray = asked(CampaignId("elsewhere"), Cause.SWEEP)
    assert stray in pick((*(asked(one, Cause.SWEEP) for one in MANY), stray), WANTED, now=NOW)


def test_nothing_asked_is_nothing_picked() -> None:
    assert pick((), WANTED, now=NOW) == ()


SUBJECTS = st.sampled_from([*MANY, *(a_number(which) for which in range(22)), CampaignId("elsewhere")])


@given(st.lists(st.builds(asked, SUBJECTS, st.sampled_from(Cause)), unique_by=lambda one: str(one.subject)))
def test_round_by_round_everything_has_its_turn_the_most_urgent_first(asks: list[Asked]) -> None:
    rounds, left = 0, tuple(asks)
    while left:
        picked = pick(left, WANTED, now=NOW)
        assert min(map(rank, left)) == rank(picked[0])
        left = tuple(one for one in left if one not in picked)
        rounds += 1

    assert rounds <= len(MANY)


def rank(one: Asked) -> tuple[bool, int]:
    """How soon its cause comes up: what somebody waits for before all that nobody does."""
    return one.cause in AT_EASE, list(Cause).index(one.cause)
