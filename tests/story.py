"""A story of one day at Telnyx, told to the service, and how it ends: for tests of what must not change the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from reconciler.model.alerts import Condition
from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.emulator import Emulator
from tests.builders import PROFILE, a_number
from tests.inline import HOOK, World

APPROVED_LATER, APPEALED, APPROVED, SUSPENDED, FOREIGN = (f"4b30019f-a9df-e17b-3529-70677db27e{n:02}" for n in range(5))
WANTED = {
    APPROVED_LATER: tuple(map(a_number, range(10, 14))),
    APPEALED: tuple(map(a_number, range(20, 22))),
    APPROVED: tuple(map(a_number, range(30, 37))),
    SUSPENDED: tuple(map(a_number, range(40, 42))),
}
TAKEN_OFF, TAKEN_OFF_IN_SILENCE = WANTED[APPROVED_LATER][:2]
FAILS_ONCE, FAILS_FOR_EVER, REFUSED_BY_A_CARRIER, MOVED_AWAY, MOVED_TO_A_BROTHER, UNPROFILED, _ = WANTED[APPROVED]
POOLS = "".join(
    f"""
- name: pool-{at}
  campaign: {campaign}
  messaging_profile: {PROFILE}
  numbers: [{", ".join(f"'{number}'" for number in numbers)}]
"""
    for at, (campaign, numbers) in enumerate(WANTED.items())
)
RARELY = "schedule: {drift_check: every 1h}"
Happens = Callable[[Emulator, float], None]


def at_first(emulator: Emulator) -> None:
    """The account before the service starts."""
    for campaign in (APPROVED_LATER, APPEALED):
        emulator.add_campaign(campaign, status="MNO_PENDING", webhook_url=HOOK)
    for campaign in (APPROVED, SUSPENDED, FOREIGN):
        emulator.add_campaign(campaign, status="MNO_PROVISIONED", webhook_url=HOOK)
    emulator.add_profile(PROFILE)
    for number in (number for numbers in WANTED.values() for number in numbers):
        emulator.add_number(number, messaging_profile_id=None if number == UNPROFILED else PROFILE)
    emulator.fail_next(FAILS_ONCE, reason="once")
    emulator.fail_next(FAILS_FOR_EVER, reason="for ever", times=None)
    emulator.fail_next(REFUSED_BY_A_CARRIER, "carrier", reason="no")


STORY: tuple[tuple[timedelta, Happens], ...] = (
    (timedelta(minutes=5), lambda telnyx, now: telnyx.approve(APPROVED_LATER, now)),
    (timedelta(minutes=2), lambda telnyx, now: telnyx.set_campaign_status(APPEALED, "MNO_REJECTED", now, reason="no")),
    (timedelta(minutes=73), lambda telnyx, now: telnyx.remove_by_hand(TAKEN_OFF, now, announce=True)),
    (timedelta(minutes=1), lambda telnyx, now: telnyx.remove_by_hand(TAKEN_OFF_IN_SILENCE, now)),
    (timedelta(minutes=9), lambda telnyx, now: telnyx.assign_by_hand(MOVED_AWAY, FOREIGN, now)),
    (timedelta(minutes=1), lambda telnyx, now: telnyx.assign_by_hand(MOVED_TO_A_BROTHER, APPROVED_LATER, now)),
    (timedelta(hours=1), lambda telnyx, now: telnyx.set_campaign_status(APPEALED, "MNO_PENDING", now)),
    (timedelta(hours=1), lambda telnyx, now: telnyx.approve(APPEALED, now)),
    (timedelta(hours=1), lambda telnyx, now: telnyx.set_campaign_status(SUSPENDED, "TCR_SUSPENDED", now)),
    (timedelta(seconds=3), lambda telnyx, now: telnyx.emit("10dlc.phone_number.update", lie(), now, url=HOOK)),
    (timedelta(hours=1), lambda telnyx, now: telnyx.emit("10dlc.new.thing", {"campaignId": APPROVED}, now)),
)
"""What happens, each so long after the one before."""
THE_END = timedelta(hours=6)
"""After the last: every webhook has arrived, and no slow try of what fails for ever is near."""


def lie() -> dict[str, object]:
    """A signed event that is not true."""
    number = WANTED[APPROVED_LATER][2]
    return {"campaignId": APPROVED_LATER, "phoneNumber": number, "type": "ASSIGNMENT", "status": "failed"}


@dataclass(frozen=True, slots=True)
class End:
    """How a world ends: at Telnyx, and in what we say of it."""

    assignments: dict[str, tuple[str, AssignmentStatus]]
    profiles: dict[str, str | None]
    standings: dict[str, tuple[str, str]]
    firing: tuple[Condition, ...]
    """Of the pools. What is said of webhooks themselves depends on them."""


async def end_of(world: World) -> End:
    """What there is to compare."""
    told = {number: await world.explain(number) for numbers in WANTED.values() for number in numbers}
    return End(
        world.assigned(),
        {number: one.messaging_profile_id for number, one in world.emulator.numbers().items()},
        {number: (one.phase, one.reason) for number, one in told.items()},
        tuple(one for one in await world.alerts() if one.pool),
    )


async def play(world: World) -> End:
    """The whole story."""
    for wait, happens in STORY:
        await world.wait(wait)
        happens(world.emulator, world.seconds)
    await world.wait(THE_END)
    return await end_of(world)


def needless_writes(world: World) -> Iterator[str]:
    """Every write that Telnyx refused, because the number was not absent or its campaign not approved."""
    return (f"{one.path} {one.body}" for one in world.emulator.journal() if one.method != "GET" and one.status != 200)
