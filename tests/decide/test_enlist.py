"""Each number is wanted by one pool, and what is not known of a selection takes nothing away and gives nothing away."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.enlist import enlist
from reconciler.model.ids import PhoneNumber, PoolName
from reconciler.model.lines import ByProfile, ByTags, Selected, Selection
from reconciler.model.pools import Declared, Desired, Listed
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    NOW,
    NUMBER,
    OTHER,
    POOL,
    PROFILE,
    SECOND,
    a_declaration,
    a_number,
    declared,
)

VIP, ACME = ByTags(("vip",)), ByTags(("acme",))
ON_PROFILE = ByProfile(PROFILE)
ZETA = PoolName("zeta")


def chose(selection: Selection, *numbers: PhoneNumber) -> Selected:
    """What a selection chose, read completely."""
    return Selected(selection, frozenset(numbers), NOW, complete=True)


def wanted(*pools: Declared, selected: Iterable[Selected] = (), now: datetime = NOW) -> Desired:
    """What these pools want."""
    return enlist(a_declaration(*pools), selected, now=now)


def test_what_is_listed_is_wanted_sorted_and_with_its_notes() -> None:
    pool = declared(Listed(OTHER, "for sales"), NUMBER)

    made = wanted(pool)

    assert made.revision == "r1"
    assert made.pools[0].numbers == (NUMBER, OTHER)
    assert made.pools[0].notes == {OTHER: "for sales"}
    assert made.until is None


def test_a_pool_keeps_what_it_says_of_itself() -> None:
    pool = Declared(POOL, CAMPAIGN, (Listed(NUMBER),), (ACME,), messaging_profile=PROFILE, description="Acme")

    (made,) = wanted(pool).pools

    assert (made.name, made.campaign, made.messaging_profile) == (POOL, CAMPAIGN, PROFILE)
    assert (made.policy, made.description, made.selections) == (pool.policy, "Acme", (ACME,))


def test_a_pool_names_its_selections_that_were_never_read() -> None:
    pool = declared(NUMBER, selections=(ACME, VIP))

    assert wanted(pool, selected=[chose(VIP)]).pools[0].unread == (ACME,)
    assert wanted(pool, selected=[chose(VIP), chose(ACME)]).pools[0].unread == ()


def test_what_is_excluded_is_not_wanted_however_it_came() -> None:
    pool = declared(NUMBER, OTHER, selections=(ACME,), exclude=[OTHER, a_number(1)])

    assert wanted(pool, selected=[chose(ACME, a_number(1), a_number(2))]).pools[0].numbers == (a_number(2), NUMBER)


def test_a_number_is_wanted_until_its_time_and_not_at_it() -> None:
    pool = declared(Listed(NUMBER, "a drop", until=NOW + HOUR), OTHER)

    before, after = wanted(pool, now=NOW + HOUR - SECOND), wanted(pool, now=NOW + HOUR)

    assert (before.pools[0].numbers, before.until) == ((NUMBER, OTHER), NOW + HOUR)
    assert (after.pools[0].numbers, after.pools[0].notes, after.until) == ((OTHER,), {}, None)


def test_the_next_time_at_which_something_changes_is_told() -> None:
    times = [NOW - HOUR, NOW, NOW + 2 * HOUR, NOW + HOUR]
    pool = declared(*(Listed(a_number(at), until=time) for at, time in enumerate(times)))

    assert wanted(pool).until == NOW + HOUR


def test_selections_add_to_what_is_listed() -> None:
    pool = declared(NUMBER, selections=(ACME, ON_PROFILE))

    made = wanted(pool, selected=[chose(ACME, OTHER), chose(ON_PROFILE, OTHER, a_number(1))])

    assert made.pools[0].numbers == (a_number(1), NUMBER, OTHER)


@pytest.mark.covers("C11")
def test_a_selection_that_was_never_read_takes_nothing_away() -> None:
    assert wanted(declared(NUMBER, selections=(ACME,))).pools[0].numbers == (NUMBER,)


def test_a_listed_number_that_has_expired_stays_if_a_selection_chooses_it() -> None:
    pool = declared(Listed(NUMBER, until=NOW), selections=(ACME,))

    assert wanted(pool, selected=[chose(ACME, NUMBER)]).pools[0].numbers == (NUMBER,)


# One pool has it.


def test_the_pool_that_lists_a_number_has_it_before_one_that_selects_it() -> None:
    made = wanted(declared(selections=(ACME,)), declared(NUMBER, name=ZETA), selected=[chose(ACME, NUMBER)])

    assert [pool.numbers for pool in made.pools] == [(), (NUMBER,)]
    assert [pool.claimed for pool in made.pools] == [{NUMBER: ZETA}, {}]


@pytest.mark.covers("D04")
def test_of_two_that_select_it_the_first_in_the_file_has_it() -> None:
    pools = declared(selections=(VIP,)), declared(name=ZETA, selections=(ACME,))
    chosen = [chose(ACME, NUMBER, OTHER), chose(VIP, NUMBER)]

    made = wanted(*pools, selected=chosen)

    assert [pool.numbers for pool in made.pools] == [(NUMBER,), (OTHER,)]
    assert [pool.claimed for pool in made.pools] == [{}, {NUMBER: POOL}]
    assert [pool.numbers for pool in wanted(*pools, selected=chosen[::-1]).pools] == [(NUMBER,), (OTHER,)]


def test_two_pools_may_share_one_selection() -> None:
    made = wanted(
        declared(selections=(ACME,), exclude=[OTHER]),
        declared(name=ZETA, selections=(ACME,)),
        selected=[chose(ACME, NUMBER, OTHER)],
    )

    assert [pool.numbers for pool in made.pools] == [(NUMBER,), (OTHER,)]
    assert [pool.undecided for pool in made.pools] == [{}, {}]


def test_what_its_pool_no_longer_lists_goes_to_the_one_that_selects_it() -> None:
    pools = declared(Listed(NUMBER, until=NOW)), declared(name=ZETA, selections=(ACME,))

    made = wanted(*pools, selected=[chose(ACME, NUMBER)])

    assert [pool.numbers for pool in made.pools] == [(), (NUMBER,)]


# What a pool further up may yet choose.


def test_what_a_pool_before_it_may_choose_is_wanted_and_undecided() -> None:
    """Else the campaign that is looked at first would have it, for good: a number is never taken from a campaign."""
    first, second = declared(selections=(VIP,)), declared(OTHER, name=ZETA, campaign=FOREIGN, selections=(ACME,))
    chosen = [chose(ACME, NUMBER, OTHER)]

    before, after = wanted(first, second, selected=chosen), wanted(first, second, selected=[*chosen, chose(VIP)])

    assert before.pools[1].numbers == after.pools[1].numbers == (NUMBER, OTHER)
    assert before.pools[1].undecided == {NUMBER: POOL}  # what is listed is decided by that
    assert after.pools[1].undecided == {}


def test_what_the_pool_before_it_excludes_is_decided() -> None:
    first, second = declared(selections=(VIP,), exclude=[NUMBER]), declared(name=ZETA, selections=(ACME,))

    assert wanted(first, second, selected=[chose(ACME, NUMBER, OTHER)]).pools[1].undecided == {OTHER: POOL}


def test_a_pool_is_not_undecided_for_its_own_selections_nor_for_those_after_it() -> None:
    pools = declared(selections=(ACME, ON_PROFILE)), declared(name=ZETA, selections=(VIP,))

    assert wanted(*pools, selected=[chose(ACME, NUMBER)]).pools[0].undecided == {}


NUMBERS = st.sampled_from([a_number(which) for which in range(6)])
CHOICES: list[Selection] = [VIP, ACME, ON_PROFILE]
SELECTIONS = st.sampled_from(CHOICES)


@st.composite
def declarations(draw: st.DrawFn) -> list[Declared]:
    """Up to four pools; as `declare` sees to it, no number is listed twice."""
    free = draw(st.lists(NUMBERS, unique=True))
    homes = draw(st.lists(st.integers(0, 3), min_size=len(free), max_size=len(free)))
    untils = st.none() | st.sampled_from([NOW - HOUR, NOW, NOW + HOUR])
    return [
        declared(
            *(Listed(number, until=draw(untils)) for number, home in zip(free, homes, strict=True) if home == at),
            name=f"p{at}",
            selections=tuple(draw(st.lists(SELECTIONS, unique=True))),
            exclude=draw(st.sets(NUMBERS, max_size=2)),
        )
        for at in range(draw(st.integers(1, 4)))
    ]


CHOSEN = st.dictionaries(SELECTIONS, st.frozensets(NUMBERS)).map(
    lambda chosen: [chose(selection, *numbers) for selection, numbers in chosen.items()]
)


@given(declarations(), CHOSEN)
def test_every_number_asked_for_is_in_one_pool_or_named_as_claimed_excluded_or_expired(
    pools: list[Declared], chosen: list[Selected]
) -> None:
    made = wanted(*pools, selected=chosen)
    numbers = [number for pool in made.pools for number in pool.numbers]
    choices = {one.selection: one.numbers for one in chosen}

    assert len(numbers) == len(set(numbers))
    for said, pool in zip(pools, made.pools, strict=True):
        lasting = {one.number for one in said.listed if one.until is None or one.until > NOW}
        picked = {number for selection in said.selections for number in choices.get(selection, ())}
        assert {*pool.numbers, *pool.claimed} == (lasting | picked) - said.exclude
        assert not pool.claimed.keys() & set(pool.numbers)
        assert pool.undecided.keys() <= picked - lasting
        for number, owner in pool.claimed.items():
            holder = made.pool_of(number)
            assert holder is not None
            assert (holder.name, holder is pool) == (owner, False)


@given(declarations(), CHOSEN, st.randoms(use_true_random=False).map(lambda chance: chance.random()))
def test_the_order_of_what_was_read_makes_no_difference(
    pools: list[Declared], chosen: list[Selected], turn: float
) -> None:
    at = int(turn * len(chosen))

    assert wanted(*pools, selected=[*chosen[at:], *chosen[:at]]) == wanted(*pools, selected=chosen)


@given(declarations(), CHOSEN, SELECTIONS, st.frozensets(NUMBERS))
def test_reading_one_more_selection_takes_only_undecided_numbers_from_a_pool(
    pools: list[Declared], chosen: list[Selected], selection: Selection, numbers: frozenset[PhoneNumber]
) -> None:
    """What is already decided stays decided, whatever comes to be known: so it may be written."""
    known = [one for one in chosen if one.selection != selection]

    before, after = wanted(*pools, selected=known), wanted(*pools, selected=[*known, chose(selection, *numbers)])

    for was, now in zip(before.pools, after.pools, strict=True):
        assert set(was.numbers) - set(now.numbers) <= was.undecided.keys()
