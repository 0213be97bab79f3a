"""What is known of one number comes from the config and the memory, and from nowhere else."""

from reconciler.decide.facts import facts
from reconciler.model.memory import Memory
from reconciler.model.standing import Facts
from tests.builders import (
    CAMPAIGN,
    NOW,
    NUMBER,
    OTHER,
    a_campaign,
    a_halt,
    a_pool,
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
