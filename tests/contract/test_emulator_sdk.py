"""Telnyx's own SDK works with the emulator as it is, and its verifier accepts what the emulator signs."""

import time
from collections.abc import AsyncIterator

import anyio.to_thread
import pytest
import telnyx
from telnyx.types import NumberPoolSettingsParam
from telnyx.types.messaging_10dlc import PhoneNumberCampaign
from telnyx.types.phone_number_list_params import Filter

from reconciler.app.world import SystemClock
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import Line
from reconciler.model.operations import Urgency
from reconciler.model.plan import Assign
from reconciler.model.settings import Secret, TelnyxSettings
from reconciler.model.verdicts import Accepted, Told
from reconciler.sandbox.announce import sign
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.holdings import PROFILE
from reconciler.sandbox.wire import serving
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.limiter import Limiter
from tests.sandbox.stage import CAMPAIGN, HOOK, KEY, NUMBER, OTHER_CAMPAIGN, OTHER_NUMBER

pytestmark = pytest.mark.anyio

SPARE = "b1a2c3d4-0000-4000-8000-000000000001"
INSTANTLY = Behaviour(assignment_seconds=0, carrier_seconds=0, removal_seconds=0)


@pytest.fixture
def emulator() -> Emulator:
    emulator = Emulator(INSTANTLY, KEY)
    for campaign in (CAMPAIGN, OTHER_CAMPAIGN):
        emulator.add_campaign(campaign, status="MNO_PROVISIONED")
    for place, number in enumerate((NUMBER, OTHER_NUMBER)):
        emulator.add_number(number, tags=("gold", "west")[: place + 1], now=place)
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


async def test_the_legacy_path_gives_what_the_sdk_reads(sdk: telnyx.Telnyx) -> None:
    def work() -> None:
        wish = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}
        created = sdk.post("/10dlc/phoneNumberCampaign", body=wish, cast_to=PhoneNumberCampaign)
        assert (created.phone_number, created.assignment_status) == (NUMBER, "PENDING_ASSIGNMENT")
        read = sdk.get(f"/10dlc/phoneNumberCampaign/{NUMBER}", cast_to=PhoneNumberCampaign)
        assert (read.assignment_status, read.tmobile_number_mapping_status) == ("ASSIGNED", "ADDED")
        sdk.delete(f"/10dlc/phoneNumberCampaign/{NUMBER}", cast_to=PhoneNumberCampaign)
        with pytest.raises(telnyx.NotFoundError):
            sdk.get(f"/10dlc/phoneNumberCampaign/{NUMBER}", cast_to=PhoneNumberCampaign)

    await anyio.to_thread.run_sync(work)


async def test_all_numbers_of_a_profile_are_assigned_as_a_task(sdk: telnyx.Telnyx) -> None:
    def work() -> None:
        bulk = sdk.messaging_10dlc.phone_number_assignment_by_profile
        begun = bulk.assign(messaging_profile_id=PROFILE, campaign_id=CAMPAIGN)
        assert (begun.campaign_id, begun.messaging_profile_id) == (CAMPAIGN, PROFILE)
        assert bulk.retrieve_status(begun.task_id).status == "completed"
        statuses = bulk.list_phone_number_status(begun.task_id).records
        assert [(one.phone_number, one.status) for one in statuses] == [
            (NUMBER, "completed"),
            (OTHER_NUMBER, "completed"),
        ]

    await anyio.to_thread.run_sync(work)


async def test_numbers_are_listed_read_and_tagged(emulator: Emulator, sdk: telnyx.Telnyx) -> None:
    emulator.add_number("+18005550111", phone_number_type="toll_free", country="CA", status="port-pending")

    def found(wanted: Filter) -> list[str | None]:
        return [one.phone_number for one in sdk.phone_numbers.list(filter=wanted, page_size=1, sort="phone_number")]

    def work() -> None:
        assert found({}) == [NUMBER, OTHER_NUMBER, "+18005550111"]
        assert found({"tag": "west"}) == [OTHER_NUMBER]
        assert found({"status": "active", "country_iso_alpha2": "US"}) == [NUMBER, OTHER_NUMBER]
        assert found({"phone_number": "0123"}) == [NUMBER]
        assert found({"number_type": {"eq": "toll_free"}}) == ["+18005550111"]

        one = sdk.phone_numbers.retrieve(emulator.numbers()[NUMBER].number_id).data
        assert one is not None
        assert (one.phone_number, one.tags, one.messaging_profile_id) == (NUMBER, ["gold"], PROFILE)
        changed = sdk.phone_numbers.update(one.id, tags=["east"]).data
        assert changed is not None
        assert changed.tags == ["east"]

    await anyio.to_thread.run_sync(work)


