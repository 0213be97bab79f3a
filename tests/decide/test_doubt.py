"""A listing's silence is not absence: what it should have said is read number by number, within a limit."""

from dataclasses import replace
from datetime import datetime

import pytest

from reconciler.decide.doubt import MOST_REREAD, MOST_SINGLE_READS, doubt
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase, Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import ByProfile, Line
from reconciler.model.memory import Memory
from reconciler.model.operations import Step
from reconciler.model.pools import Desired, Mode
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
    PROFILE,
    SECOND,
    WINDOW,
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
    an_assignment,
    an_operation,
    desired,
    on_profile,
)

SILENT = a_look(a_listing())
TORN = a_look(a_listing(complete=False))
SEEN = a_sighting(an_assignment())
PROFILED = desired(a_pool(profile=PROFILE))


def doubted(
    look: Observed, memory: Memory, wanted: Desired | None = None, *, old: datetime | None = None
) -> tuple[PhoneNumber, ...]:
    """The numbers to read by themselves."""
    return doubt(wanted or desired(), look, memory, now=NOW, patience=PATIENCE, old=old)


def test_a_number_last_seen_assigned_and_now_not_listed_is_in_doubt() -> None:
    assert doubted(SILENT, a_memory(SEEN)) == (NUMBER,)


def test_so_is_one_that_was_on_another_campaign() -> None:
    """It may have left it, and then it can be assigned."""
    assert doubted(SILENT, a_memory(a_sighting(an_assignment(campaign=FOREIGN)))) == (NUMBER,)


@pytest.mark.parametrize(
    "look",
    [
        a_look(a_listing(an_assignment())),
        a_look(a_listing(), a_listing(an_assignment(campaign=FOREIGN), campaign=FOREIGN)),
    ],
)
def test_a_number_that_was_listed_is_not(look: Observed) -> None:
    assert doubted(look, a_memory(SEEN)) == ()


@pytest.mark.parametrize("memory", [a_memory(), a_memory(a_sighting(None))])
def test_a_number_that_was_never_there_is_absent_without_doubt(memory: Memory) -> None:
    assert doubted(SILENT, memory) == ()


def test_what_was_learned_after_the_listing_began_needs_no_read() -> None:
    assert doubted(SILENT, a_memory(a_sighting(an_assignment(), seen_at=NOW + SECOND))) == ()


@pytest.mark.parametrize("source", ["answer", "item"])
def test_what_we_asked_for_or_read_within_the_settle_window_is_not_in_doubt(source: str) -> None:
    """Listings lag behind: its silence is expected."""
    young = a_sighting(an_assignment(state=AssignmentState.PENDING), source=source, seen_at=NOW - WINDOW)
    old = a_sighting(an_assignment(state=AssignmentState.PENDING), source=source, seen_at=NOW - WINDOW - SECOND)

    assert doubted(SILENT, a_memory(young)) == ()
    assert doubted(SILENT, a_memory(old)) == (NUMBER,)


@pytest.mark.parametrize("step", [Step.SENT, Step.UNRESOLVED])
def test_what_the_executor_is_about_to_read_is_left_to_it(step: Step) -> None:
    assert doubted(SILENT, a_memory(SEEN, operations=[an_operation(step)])) == ()
    assert doubted(TORN, a_memory(operations=[an_operation(step)])) == ()


@pytest.mark.parametrize("memory", [a_memory(), a_memory(a_sighting(None)), a_memory(SEEN)])
def test_what_telnyx_took_and_does_not_show_is_in_doubt_once_the_window_is_over(memory: Memory) -> None:
    """Else it would be waited for, for ever: a read within the window may already have answered 404."""
    sent = an_operation(Step.CONFIRMING, sent_at=NOW - MINUTE - SECOND)
    just_sent = an_operation(Step.CONFIRMING, sent_at=NOW - MINUTE)

    assert doubted(SILENT, a_memory(*memory.sightings.values(), operations=[sent])) == (NUMBER,)
    assert doubted(SILENT, a_memory(*memory.sightings.values(), operations=[just_sent])) == ()


@pytest.mark.parametrize("memory", [a_memory(), a_memory(a_sighting(None)), a_memory(SEEN)])
def test_an_incomplete_listing_leaves_all_that_it_lacks_in_doubt(memory: Memory) -> None:
    """A listing that never adds up would else keep every missing number waiting for ever."""
    assert doubted(TORN, memory) == (NUMBER,)


