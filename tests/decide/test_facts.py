"""What is known of one number comes from the config and the memory, and from nowhere else."""

from dataclasses import replace

from reconciler.decide.facts import facts
from reconciler.model.memory import Memory
from reconciler.model.standing import Facts, Freeze
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PROFILE,
    a_campaign,
    a_dormancy,
    a_halt,
    a_line,
    a_pool,
    a_profile,
    a_sighting,
    an_assignment,
    an_operation,
    desired,
)

MEMORY = Memory(
    campaigns={CAMPAIGN: a_campaign()},
    sightings={NUMBER: a_sighting(an_assignment())},
    operations={NUMBER: an_operation()},
    looked_at={CAMPAIGN: NOW},
    halt=a_halt(),
)


def test_everything_about_a_wanted_number_is_gathered() -> None:
    assert facts(NUMBER, desired(), MEMORY) == Facts(
        NUMBER,
        pool=a_pool(NUMBER),
        campaign=a_campaign(),
        sighting=a_sighting(an_assignment()),
        operation=an_operation(),
        halt=a_halt(),
        looked_at=NOW,
    )


def test_a_strange_number_has_no_pool_and_no_campaign() -> None:
    assert facts(OTHER, desired(), MEMORY) == Facts(OTHER, None, None, None, None, halt=a_halt())


def test_of_a_pool_that_names_a_messaging_profile_its_readings_are_gathered_too() -> None:
    pool = a_pool(profile=PROFILE)
    memory = replace(
        MEMORY, lines={NUMBER: a_line()}, profiles={PROFILE: a_profile()}, rostered_at={PROFILE: NOW - HOUR}
    )

    gathered = facts(NUMBER, desired(pool), memory, NOW + HOUR)

    assert (gathered.line, gathered.profile, gathered.rostered_at) == (a_line(), a_profile(), NOW - HOUR)
    assert gathered.opens_at == NOW + HOUR


def test_a_pause_of_everything_is_one_of_its_facts() -> None:
    pause, other = Freeze("*", NOW, "a migration"), Freeze("acme", NOW, "of a pool, which nothing makes yet")

    assert facts(NUMBER, desired(), replace(MEMORY, freezes=(other, pause))).freeze == pause
    assert facts(NUMBER, desired(), replace(MEMORY, freezes=(other,))).freeze is None


def test_what_is_done_to_wake_its_campaign_is_gathered() -> None:
    memory = replace(MEMORY, dormancies={CAMPAIGN: a_dormancy(), FOREIGN: a_dormancy(campaign=FOREIGN)})

    assert facts(NUMBER, desired(), memory).dormancy == a_dormancy()
    assert facts(OTHER, desired(), memory).dormancy is None
    assert facts(NUMBER, desired(), MEMORY).dormancy is None


def test_of_other_profiles_nothing_is() -> None:
    memory = replace(MEMORY, profiles={PROFILE: a_profile()}, rostered_at={PROFILE: NOW})

    for wanted in (desired(), desired(a_pool(profile=OTHER_PROFILE)), desired(a_pool(OTHER, profile=PROFILE))):
        gathered = facts(NUMBER, wanted, memory)
        assert (gathered.profile, gathered.rostered_at) == (None, None)
