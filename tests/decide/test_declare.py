"""The declaration is made whole, or every reason why not is told, each with its place."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.declare import MOST_PROBLEMS, declare
from reconciler.model.errors import Place, Problem
from reconciler.model.ids import PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import ByProfile, ByTags
from reconciler.model.pools import Declared, Listed, ListedDraft, Mode, Placed, Policy, PoolDraft
from tests.builders import CAMPAIGN, FOREIGN, NOW, NUMBER, OTHER, a_number

PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")


def an_entry(number: PhoneNumber, line: int, note: str = "", days: int = 0) -> ListedDraft:
    """A number as a file lists it in that line."""
    until = NOW + timedelta(days=days) if days else None
    return ListedDraft(number, Place("tendlc.yaml", line), note, until)


def a_pool(
    *listed: PhoneNumber | ListedDraft,
    name: str = "acme",
    campaign: str = CAMPAIGN,
    line: int = 1,
    allow_empty: bool = False,
    exclude: frozenset[PhoneNumber] = frozenset(),
) -> PoolDraft:
    """A pool as a file has it from that line on: its name, its campaign, its numbers."""
    entries = enumerate(listed, line + 2)
    return PoolDraft(
        name=Placed(name, Place("tendlc.yaml", line)),
        campaign=Placed(campaign, Place("tendlc.yaml", line + 1)),
        listed=tuple(one if isinstance(one, ListedDraft) else an_entry(one, at) for at, one in entries),
        policy=Policy(allow_empty=allow_empty),
        exclude=exclude,
    )


def pools_of(*drafts: PoolDraft) -> tuple[Declared, ...]:
    """The pools of drafts that are right."""
    declaration, problems = declare("r1", drafts)
    assert problems == ()
    assert declaration is not None
    return declaration.pools


def problems_of(*drafts: PoolDraft) -> list[tuple[int, str]]:
    """The problems of drafts that are not: line and message."""
    declaration, problems = declare("r1", drafts)
    assert declaration is None
    return [(problem.place.line, problem.message) for problem in problems]


def test_right_drafts_become_pools_with_their_numbers_sorted_and_each_once() -> None:
    (pool,) = pools_of(a_pool(OTHER, NUMBER, OTHER))

    assert (pool.name, pool.campaign) == ("acme", CAMPAIGN)
    assert pool.listed == (Listed(NUMBER), Listed(OTHER))


def test_everything_that_a_draft_says_is_kept() -> None:
    draft = PoolDraft(
        name=Placed("acme", Place("tendlc.yaml", 1)),
        campaign=Placed(CAMPAIGN, Place("tendlc.yaml", 2)),
        listed=(an_entry(NUMBER, 3, "for sale", 5),),
        policy=Policy(Mode.OBSERVE),
        description="Acme",
        selections=(ByTags(("a",)), ByProfile(PROFILE)),
        exclude=frozenset({OTHER}),
        protect=frozenset({NUMBER}),
        messaging_profile=PROFILE,
    )

    assert pools_of(draft) == (
        Declared(
            name=PoolName("acme"),
            campaign=CAMPAIGN,
            listed=(Listed(NUMBER, "for sale", NOW + timedelta(days=5)),),
            selections=draft.selections,
            exclude=draft.exclude,
            protect=draft.protect,
            messaging_profile=PROFILE,
            policy=draft.policy,
            description="Acme",
        ),
    )


def test_the_revision_is_kept() -> None:
    declaration, _ = declare("r7", (a_pool(NUMBER),))

    assert declaration is not None
    assert declaration.revision == "r7"


def test_no_pools_at_all_are_a_declaration() -> None:
    assert pools_of() == ()


@pytest.mark.covers("D04")
def test_a_number_in_two_pools_names_both_places() -> None:
    first = a_pool(NUMBER, name="acme", line=1)
    second = a_pool(OTHER, NUMBER, name="zeta", campaign=FOREIGN, line=11)

    assert problems_of(first, second) == [(14, "+12025550123 is in two pools: acme (tendlc.yaml:3:1) and zeta")]


def test_two_pools_may_be_on_one_campaign() -> None:
    assert len(pools_of(a_pool(NUMBER, name="acme"), a_pool(OTHER, name="zeta", line=11))) == 2


def test_a_number_may_be_listed_twice_in_a_pool_if_both_say_the_same() -> None:
    twice = a_pool(an_entry(NUMBER, 3, "a", 1), an_entry(NUMBER, 4, "a", 1))

    assert [one.listed for one in pools_of(twice)] == [(Listed(NUMBER, "a", NOW + timedelta(days=1)),)]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (an_entry(NUMBER, 4, "b", 1), "note"),
        (an_entry(NUMBER, 4, "a"), "until"),
        (an_entry(NUMBER, 4, "a", 2), "until"),
    ],
)
def test_a_number_that_is_listed_twice_must_say_the_same(other: ListedDraft, said: str) -> None:
    assert problems_of(a_pool(an_entry(NUMBER, 3, "a", 1), other)) == [
        (4, f"+12025550123 is listed twice, with another {said} at tendlc.yaml:3:1")
    ]


def test_an_excluded_number_is_not_claimed() -> None:
    first = a_pool(NUMBER, OTHER, name="acme", exclude=frozenset({NUMBER}))
    second = a_pool(NUMBER, name="zeta", line=11, exclude=frozenset({OTHER}))

    assert [[one.number for one in pool.listed] for pool in pools_of(first, second)] == [[OTHER], [NUMBER]]


def test_a_pool_without_numbers_must_say_so() -> None:
    empty = a_pool()
    (problem,) = declare("r1", (empty,))[1]

    assert problem == Problem(
        empty.name.place, "pool acme has no numbers", "list some, or say `policy: {allow_empty: true}`"
    )
    assert problems_of(a_pool(NUMBER, exclude=frozenset({NUMBER}))) == [
        (1, "pool acme has no numbers: all are excluded")
    ]
    assert pools_of(a_pool(allow_empty=True))[0].listed == ()


def test_a_pool_that_only_selects_is_not_empty() -> None:
    draft = a_pool()
    selecting = PoolDraft(draft.name, draft.campaign, (), draft.policy, selections=(ByProfile(PROFILE),))

    assert pools_of(selecting)[0].selections == (ByProfile(PROFILE),)


def test_two_pools_of_one_name_are_told_at_the_second() -> None:
    assert problems_of(a_pool(NUMBER, line=1), a_pool(OTHER, line=11)) == [
        (11, "two pools are named acme: the other is at tendlc.yaml:1:1")
    ]


def test_a_number_that_two_pools_of_one_name_list_is_in_two_pools() -> None:
    assert [line for line, _ in problems_of(a_pool(NUMBER, line=1), a_pool(NUMBER, line=11))] == [11, 13]


def test_names_and_campaigns_that_cannot_be_are_refused() -> None:
    ((_, name),) = problems_of(a_pool(NUMBER, name="Acme Marketing"))
    ((line, campaign),) = problems_of(a_pool(NUMBER, campaign="../etc"))

    assert "is not a pool name" in name
    assert (line, "is not a campaign id" in campaign) == (2, True)


def test_every_problem_is_told_at_once() -> None:
    problems = problems_of(a_pool(NUMBER, name="A"), a_pool(NUMBER, name="b", line=11), a_pool(name="c", line=21))

    assert [line for line, _ in problems] == [1, 13, 21]


def test_problems_are_bounded() -> None:
    numbers = [a_number(which) for which in range(MOST_PROBLEMS + 500)]
    problems = problems_of(a_pool(*numbers, name="a"), a_pool(*numbers, name="b", line=9_000))

    assert len(problems) == MOST_PROBLEMS


NUMBERS = st.sampled_from([a_number(1), a_number(2), a_number(3)])
DRAFTS = st.lists(
    st.builds(
        a_pool,
        NUMBERS,
        NUMBERS,
        name=st.sampled_from(["a", "b", "C"]),
        campaign=st.sampled_from([CAMPAIGN, FOREIGN, ""]),
        allow_empty=st.booleans(),
        line=st.integers(1, 50),
        exclude=st.frozensets(NUMBERS, max_size=2),
    ),
    max_size=3,
)


@given(DRAFTS)
def test_there_is_a_declaration_if_and_only_if_there_is_no_problem(drafts: list[PoolDraft]) -> None:
    """Half a config is never acted on, and nothing that a file can say raises."""
    declaration, problems = declare("r1", tuple(drafts))

    assert (declaration is None) is bool(problems)
    if declaration is not None:
        wanted = [one.number for pool in declaration.pools for one in pool.listed]
        assert len(wanted) == len(set(wanted))
        assert set(wanted) == {
            one.number for draft in drafts for one in draft.listed if one.number not in draft.exclude
        }