@pytest.mark.parametrize(
    ("campaign", "mode"),
    [(a_campaign(CampaignPhase.IN_REVIEW), Mode.ENFORCE), (a_campaign(), Mode.OBSERVE), (a_campaign(), Mode.ENFORCE)],
)
def test_while_nothing_may_be_written_a_read_that_answered_404_will_do_for_a_while(
    campaign: Campaign, mode: Mode
) -> None:
    """More numbers than one round reads would else be read for ever, one round after the other."""
    look = a_look(a_listing(complete=False), campaigns=[campaign])
    wanted = desired(a_pool(mode=mode))
    may_be_written = campaign.phase is CampaignPhase.APPROVED and mode is Mode.ENFORCE
    fresh, old = (
        a_sighting(None, source="item", seen_at=NOW - age)
        for age in (PATIENCE.evidence_for_assign, PATIENCE.evidence_for_assign + SECOND)
    )

    assert doubted(look, a_memory(fresh), wanted) == ((NUMBER,) if may_be_written else ())
    assert doubted(look, a_memory(old), wanted) == (NUMBER,)


@pytest.mark.parametrize(
    ("line", "barred"),
    [
        (a_line(NUMBER, OTHER_PROFILE), True),
        (a_line(country="CA"), True),
        (a_line(absences=2), True),
        (a_line(NUMBER, PROFILE), False),
        (a_line(), False),
        (a_line(NUMBER, OTHER_PROFILE, unclear=True), False),
    ],
)
def test_so_it_will_for_a_number_that_its_own_record_keeps_from_being_assigned(line: Line, *, barred: bool) -> None:
    """A listing that never adds up would have all of them read again in every look."""
    absent = a_sighting(None, source="item", seen_at=NOW - MINUTE)

    assert doubted(TORN, a_memory(absent, lines=[line]), PROFILED) == (() if barred else (NUMBER,))
    assert doubted(TORN, a_memory(lines=[line]), PROFILED) == (NUMBER,)


def test_another_profile_matters_only_where_the_pool_names_one() -> None:
    memory = a_memory(a_sighting(None, source="item", seen_at=NOW - MINUTE), lines=[a_line(NUMBER, OTHER_PROFILE)])

    assert doubted(TORN, memory) == (NUMBER,)


def test_but_what_telnyx_took_is_read_all_the_same() -> None:
    """It was taken before its campaign was suspended, and is waited for."""
    look = a_look(a_listing(complete=False), campaigns=[a_campaign(CampaignPhase.SUSPENDED)])
    taken = an_operation(Step.CONFIRMING, sent_at=NOW - 2 * MINUTE)
    absent = a_sighting(None, source="item", seen_at=NOW - MINUTE)

    assert doubted(look, a_memory(absent, operations=[taken])) == (NUMBER,)


def test_but_not_what_is_already_on_its_way() -> None:
    assert doubted(TORN, a_memory(operations=[an_operation(Step.READY)])) == ()


def test_a_listing_that_broke_off_is_listed_again_instead() -> None:
    torn = a_look(a_listing(complete=False), faults=[(CAMPAIGN, a_fault())])

    assert doubted(torn, a_memory(SEEN)) == ()


def test_a_campaign_that_was_not_listed_leaves_nothing_in_doubt() -> None:
    assert doubted(a_look(), a_memory(SEEN)) == ()


def test_more_numbers_than_the_limit_have_their_turn_the_longest_unseen_first() -> None:
    """Else fifty that stay in doubt, such as fifty on another campaign, would keep all others from being read."""
    numbers = [a_number(which) for which in range(MOST_SINGLE_READS + 10)]
    first = numbers[:MOST_SINGLE_READS]
    read = [a_sighting(an_assignment(n, campaign=FOREIGN), seen_at=NOW - 2 * MINUTE, source="item") for n in first]
    gone = [a_sighting(an_assignment(n), seen_at=NOW - HOUR) for n in numbers[MOST_SINGLE_READS:]]

    chosen = doubted(SILENT, a_memory(*read, *gone), desired(a_pool(*numbers)))

    assert len(chosen) == MOST_SINGLE_READS
    assert set(numbers[MOST_SINGLE_READS:]) < set(chosen)


def test_a_number_that_was_never_seen_goes_before_all_others() -> None:
    numbers = [a_number(which) for which in range(MOST_SINGLE_READS + 1)]
    seen = [a_sighting(an_assignment(n)) for n in numbers[:-1]]

    assert doubted(TORN, a_memory(*seen), desired(a_pool(*numbers)))[0] == numbers[-1]


# What a number pool may send from, and no pool wants.

STRANGERS = [a_number(which) for which in range(200, 260)]
POOLED = a_profile(pooled=True)


def sending(*numbers: PhoneNumber, complete: bool = True) -> Observed:
    """A look that lists these numbers on the pool's messaging profile, which has a number pool."""
    return a_look(a_listing(), profiles=[POOLED], rosters=[on_profile(*numbers, complete=complete)])


def test_a_sender_that_nobody_wants_is_read_and_then_slowly_again() -> None:
    look, slow = sending(NUMBER, OTHER), PATIENCE.slow_recheck

    assert doubted(look, a_memory(), PROFILED) == (OTHER,)
    assert doubted(look, a_memory(a_sighting(None, OTHER, seen_at=NOW - slow)), PROFILED) == ()
    assert doubted(look, a_memory(a_sighting(None, OTHER, seen_at=NOW - slow - SECOND)), PROFILED) == (OTHER,)


