"""The desired state is made whole, or every reason why not is told, each with its place."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.declare import declare
from reconciler.model.errors import Problem
from reconciler.model.pools import Pool, PoolDraft
from tests.builders import CAMPAIGN, FOREIGN, NUMBER, OTHER, a_draft, a_number


def pools_of(*drafts: PoolDraft) -> tuple[Pool, ...]:
    """The pools of drafts that are right."""
    wanted, problems = declare("r1", drafts)
    assert problems == ()
    assert wanted is not None
    return wanted.pools


def problems_of(*drafts: PoolDraft) -> tuple[Problem, ...]:
    """The problems of drafts that are not."""
    wanted, problems = declare("r1", drafts)
    assert wanted is None
    return problems


def test_right_drafts_become_pools_with_their_numbers_sorted_and_each_once() -> None:
    (pool,) = pools_of(a_draft(OTHER, NUMBER, OTHER))

    assert (pool.name, pool.campaign, pool.numbers) == ("acme", CAMPAIGN, (NUMBER, OTHER))


def test_the_revision_is_kept() -> None:
    wanted, _ = declare("r7", (a_draft(NUMBER),))

    assert wanted is not None
    assert wanted.revision == "r7"


def test_no_pools_at_all_is_a_desired_state() -> None:
    assert pools_of() == ()


def test_a_number_in_two_pools_names_both_places() -> None:
    first = a_draft(NUMBER, name="acme", line=1)
    second = a_draft(OTHER, NUMBER, name="zeta", campaign=FOREIGN, line=11)

    (problem,) = problems_of(first, second)

    assert (problem.place.line, problem.message) == (
        14,
        "+12025550123 is in two pools: acme (tendlc.yaml:3:1) and zeta",
    )


def test_a_pool_without_numbers_must_say_so() -> None:
    (problem,) = problems_of(a_draft())

    assert problem.message == "pool acme has no numbers"
    assert "allow_empty" in problem.hint
    assert pools_of(a_draft(allow_empty=True))[0].numbers == ()


def test_two_pools_of_one_name_are_told_at_the_second() -> None:
    (problem,) = problems_of(a_draft(NUMBER, line=1), a_draft(OTHER, line=11))

    assert (problem.place.line, problem.message) == (11, "two pools are named acme: the other is at tendlc.yaml:1:1")


def test_numbers_that_no_10dlc_campaign_takes_are_refused() -> None:
    texts = ("+18005550123", "+442071838750", "2025550123", "+12025550123 ")

    problems = problems_of(a_draft(*texts))

    assert [problem.place.line for problem in problems] == [3, 4, 5, 6]
    assert "toll-free" in problems[0].message
    assert "not a US number" in problems[1].message
    assert all("E.164" in problem.message for problem in problems[2:])


def test_names_and_campaigns_that_cannot_be_are_refused() -> None:
    (name,) = problems_of(a_draft(NUMBER, name="Acme Marketing"))
    (campaign,) = problems_of(a_draft(NUMBER, campaign="../etc"))

    assert "is not a pool name" in name.message
    assert (campaign.place.line, "is not a campaign id" in campaign.message) == (2, True)


def test_every_problem_is_told_at_once() -> None:
    problems = problems_of(a_draft("x", "y", name="A"), a_draft(name="b", line=11))

    assert [problem.place.line for problem in problems] == [1, 3, 4, 11]


TEXTS = st.sampled_from([a_number(1), a_number(2), a_number(3), "+18005550123", "x", ""])
DRAFTS = st.lists(
    st.builds(
        a_draft,
        *(TEXTS, TEXTS),
        name=st.sampled_from(["a", "b", "C"]),
        campaign=st.sampled_from([CAMPAIGN, FOREIGN, ""]),
        allow_empty=st.booleans(),
        line=st.integers(1, 50),
    ),
    max_size=3,
)


@given(DRAFTS)
def test_there_is_a_desired_state_if_and_only_if_there_is_no_problem(drafts: list[PoolDraft]) -> None:
    """Half a config is never acted on, and nothing that a file can say raises."""
    wanted, problems = declare("r1", tuple(drafts))

    assert (wanted is None) is bool(problems)
    if wanted is not None:
        assert {n for pool in wanted.pools for n in pool.numbers} == {n.text for d in drafts for n in d.numbers}
