"""No webhook comes at all: an outage of the receiver, of the network, of a day. Looking everywhere finds the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model.alerts import AlertName, Severity
from reconciler.sandbox.announce import Outbox
from reconciler.sandbox.behaviour import Behaviour
from tests import post
from tests.builders import CAMPAIGN, HOUR, MINUTE, SECOND, a_number
from tests.inline import World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(map(a_number, range(10)))
CHECK = HOUR
SETTLED = 2 * MINUTE
"""What Telnyx and the carriers take, and what our own next look waits for."""
OFTEN = "schedule: {drift_check: every 1h}"
LATER = Behaviour(assignment_seconds=20, carrier_seconds=20)


async def all_ready(world: World) -> bool:
    """Whether every number is Ready."""
    return await world.phases() == {"Ready": len(NUMBERS)}


@pytest.mark.covers("F-58", "E02")
async def test_a_day_without_a_webhook_is_a_day_of_polling(tmp_path: Path) -> None:
    """The approval, and what people do in the portal, is found within one check and what Telnyx itself takes."""
    stage = account_of(NUMBERS, "MNO_PENDING")
    async with a_world(tmp_path, pool_of(NUMBERS), rest=OFTEN, behaviour=LATER, stage=stage) as world:
        world.post.way = post.none
        await world.wait(HOUR)

        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.until(lambda: all_ready(world), CHECK + SETTLED)
        await world.wait(11 * HOUR)
        world.emulator.remove_by_hand(NUMBERS[0], world.seconds)
        await world.wait(SECOND)
        await world.until(lambda: all_ready(world), CHECK + SETTLED)
        await world.wait(12 * HOUR)

        assert await all_ready(world)
        assert [world.emulator.posts(number) for number in NUMBERS] == [2, *[1] * 9]
        silent = [one for one in await world.alerts() if one.alert.value == "WebhooksSilent"]
        assert [one.level for one in silent] == [Severity.WARNING]  # it pages nobody
        assert {alert for alert, _ in world.fired} == {"WebhooksSilent"}


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        pytest.param(b"another key".ljust(32), "mismatch", marks=pytest.mark.covers("F-62")),
        pytest.param(None, "missing_signature", marks=pytest.mark.covers("F-63")),
    ],
    ids=["Telnyx signs with another key", "Telnyx does not sign"],
)
async def test_what_cannot_be_verified_is_refused_and_told_of_and_looking_goes_on(
    tmp_path: Path, key: bytes | None, reason: str
) -> None:
    """Two events are ten refusals within two minutes: Telnyx tries each five times."""
    stage = account_of(NUMBERS, "MNO_PENDING")
    async with a_world(tmp_path, pool_of(NUMBERS), rest=OFTEN, behaviour=LATER, stage=stage) as world:
        world.post.key = key
        await world.wait(10 * MINUTE)

        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.wait(2 * MINUTE + SECOND)

        assert world.post.answers == [401] * 10
        told = [one for one in await world.alerts() if one.alert is AlertName.WEBHOOK_SIGNATURE_FAILURES]
        assert [(one.reason, one.level) for one in told] == [(reason, Severity.WARNING)]
        assert await world.store.unread_events(10) == ()
        assert (await world.status()).webhooks.last_received_at is None
        assert world.posts() == []

        await world.until(lambda: all_ready(world), CHECK + SETTLED)

        assert set(world.post.answers) == {401}
        assert [world.emulator.posts(number) for number in NUMBERS] == [1] * len(NUMBERS)


@pytest.mark.covers("F-62")
async def test_with_both_keys_in_the_config_webhooks_are_taken_again_and_the_alert_ends(tmp_path: Path) -> None:
    new = b"another key".ljust(32)
    async with a_world(tmp_path, pool_of(NUMBERS), rest=OFTEN, stage=account_of(NUMBERS, "MNO_PENDING")) as world:
        world.post.key = new
        world.emulator.set_campaign_status(CAMPAIGN, "MNO_ACCEPTED", world.seconds)
        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.wait(2 * MINUTE + SECOND)
        assert (AlertName.WEBHOOK_SIGNATURE_FAILURES.value, "") in world.fired

        both = f"[{world.emulator.public_key}, {Outbox(new, attempts=5, retry_seconds=30).public_key}]"
        await world.reload(world.config.replace(world.emulator.public_key, both))
        await world.restart()
        world.emulator.remove_by_hand(NUMBERS[0], world.seconds, announce=True)
        await world.wait(40 * MINUTE)

        assert world.post.answers[-1] == 200
        assert await world.alerts() == ()
        assert await all_ready(world)
