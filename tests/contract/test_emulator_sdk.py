"""Telnyx's own SDK works with the emulator as it is, and its verifier accepts what the emulator signs."""

import time
from collections.abc import AsyncIterator

import anyio.to_thread
import pytest
import telnyx

from reconciler.sandbox.announce import sign
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.wire import serving
from tests.sandbox.stage import CAMPAIGN, HOOK, KEY, NUMBER, OTHER_CAMPAIGN, OTHER_NUMBER

pytestmark = pytest.mark.anyio

INSTANTLY = Behaviour(assignment_seconds=0, carrier_seconds=0, removal_seconds=0)


@pytest.fixture
def emulator() -> Emulator:
    emulator = Emulator(INSTANTLY, KEY)
    for campaign in (CAMPAIGN, OTHER_CAMPAIGN):
        emulator.add_campaign(campaign, status="MNO_PROVISIONED")
    for number in (NUMBER, OTHER_NUMBER):
        emulator.add_number(number)
    return emulator


@pytest.fixture
async def sdk(emulator: Emulator) -> AsyncIterator[telnyx.Telnyx]:
    """The synchronous client, to be called in a thread. It would repeat POSTs by itself if it were let."""
    async with serving(emulator) as line:
        with telnyx.Telnyx(
            api_key="KEY-sandbox", base_url=line.base_url, public_key=emulator.public_key, max_retries=0
        ) as client:
            yield client


async def test_a_number_is_assigned_read_listed_moved_and_removed(sdk: telnyx.Telnyx) -> None:
    def work() -> None:
        numbers = sdk.messaging_10dlc.phone_number_campaigns
        created = numbers.create(phone_number=NUMBER, campaign_id=CAMPAIGN)
        assert (created.assignment_status, created.campaign_id) == ("PENDING_ASSIGNMENT", CAMPAIGN)

        read = numbers.retrieve(NUMBER)
        assert (read.assignment_status, read.tmobile_number_mapping_status) == ("ASSIGNED", "ADDED")
        assert (read.telnyx_campaign_id, read.failure_reasons) == (CAMPAIGN, None)

        numbers.create(phone_number=OTHER_NUMBER, campaign_id=OTHER_CAMPAIGN)
        assert [one.phone_number for one in numbers.list(sort="phoneNumber", records_per_page=1)] == [
            NUMBER,
            OTHER_NUMBER,
        ]
        assert [one.phone_number for one in numbers.list(filter={"telnyx_campaign_id": CAMPAIGN})] == [NUMBER]

        moved = numbers.update(NUMBER, phone_number=NUMBER, campaign_id=OTHER_CAMPAIGN)
        assert moved.campaign_id == OTHER_CAMPAIGN

        assert numbers.delete(NUMBER).assignment_status == "PENDING_UNASSIGNMENT"
        with pytest.raises(telnyx.NotFoundError):
            numbers.retrieve(NUMBER)

    await anyio.to_thread.run_sync(work)


async def test_campaigns_and_brands_are_read(emulator: Emulator, sdk: telnyx.Telnyx) -> None:
    emulator.add_campaign("C6X6M95", status="MNO_PROVISIONED", shared=True)

    def work() -> None:
        brands = [brand.brand_id for brand in sdk.messaging_10dlc.brand.list()]
        assert brands[0]
        campaigns = sdk.messaging_10dlc.campaign.list(brand_id=brands[0])
        assert {one.campaign_id for one in campaigns} == {CAMPAIGN, OTHER_CAMPAIGN}

        campaign = sdk.messaging_10dlc.campaign.retrieve(CAMPAIGN)
        assert (campaign.campaign_status, campaign.status) == ("MNO_PROVISIONED", "ACTIVE")
        assert sdk.messaging_10dlc.partner_campaigns.retrieve("C6X6M95").tcr_campaign_id == "C6X6M95"

    await anyio.to_thread.run_sync(work)


async def test_refusals_are_the_sdks_own_errors(emulator: Emulator, sdk: telnyx.Telnyx) -> None:
    emulator.set_campaign_status(CAMPAIGN, "MNO_PENDING", now=0)

    def work() -> None:
        numbers = sdk.messaging_10dlc.phone_number_campaigns
        with pytest.raises(telnyx.BadRequestError, match="10036"):
            numbers.create(phone_number=NUMBER, campaign_id=CAMPAIGN)
        with pytest.raises(telnyx.AuthenticationError, match="10009"):
            sdk.with_options(api_key="wrong").messaging_10dlc.brand.list()

    await anyio.to_thread.run_sync(work)
    assert emulator.posts(NUMBER) == 1


def test_its_verifier_accepts_our_signatures_and_no_others() -> None:
    emulator = Emulator(INSTANTLY, KEY)
    emulator.add_campaign(CAMPAIGN, webhook_url=HOOK)
    now = time.time()
    emulator.approve(CAMPAIGN, now)
    with telnyx.Telnyx(api_key="unused", public_key=emulator.public_key) as client:
        for delivery in emulator.tick(now):
            client.webhooks.unwrap(delivery.body.decode(), headers=delivery.headers)

        # Which class it raises depends on whether telnyx.lib has been imported: only the words are the same.
        body = b'{"data":{"event_type":"10dlc.campaign.update"}}'
        with pytest.raises(Exception, match=r"(?i)too old"):
            client.webhooks.unwrap(body.decode(), headers=sign(KEY, body, now - 301))
        with pytest.raises(Exception, match=r"(?i)signature"):
            client.webhooks.unwrap(body.decode() + " ", headers=sign(KEY, body, now))
        with pytest.raises(Exception, match=r"(?i)signature"):
            client.webhooks.unwrap(body.decode(), headers=sign(bytes(32), body, now))