async def test_numbers_change_their_messaging_profile(emulator: Emulator, sdk: telnyx.Telnyx) -> None:
    emulator.add_profile(SPARE, name="Spare")
    number_id = emulator.numbers()[NUMBER].number_id

    def on(profile: str) -> list[str | None]:
        settings = sdk.phone_numbers.messaging
        listed = [
            one.phone_number
            for one in settings.list(filter_messaging_profile_id=profile, page_size=1, sort_phone_number="asc")
        ]
        assert [one.phone_number for one in sdk.messaging_profiles.list_phone_numbers(profile)] == listed[::-1]
        return listed

    def work() -> None:
        settings = sdk.phone_numbers.messaging
        assert (on(PROFILE), on(SPARE)) == ([NUMBER, OTHER_NUMBER], [])
        settings.update(number_id, messaging_profile_id=SPARE)
        assert (on(PROFILE), on(SPARE)) == ([OTHER_NUMBER], [NUMBER])
        one = settings.retrieve(NUMBER).data
        assert one is not None
        assert (one.messaging_profile_id, one.type) == (SPARE, "longcode")
        settings.update(number_id, messaging_profile_id="")
        assert (on(PROFILE), on(SPARE)) == ([OTHER_NUMBER], [])
        assert [one.phone_number for one in settings.list(filter_phone_number=NUMBER)] == [NUMBER]
        assert [one.phone_number for one in settings.list(filter_phone_number_contains="0124")] == [OTHER_NUMBER]
        assert list(settings.list(filter_type="tollfree")) == []
        with pytest.raises(telnyx.BadRequestError):
            settings.update(number_id, messaging_profile_id="no-such")

    await anyio.to_thread.run_sync(work)


async def test_messaging_profiles_are_listed_read_and_changed(emulator: Emulator, sdk: telnyx.Telnyx) -> None:
    emulator.add_profile(SPARE, name="Spare", now=1)

    def work() -> None:
        profiles = sdk.messaging_profiles
        assert [one.name for one in profiles.list(page_size=1)] == ["Spare", "Sandbox profile"]
        assert [one.id for one in profiles.list(filter_name_contains="box")] == [PROFILE]
        pool: NumberPoolSettingsParam = {"toll_free_weight": 0, "long_code_weight": 1, "skip_unhealthy": True}
        profiles.update(SPARE, number_pool_settings=pool)
        one = profiles.retrieve(SPARE).data
        assert one is not None
        assert one.number_pool_settings is not None
        assert (one.number_pool_settings.long_code_weight, one.number_pool_settings.geomatch) == (1, False)
        assert one.v1_secret

    await anyio.to_thread.run_sync(work)


async def test_webhook_deliveries_are_listed_and_read(emulator: Emulator, sdk: telnyx.Telnyx) -> None:
    now = time.time()
    for status in (200, 503):
        emulator.emit("10dlc.campaign.update", {"campaignId": CAMPAIGN, "answer": status}, now, url=HOOK)
        for delivery in emulator.tick(now):
            emulator.delivered(delivery.id, status, now)

    def work() -> None:
        kept = list(sdk.webhook_deliveries.list(page_size=1))
        assert [one.status for one in kept] == ["failed", "delivered"]
        (failed,) = sdk.webhook_deliveries.list(
            filter={"status": {"eq": "failed"}, "event_type": "10dlc.campaign.update"}
        )
        assert failed == kept[0]
        assert failed.attempts is not None
        assert failed.webhook is not None
        assert (failed.attempts[0].errors, failed.webhook.payload) == ([75599], {"campaignId": CAMPAIGN, "answer": 503})
        assert sdk.webhook_deliveries.retrieve(str(failed.id)).data == failed

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
        assert sdk.messaging_10dlc.campaign.get_operation_status(CAMPAIGN)["10017"] == "APPROVED"
        assert sdk.messaging_10dlc.campaign.get_mno_metadata(CAMPAIGN).model_extra
        assert sdk.messaging_10dlc.partner_campaigns.retrieve("C6X6M95").tcr_campaign_id == "C6X6M95"
        assert [one.tcr_campaign_id for one in sdk.messaging_10dlc.partner_campaigns.list()] == ["C6X6M95"]

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


async def test_it_reads_what_our_client_wrote(emulator: Emulator) -> None:
    profile = ProfileId("4001a1b2-0d3e-4a51-8a34-5be0a7c0d0b7")
    emulator.add_profile(profile)
    emulator.put_on_profile(NUMBER, None)
    number, pool, campaign = PhoneNumber(NUMBER), PoolName("acme"), CampaignId(CAMPAIGN)
    async with serving(emulator) as line:
        settings = TelnyxSettings(Secret("KEY-sandbox"), (), base_url=line.base_url)
        async with TelnyxClient(settings, SystemClock(), Limiter(1000, burst=100)) as ours:
            async with ours.turn(Urgency.EVENT) as turn:
                found = await turn.read(number)
            assert isinstance(found, Line)
            async with ours.turn(Urgency.EVENT) as turn:
                assert isinstance(await turn.attach(found, profile), Told)
            async with ours.turn(Urgency.EVENT) as turn:
                assert isinstance(await turn.act(Assign(number, pool, campaign)), Accepted)

        def read() -> tuple[str | None, str | None, str | None]:
            with telnyx.Telnyx(api_key="KEY-sandbox", base_url=line.base_url, max_retries=0) as sdk:
                assigned = sdk.messaging_10dlc.phone_number_campaigns.retrieve(NUMBER)
                settings = sdk.phone_numbers.messaging.retrieve(found.id).data
                assert settings is not None
                return assigned.campaign_id, assigned.assignment_status, settings.messaging_profile_id

        assert await anyio.to_thread.run_sync(read) == (CAMPAIGN, "ASSIGNED", profile)
