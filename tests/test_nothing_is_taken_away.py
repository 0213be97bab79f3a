"""Whatever becomes of the config, no number is taken off its campaign or moved: what is no longer wanted is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.model.errors import ConfigError
from reconciler.sandbox.emulator import Emulator
from tests.builders import CAMPAIGN, FOREIGN, HOUR, MINUTE, a_number
from tests.inline import HOOK, World, a_world

pytestmark = pytest.mark.anyio

LARGE = tuple(a_number(which) for which in range(20))
SMALL = tuple(a_number(which) for which in range(300, 303))
NOW_AND_THEN = "schedule: {drift_check: every 1h}"


def pool(name: str, campaign: str, numbers: Iterable[str], *more: str) -> str:
    """A pool as a person writes it."""
    listed = ", ".join(f"'{number}'" for number in numbers)
    lines = "".join(f"  {line}\n" for line in more)
    return f"- name: {name}\n  campaign: {campaign}\n  numbers: [{listed}]\n{lines}"


PROTECTED = f"protect: ['{SMALL[0]}']"
BEFORE = pool("large", CAMPAIGN, LARGE) + pool("small", FOREIGN, SMALL, PROTECTED)


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody, or some program, made of the config, and what is said of it."""

    after: str
    drift: dict[str, dict[str, int]]
    """Of each pool that there still is."""


CHANGES = {
    "cut to a tenth": Change(
        pool("large", CAMPAIGN, LARGE[:2]) + pool("small", FOREIGN, SMALL, PROTECTED),
        {"large": {"extra": 18}, "small": {}},
    ),
    "one of three": Change(
        pool("large", CAMPAIGN, LARGE) + pool("small", FOREIGN, SMALL[:2], PROTECTED),
        {"large": {}, "small": {"extra": 1}},
    ),
    "one of many": Change(
        pool("large", CAMPAIGN, LARGE[1:]) + pool("small", FOREIGN, SMALL, PROTECTED),
        {"large": {"extra": 1}, "small": {}},
    ),
    "a pool that is gone, protected numbers and all": Change(pool("large", CAMPAIGN, LARGE), {"large": {}}),
    "a pool that is allowed to be empty": Change(
        pool("large", CAMPAIGN, LARGE) + pool("small", FOREIGN, (), "policy: {allow_empty: true}"),
        {"large": {}, "small": {"extra": 3}},
    ),
    "pools of other names": Change(
        pool("great", CAMPAIGN, LARGE) + pool("little", FOREIGN, SMALL, PROTECTED), {"great": {}, "little": {}}
    ),
    "campaigns changed for each other": Change(
        pool("large", FOREIGN, LARGE) + pool("small", CAMPAIGN, SMALL, PROTECTED),
        {"large": {"conflict": 20}, "small": {"conflict": 3}},
    ),
}


def stage(emulator: Emulator) -> None:
    """Two approved campaigns and all the numbers."""
    for campaign in (CAMPAIGN, FOREIGN):
        emulator.add_campaign(campaign, status="MNO_PROVISIONED", webhook_url=HOOK)
    for number in (*LARGE, *SMALL):
        emulator.add_number(number)


async def drift_of(world: World) -> dict[str, dict[str, int]]:
    """What the status says of each pool."""
    return {one.name: one.drift for one in (await world.status()).pools}


@pytest.mark.covers("C02", "C03", "C06", "C07", "D01c", "F-68")
@pytest.mark.parametrize("change", CHANGES)
async def test_a_config_that_wants_less_takes_nothing_away_and_is_told_of(tmp_path: Path, change: str) -> None:
    after, drift = CHANGES[change].after, CHANGES[change].drift
    async with a_world(tmp_path, BEFORE, rest=NOW_AND_THEN, stage=stage) as world:
        await world.wait(5 * MINUTE)
        assert await drift_of(world) == {"large": {}, "small": {}}
        there, written = world.assigned(), writes(world)
        assert len(written) == len(there) == len(LARGE) + len(SMALL)

        await world.declare(after)
        await world.wait(2 * HOUR)
        await world.resync()
        await world.restart()
        await world.wait(5 * MINUTE)

        assert writes(world) == written
        assert world.assigned() == there
        assert await drift_of(world) == drift
        if any("conflict" in counts for counts in drift.values()):
            assert {alert for alert, _ in world.fired} == {"ConflictFound"}

        await world.declare(BEFORE)
        await world.wait(5 * MINUTE)

        assert writes(world) == written
        assert await drift_of(world) == {"large": {}, "small": {}}
        assert await world.phases("large") == {"Ready": len(LARGE)}


def writes(world: World) -> list[tuple[str, str, str]]:
    """Every request but reads that reached Telnyx."""
    return [(one.method, one.path, one.body) for one in world.emulator.journal() if one.method != "GET"]


TORN: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "half a file": lambda text: text[: len(text) * 2 // 3],
    "no pools": lambda text: text.partition("pools:")[0],
    "a pool that lost its numbers": lambda text: text.partition("pools:")[0] + "pools:\n" + pool("large", CAMPAIGN, ()),
    "a merge that was not finished": lambda text: text.replace("- name: large", "<<<<<<< ours\n- name: large"),
}


@pytest.mark.covers("C02")
@pytest.mark.parametrize("torn", TORN)
async def test_a_config_that_was_torn_is_refused_and_the_last_good_one_goes_on(tmp_path: Path, torn: str) -> None:
    async with a_world(tmp_path, pool("large", CAMPAIGN, SMALL), rest=NOW_AND_THEN, stage=stage) as world:
        await world.wait(5 * MINUTE)
        there, written = world.assigned(), writes(world)

        with pytest.raises(ConfigError):
            await world.reload(TORN[torn](world.config))
        await world.wait(2 * HOUR)

        assert (world.assigned(), writes(world)) == (there, written)
        assert await world.phases("large") == {"Ready": len(SMALL)}
