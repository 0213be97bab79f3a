"""The emulator's answers and events look like the ones that Telnyx publishes and that were seen in the field."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.holdings import PROFILE
from reconciler.sandbox.oddities import Oddities
from tests.sandbox.stage import (
    CAMPAIGN,
    HOOK,
    NUMBER,
    OTHER_CAMPAIGN,
    OTHER_NUMBER,
    PATH,
    SHARED_CAMPAIGN,
    Json,
    Telnyx,
    content,
)

BULK_PATH = "/v2/10dlc/phoneNumberAssignmentByProfile"


def account(oddities: Oddities | None = None) -> Telnyx:
    telnyx = Telnyx(Behaviour(assignment_seconds=1, carrier_seconds=1))
    telnyx.emulator.oddities = oddities or Oddities()
    return telnyx


def get(path: str) -> Json:
    return content(account().ask("GET", path))


def item(path: str) -> Json:
    data: Json = get(path)["data"]
    return data


def assigned() -> Json:
    telnyx = account()
    telnyx.assign()
    telnyx.wait(2)
    return content(telnyx.read())


def moved_in_vain() -> Json:
    """`failureReasons` is there when a move has failed; the published answer has a placeholder for it."""
    telnyx = account()
    telnyx.assign()
    telnyx.emulator.fail_next(NUMBER)
    telnyx.ask("PUT", f"{PATH}/{NUMBER}", {"phoneNumber": NUMBER, "campaignId": OTHER_CAMPAIGN})
    telnyx.wait(1)
    return content(telnyx.read())


def request_taken() -> Json:
    telnyx = account()
    telnyx.assign()
    wish: Json = json.loads(telnyx.emulator.journal()[-1].body)
    assert telnyx.read().status == 200
    return wish


def refused_too_early() -> Json:
    telnyx = account()
    telnyx.emulator.set_campaign_status(CAMPAIGN, "MNO_PENDING", telnyx.now)
    return content(telnyx.assign())


def too_many() -> Json:
    telnyx = Telnyx(Behaviour(rate_per_second=1))
    telnyx.read()
    return content(telnyx.read())


def refused_by_some_carriers() -> Json:
    telnyx = account(Oddities(att_mapping_status="FAILED"))
    words = "Longcode cannot be added/deleted as it is already associated with another campaign."
    telnyx.emulator.fail_next(NUMBER, "carrier", reason=words)
    telnyx.assign()
    telnyx.wait(2)
    return content(telnyx.read())


def pending_with_some_carriers() -> Json:
    telnyx = account(Oddities(mapping_status="ADDED"))
    return content(telnyx.assign())


def profile_with_a_pool() -> Json:
    telnyx = account()
    pool = {"toll_free_weight": 10, "long_code_weight": 2, "skip_unhealthy": False}
    telnyx.emulator.add_profile(PROFILE, number_pool_settings=pool)
    profile: Json = content(telnyx.ask("GET", f"/v2/messaging_profiles/{PROFILE}"))["data"]
    return profile


def bulk_begun() -> Json:
    begun = content(account().ask("POST", BULK_PATH, {"messagingProfileId": PROFILE, "campaignId": CAMPAIGN}))
    shared = {"messagingProfileId": PROFILE, "tcrCampaignId": SHARED_CAMPAIGN}
    return begun | content(account().ask("POST", BULK_PATH, shared))  # never both in one answer, as in one request


def bulk_number() -> Json:
    telnyx = account()
    begun = content(telnyx.ask("POST", BULK_PATH, {"messagingProfileId": PROFILE, "campaignId": CAMPAIGN}))
    number: Json = content(telnyx.ask("GET", f"{BULK_PATH}/{begun['taskId']}/phoneNumbers"))["records"][0]
    return number


def delivery() -> Json:
    telnyx = account()
    told = {"campaignId": CAMPAIGN, "useful": "information"}
    telnyx.emulator.emit("10dlc.campaign.update", told, telnyx.now)
    for status in (404, 200):
        for sent in telnyx.wait(31):
            telnyx.emulator.delivered(sent.id, status, telnyx.now)
    one: Json = content(telnyx.ask("GET", "/v2/webhook_deliveries"))["data"][0]
    return one


def event(kind: str, flat_events: tuple[str, ...] = ()) -> Json:
    """The event of this kind, as the emulator tells it by itself."""
    return next(told for told in events_told(flat_events) if kind == named(told))


def named(told: Json) -> str:
    payload = told.get("data", {}).get("payload", told)
    words = (payload["type"], payload.get("eventType"), payload.get("status"))
    return ".".join(word for word in words if word)


def events_told(flat_events: tuple[str, ...]) -> Iterator[Json]:
    telnyx = account(Oddities(flat_events=flat_events))
    telnyx.assign()
    told = telnyx.wait(10)
    telnyx.ask("DELETE", f"{PATH}/{NUMBER}")
    told += telnyx.wait(10)
    for status in ("TCR_ACCEPTED", "TCR_FAILED", "MNO_PENDING", "MNO_REJECTED", "MNO_PROVISIONED", "TCR_SUSPENDED"):
        telnyx.emulator.set_campaign_status(CAMPAIGN, status, telnyx.now, dormant=status == "TCR_SUSPENDED")
    for on in (True, False):
        telnyx.emulator.set_number_pooling(CAMPAIGN, telnyx.now, on=on)
    for sent in [*told, *telnyx.wait(0)]:
        assert sent.url == HOOK
        yield json.loads(sent.body)


CAMPAIGN_EVENTS: Final = (
    "MNO_REVIEW.REJECTED",
    "NUMBER_POOL_DEPROVISIONED",
    "NUMBER_POOL_PROVISIONED",
    "REGISTRATION.failed",
    "TCR_EVENT.CAMPAIGN_ADD",
    "TELNYX_EVENT.DORMANT",
    "TELNYX_REVIEW.ACCEPTED",
    "VERIFIED",
)
NUMBER_EVENTS: Final = ("ASSIGNMENT.success", "DELETION.success", "STATUS_UPDATE.ADDED")

ANSWERS: Final[dict[str, Callable[[], Json]]] = {
    "field-observed/error.400.10036.campaign-not-approved.json": refused_too_early,
    "field-observed/phone_number_campaign.partial-carrier-failure.json": refused_by_some_carriers,
    "field-observed/phone_number_campaign.pending.json": pending_with_some_carriers,
    "http.campaign.item.json": lambda: get(f"/v2/10dlc/campaign/{CAMPAIGN}"),
    "http.campaign.operationStatus.json": lambda: get(f"/v2/10dlc/campaign/{CAMPAIGN}/operationStatus"),
    "http.error.429.10011.json": too_many,
    "http.messaging_profile.item.json": profile_with_a_pool,
    "http.partner_campaign.item.json": lambda: get(f"/v2/10dlc/partner_campaigns/{SHARED_CAMPAIGN}"),
    "http.phoneNumberAssignmentByProfile.phoneNumbers.item.json": bulk_number,
    "http.phoneNumberAssignmentByProfile.response.json": bulk_begun,
    "http.phone_number.item.json": lambda: item(f"/v2/phone_numbers/{NUMBER}"),
    "http.phone_number_campaigns.create.request.json": request_taken,
    "http.phone_number_campaigns.item.json": assigned,
    "http.phone_number_campaigns.put.response.json": moved_in_vain,
    "http.phone_number_messaging.item.json": lambda: item(f"/v2/phone_numbers/{OTHER_NUMBER}/messaging"),
    "http.webhook_delivery.item.json": delivery,
}
"""What the emulator answers; it may say more than the example."""
EVENTS: Final[dict[str, Callable[[], Json]]] = {
    **{f"webhook.10dlc.campaign.update.{kind}.json": partial(event, kind) for kind in CAMPAIGN_EVENTS},
    **{f"webhook.10dlc.phone_number.update.{kind}.json": partial(event, kind) for kind in NUMBER_EVENTS},
    "webhook.support-article.TELNYX_EVENT.DORMANT.flat.json": partial(
        event, "TELNYX_EVENT.DORMANT", ("10dlc.campaign.update",)
    ),
}
"""What the emulator tells; it says just what the example says."""
NOT_PLAYED: Final = {
    "http.brand.item.json": "brands are listed, not read one by one: only campaigns are looked for in them",
    "http.campaign.osr_attributes.json": "nothing of ours asks for a campaign's attributes at AT&T",
    "http.campaignBuilder.response.sole_prop.json": "no campaign can be made: a client has no need to",
    "http.messaging_numbers_bulk_updates.response.json": "profiles are changed number by number",
    "http.phoneNumberAssignmentByProfile.request.json": "it names both ids, which the same document forbids: 400",
    "webhook.10dlc.brand.update.ORDER_EXTERNAL_VETTING.success.json": "nothing happens to brands; `emit` tells any",
    "webhook.10dlc.brand.update.REGISTRATION.failed.json": "nothing happens to brands; `emit` tells any",
    "webhook.10dlc.brand.update.REVET.success.json": "nothing happens to brands; `emit` tells any",
    "webhook.10dlc.brand.update.TCR_BRAND_UPDATE.BRAND_ADD.success.json": "nothing happens to brands; `emit` tells any",
    "webhook.10dlc.campaign.update.CAMPAIGN_NUDGE.json": "nobody nudges; `emit` tells any",
    "webhook.openapi.campaignStatusUpdate.flat.json": "as the support article's, with a brandId; `emit` tells any",
}


@pytest.fixture(scope="module")
def examples(shared: Path) -> Path:
    return shared / "telnyx" / "examples"


def read(examples: Path, name: str) -> Json:
    example: Json = json.loads((examples / name).read_text())
    return example


def differences(answered: object, example: object, where: str = "") -> list[str]:
    """Where an answer lacks a name of the example, or has another type; lists are compared as far as both go."""
    match answered, example:
        case dict(), dict():
            lacking = [f"{where}.{name} is missing" for name in example if name not in answered]
            both = [(answered[name], part, f"{where}.{name}") for name, part in example.items() if name in answered]
        case list(), list():
            lacking = []
            both = [(*pair, f"{where}[]") for pair in zip(answered, example, strict=False)]
        case _:
            same = type(answered) is type(example)
            return [] if same else [f"{where} is {type(answered).__name__}, not {type(example).__name__}"]
    return lacking + [found for pair in both for found in differences(*pair)]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_the_names_and_types_of_the_example(examples: Path, name: str) -> None:
    assert differences(ANSWERS[name](), read(examples, name)) == []


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_has_the_names_and_types_of_the_example_and_no_others(examples: Path, name: str) -> None:
    told, example = EVENTS[name](), read(examples, name)

    assert differences(told, example) == differences(example, told) == []


@pytest.mark.parametrize("name", [name for name in ANSWERS if name.startswith("field-observed/") or "error" in name])
def test_what_was_seen_in_the_field_can_be_played_word_for_word(examples: Path, name: str) -> None:
    example = read(examples, name)
    answered = {part: text for part, text in ANSWERS[name]().items() if part in example}

    seen_on = "4b30019f-a9df-e17b-3529-70677db27ec4"
    assert json.dumps(answered) == json.dumps({part: example[part] for part in answered}).replace(seen_on, CAMPAIGN)


def test_every_example_is_played_or_it_is_said_why_not(examples: Path) -> None:
    names = {str(file.relative_to(examples)) for file in examples.rglob("*.json")} - {"manifest.json"}

    assert names == ANSWERS.keys() | EVENTS.keys() | NOT_PLAYED.keys()
    assert not NOT_PLAYED.keys() & (ANSWERS.keys() | EVENTS.keys())


def test_what_differs_is_found() -> None:
    assert differences({"a": 1, "b": ["x"]}, {"a": "1", "b": [2], "c": None}) == [
        ".c is missing",
        ".a is int, not str",
        ".b[] is str, not int",
    ]
