"""Every event that Telnyx publishes goes through the receiver, signed, over a socket, and has its defined effect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import telnyx

from reconciler import flow
from reconciler.app.world import SystemChance
from reconciler.model.events import Cause, EventState, Subject
from reconciler.model.fleet import Campaign, CampaignPhase
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Round
from reconciler.model.plan import Plan
from reconciler.model.pools import Desired
from reconciler.model.settings import Secret, TelnyxSettings
from reconciler.ports import Hands
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import parse_event
from reconciler.telnyx.limiter import Limiter
from tests.builders import a_pool, desired
from tests.web.edge import KEY, NOW, Edge, FixedClock, public, receiving, request, sign, stamp

pytestmark = pytest.mark.anyio

OURS, NUDGED, FLAT = (
    CampaignId("751c6a5c-907b-43a9-8ada-ba1dc8335b07"),
    CampaignId("C4D06C2F"),
    CampaignId("4b300178-131c-d902-d54e-72d90ba1620j"),
)
NUMBER = PhoneNumber("+16715455939")
ELSEWHERE = CampaignId("9c1f7c52-0d3e-4a51-8a34-5be0a7c0d001")
MANAGED = desired(
    a_pool(NUMBER, name="examples", campaign=OURS),
    a_pool(PhoneNumber("+12025550101"), name="flat", campaign=FLAT),
    a_pool(PhoneNumber("+12025550102"), name="nudged", campaign=ELSEWHERE),
)
KNOWN = Campaign(ELSEWHERE, CampaignPhase.APPROVED, NOW, tcr_id=NUDGED)
"""A campaign that the config names by Telnyx's id, and the nudge by TCR's."""

EFFECTS: dict[str, Subject | None] = {
    "10dlc.brand.update.ORDER_EXTERNAL_VETTING.success": None,
    "10dlc.brand.update.REGISTRATION.failed": None,
    "10dlc.brand.update.REVET.success": None,
    "10dlc.brand.update.TCR_BRAND_UPDATE.BRAND_ADD.success": None,
    "10dlc.campaign.update.CAMPAIGN_NUDGE": ELSEWHERE,
    "10dlc.campaign.update.MNO_REVIEW.REJECTED": OURS,
    "10dlc.campaign.update.NUMBER_POOL_DEPROVISIONED": OURS,
    "10dlc.campaign.update.NUMBER_POOL_PROVISIONED": OURS,
    "10dlc.campaign.update.REGISTRATION.failed": OURS,
    "10dlc.campaign.update.TCR_EVENT.CAMPAIGN_ADD": OURS,
    "10dlc.campaign.update.TELNYX_EVENT.DORMANT": OURS,
    "10dlc.campaign.update.TELNYX_REVIEW.ACCEPTED": OURS,
    "10dlc.campaign.update.VERIFIED": OURS,
    "10dlc.phone_number.update.ASSIGNMENT.success": NUMBER,
    "10dlc.phone_number.update.DELETION.success": NUMBER,
    "10dlc.phone_number.update.STATUS_UPDATE.ADDED": NUMBER,
    "openapi.campaignStatusUpdate.flat": FLAT,
    "support-article.TELNYX_EVENT.DORMANT.flat": None,
}
"""The subject that each published event makes us look at. None: it is kept, processed, and names nothing of ours."""


async def told(edge: Edge, body: bytes, managed: Desired = MANAGED) -> None:
    """Deliver a body as Telnyx does, and process it."""
    reply = await edge.ask(request(body))
    assert reply is not None
    assert (reply.status, reply.body) == (200, b"")
    clock, settings = FixedClock(), TelnyxSettings(Secret("KEY-unused"), (), base_url="http://127.0.0.1:9")
    async with TelnyxClient(settings, clock, Limiter(1)) as nobody:
        await flow.process_events(Hands(nobody, edge.inbox.store, clock, SystemChance(), parse_event), managed)


def test_each_published_event_has_a_defined_effect(shared: Path) -> None:
    files = (shared / "telnyx" / "examples").glob("webhook.*.json")

    assert {file.name.removeprefix("webhook.").removesuffix(".json") for file in files} == EFFECTS.keys()


@pytest.mark.parametrize("name", EFFECTS)
async def test_a_published_event_is_kept_processed_and_looked_at_once(shared: Path, name: str) -> None:
    body = (shared / "telnyx" / "examples" / f"webhook.{name}.json").read_bytes()
    subject = EFFECTS[name]
    nothing = Plan("r1", NOW, complete=True, actions=(), holds=(), unchanged=0, digest="")
    async with receiving() as edge:
        store = edge.inbox.store
        await store.reconciled(Round(NOW, NOW, (), nothing, campaigns=(KNOWN,)))

        await told(edge, body)
        await told(edge, body)

        (row,) = await edge.rows()
        assert (row.state, row.body, row.duplicates) == (EventState.PROCESSED, body, 1)
        due = await store.due_triggers(NOW, 10)
        assert [(one.subject, one.cause) for one in due] == ([] if subject is None else [(subject, Cause.EVENT)])


async def test_a_redelivery_counts_as_the_same_event_whatever_its_attempt(shared: Path) -> None:
    event = json.loads((shared / "telnyx" / "examples" / "webhook.10dlc.campaign.update.VERIFIED.json").read_bytes())
    async with receiving() as edge:
        for attempt in (1, 2, 3):
            event["meta"]["attempt"] = attempt
            await told(edge, json.dumps(event).encode())

        assert [row.duplicates for row in await edge.rows()] == [2]


def test_what_our_verifier_accepts_the_sdk_accepts(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same key, the same bytes: PyNaCl signs, and Telnyx's own verifier agrees with ours."""
    monkeypatch.setattr("time.time", NOW.timestamp)
    with telnyx.Telnyx(api_key="unused", public_key=public(KEY)) as client:
        for file in sorted((shared / "telnyx" / "examples").glob("webhook.*.json")):
            body = file.read_bytes()
            headers = {"telnyx-timestamp": stamp().decode(), "telnyx-signature-ed25519": sign(body).decode()}
            client.webhooks.unwrap(body.decode(), headers=headers)
            with pytest.raises(Exception, match=r"(?i)signature"):
                client.webhooks.unwrap(body.decode() + " ", headers=headers)