def test_what_is_known_of_the_profile_will_do() -> None:
    listed = a_look(a_listing(), rosters=[on_profile(OTHER)])

    assert doubted(listed, a_memory(profiles=[POOLED]), PROFILED) == (OTHER,)
    assert doubted(listed, a_memory(profiles=[a_profile()]), PROFILED) == ()
    assert doubted(listed, a_memory(), PROFILED) == ()


@pytest.mark.parametrize(
    ("look", "wanted"),
    [
        (sending(NUMBER), PROFILED),
        (sending(OTHER), desired(a_pool(profile=PROFILE), a_pool(OTHER, name="zeta", campaign=FOREIGN))),
        (
            a_look(a_listing(an_assignment(OTHER)), profiles=[POOLED], rosters=[on_profile(OTHER)]),
            PROFILED,
        ),
        (a_look(a_listing(), profiles=[POOLED], rosters=[a_roster(a_line(OTHER, PROFILE, country="CA"))]), PROFILED),
        (sending(PhoneNumber("+18005550123")), PROFILED),
        (sending(OTHER), desired(a_pool(selections=(ByProfile(PROFILE),)))),
    ],
    ids=[
        "the pool's own",
        "another pool's",
        "listed on the campaign",
        "of another country",
        "toll-free",
        "a profile only to select by",
    ],
)
def test_no_other_number_of_the_profile_is_read(look: Observed, wanted: Desired) -> None:
    assert doubted(look, a_memory(), wanted) == ()


def test_wanted_numbers_go_first_and_all_together_keep_the_limit() -> None:
    """However many strangers are on a shared profile, a round costs no more, and each has its turn."""
    look = replace(TORN, profiles={PROFILE: POOLED}, rosters={PROFILE: on_profile(*STRANGERS)})
    read = [a_sighting(None, n, seen_at=NOW - 7 * HOUR + at * MINUTE) for at, n in enumerate(STRANGERS[:55])]

    chosen = doubted(look, a_memory(*read), PROFILED)

    assert len(chosen) == MOST_SINGLE_READS
    assert chosen[0] == NUMBER
    assert chosen[1:6] == tuple(STRANGERS[55:])
    assert chosen[6:] == tuple(STRANGERS[:44])


def test_a_number_is_read_once_for_all_pools() -> None:
    wanted = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta"))
    memory = a_memory(SEEN, a_sighting(an_assignment(OTHER)))

    assert sorted(doubted(SILENT, memory, wanted)) == [NUMBER, OTHER]


@pytest.mark.parametrize("memory", [a_memory(), a_memory(a_sighting(None, seen_at=NOW - HOUR))])
def test_a_resync_reads_what_no_listing_shows_and_was_not_read_since(memory: Memory) -> None:
    """That a number waits here while it is on another campaign shows in no listing of ours."""
    assert doubted(SILENT, memory, old=NOW) == (NUMBER,)
    assert doubted(SILENT, memory, old=None) == ()


@pytest.mark.parametrize(
    ("look", "memory"),
    [
        (SILENT, a_memory(a_sighting(None, seen_at=NOW - SECOND))),
        (a_look(a_listing(an_assignment())), a_memory(a_sighting(an_assignment()))),
        (SILENT, a_memory(operations=[an_operation()])),
        (a_look(), a_memory()),
        (a_look(a_listing(), faults=[(CAMPAIGN, a_fault())]), a_memory()),
    ],
    ids=["read since", "listed", "about to be asked for", "not looked at", "broken off"],
)
def test_what_is_shown_or_was_read_since_is_not_read_again(look: Observed, memory: Memory) -> None:
    assert doubted(look, memory, old=NOW - MINUTE) == ()


def test_of_what_is_only_old_a_round_reads_a_few_the_longest_unread_first() -> None:
    numbers = [a_number(which) for which in range(3 * MOST_REREAD)]
    known = [a_sighting(None, one, seen_at=NOW - HOUR - at * MINUTE) for at, one in enumerate(numbers)]

    chosen = doubted(SILENT, a_memory(*known), desired(a_pool(*numbers)), old=NOW)

    assert chosen == tuple(reversed(numbers[-MOST_REREAD:]))


def test_what_is_in_doubt_goes_before_what_is_only_old() -> None:
    numbers = [a_number(which) for which in range(MOST_SINGLE_READS + 5)]
    lost, old = numbers[:MOST_SINGLE_READS], numbers[MOST_SINGLE_READS:]
    known = [a_sighting(an_assignment(one), seen_at=NOW - HOUR) for one in lost]

    chosen = doubted(SILENT, a_memory(*known), desired(a_pool(*old, *lost)), old=NOW)

    assert set(chosen) == set(lost)
