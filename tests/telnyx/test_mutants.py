"""Whatever Telnyx's own answers and events turn into on the way: read, or unreadable, and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from reconciler.model.errors import Fault
from reconciler.model.events import Event, Unusable
from reconciler.model.fleet import Campaign, Look
from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.model.lines import ByTags, Line, Profile, Roster, Selected
from reconciler.sandbox.announce import sign
from reconciler.telnyx.account import ask_line, ask_profile, ask_roster, ask_tagged
from reconciler.telnyx.answers import read_assignment, read_campaign
from reconciler.telnyx.campaigns import Directory, ask_campaign
from reconciler.telnyx.deliveries import Deliveries, ask_deliveries, read_delivery
from reconciler.telnyx.documents import ANSWER_BOUNDS, Json, Unreadable, canonical, read_document
from reconciler.telnyx.events import identify, parse_event
from reconciler.telnyx.faults import read_refusal
from reconciler.telnyx.lines import find_line, find_line_or_absence, read_changed, read_line, read_profile, read_tags
from reconciler.telnyx.pages import read_page
from reconciler.telnyx.signature import Keyring, Rejected, Verified
from tests.mutants import changed, torn
from tests.sandbox.stage import CAMPAIGN, HOOK, KEY, NUMBER, PATH, Telnyx
from tests.surroundings import seeded
from tests.telnyx.scripted import NOW, StoppedClock, asking

PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
ASKED = (CampaignId(CAMPAIGN), PhoneNumber(NUMBER))
READS = (
    f"{PATH}/%2B12025550123",
    PATH,
    f"/v2/10dlc/campaign/{CAMPAIGN}",
    "/v2/10dlc/partner_campaigns/C6X6M95",
    "/v2/10dlc/brand",
    "/v2/10dlc/campaign",
    f"/v2/messaging_profiles/{PROFILE}",
    "/v2/phone_numbers/messaging",
    "/v2/phone_numbers",
    "/v2/webhook_deliveries",
    "/v2/10dlc/campaign/nowhere",
)


def told() -> tuple[list[bytes], list[bytes]]:
    """What an account answers to each question that we ask, and the events that it sent before."""
    telnyx = Telnyx()
    telnyx.emulator.add_profile(PROFILE)
    telnyx.emulator.add_number("+12025550125", messaging_profile_id=PROFILE)
    telnyx.assign()
    events = []
    for seconds in range(0, 120, 10):
        for delivery in telnyx.wait(seconds):
            events.append(delivery.body)
            telnyx.emulator.delivered(delivery.id, 200, telnyx.now)
    telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", telnyx.now, dormant=True)
    telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_FAILED", telnyx.now)
    telnyx.emulator.approve(CAMPAIGN, telnyx.now)
    telnyx.emulator.emit("10dlc.brand.update", {"brandId": "b-1", "tcrBrandId": "B1"}, telnyx.now, url=HOOK)
    events += [delivery.body for delivery in telnyx.wait(1)]
    return [telnyx.ask("GET", path, brandId="another-brand").body for path in READS], events


ANSWERS, EVENTS = told()
DOCUMENTS: list[Json] = [json.loads(answer) for answer in ANSWERS]
TOLD: list[Json] = [json.loads(event) for event in EVENTS]
LISTED = [one.get("records", one.get("data")) for one in DOCUMENTS if isinstance(one, dict)]
ROWS: list[Json] = [row for rows in LISTED if isinstance(rows, list) for row in rows]

READERS: tuple[Callable[[Json], object], ...] = (
    read_assignment,
    lambda one: read_campaign(one, NOW, asked=ASKED[0], config_id=ASKED[0]),
    lambda one: read_page(one, NOW),
    lambda one: read_line(one, NOW),
    lambda one: read_profile(one, NOW, asked=PROFILE),
    read_tags,
    lambda one: read_changed(one, NOW, asked=ASKED[1]),
    lambda one: find_line(one, NOW, asked=ASKED[1]),
    lambda one: find_line_or_absence(one, NOW, asked=ASKED[1]),
    read_delivery,
)


def test_what_is_changed_was_right_before() -> None:
    assert all(isinstance(parse_event(event), Event) and not identify(event)[2] for event in EVENTS)
    assert len(EVENTS) > 3
    assert len(ROWS) > 10
    for reader in READERS:
        assert any(_reads(reader, one) for one in (*DOCUMENTS, *ROWS)), reader


def _reads(reader: Callable[[Json], object], document: Json) -> bool:
    try:
        reader(document)
    except Unreadable:
        return False
    return True


SEEDS = st.integers(0, 2**32 - 1)
"""Each changes every document in a way of its own: a seed finds more than a draw for each choice would in that time."""


@settings(max_examples=200)
@given(SEEDS)
def test_an_answer_that_is_no_longer_right_is_read_or_unreadable(seed: int) -> None:
    chance = seeded(seed)
    for one in DOCUMENTS + ROWS:
        body = json.dumps(changed(one, chance)).encode()
        note(body.decode())
        with suppress(Unreadable):
            document = read_document(body, ANSWER_BOUNDS)
            for reader in READERS:
                _reads(reader, document)
            assert read_document(canonical(document), ANSWER_BOUNDS) == document
        assert all(read_refusal(status, {}, body, NOW).detail for status in (400, 403, 429, 500))


@settings(max_examples=300)
@given(torn(ANSWERS))
def test_an_answer_that_was_torn_is_read_or_unreadable(body: bytes) -> None:
    with suppress(Unreadable):
        document = read_document(body, ANSWER_BOUNDS)
        for reader in READERS:
            _reads(reader, document)
    assert read_refusal(400, {}, body, NOW).detail


@given(SEEDS)
def test_a_look_ends_with_what_was_seen_or_with_a_fault(seed: int) -> None:
    """Lists, page by page, and what is looked up in them: whatever each answer is."""
    chance = seeded(seed)

    async def all_of_it(document: Json) -> None:
        ask = asking(document)
        look = Look(CampaignId("C6X6M95"))
        directory = Directory(StoppedClock())
        assert isinstance(await ask_campaign(ask, StoppedClock(), look, directory), Campaign | Fault)
        assert isinstance(await ask_profile(ask, StoppedClock(), PROFILE), Profile | Fault)
        assert isinstance(await ask_line(ask, ASKED[1]), Line | Fault)
        assert isinstance(await ask_deliveries(ask, NOW), Deliveries | Fault)
        roster, no_roster = await ask_roster(ask, PROFILE)
        assert isinstance(roster, Roster) is (no_roster is None)
        selected, no_selected = await ask_tagged(ask, ByTags(("sales",)))
        assert isinstance(selected, Selected) is (no_selected is None)

    with asyncio.Runner() as runner:
        for one in DOCUMENTS:
            body = json.dumps(changed(one, chance)).encode()
            note(body.decode())
            with suppress(Unreadable):
                runner.run(all_of_it(read_document(body, ANSWER_BOUNDS)))


@pytest.mark.covers("E05")
@settings(max_examples=200)
@given(SEEDS, torn(EVENTS))
def test_an_event_that_is_no_longer_right_is_an_event_or_unusable_and_has_an_identity(seed: int, cut: bytes) -> None:
    chance = seeded(seed)
    for body in (cut, *(json.dumps(changed(event, chance)).encode() for event in TOLD)):
        note(repr(body))
        read, (event_id, digest, flaw) = parse_event(body), identify(body)
        assert isinstance(read, Event | Unusable)
        assert len(event_id) <= 255
        assert len(digest) == 32
        assert not (event_id and flaw)
        assert identify(body) == (event_id, digest, flaw)


HEADERS = [(sign(KEY, body, NOW.timestamp()), body) for body in EVENTS[:2]]
RING = Keyring((Telnyx().emulator.public_key,))


@pytest.mark.covers("E06")
@given(st.sampled_from(HEADERS), st.data())
def test_a_delivery_of_which_anything_changed_is_rejected(
    whole: tuple[dict[str, str], bytes], data: st.DataObject
) -> None:
    headers, body = whole
    stamp, signature = (value.encode() for value in headers.values())
    shown = data.draw(st.lists(torn([signature, stamp]), max_size=2))
    stamps = data.draw(st.lists(torn([stamp, signature]), max_size=2))
    content = data.draw(torn([body]))

    found = RING.check(shown, stamps, content, NOW, timedelta(minutes=5))

    is_whole = (shown, stamps, content) == ([signature], [stamp], body)
    assert isinstance(found, Verified) is is_whole
    assert isinstance(found, Rejected) is not is_whole
