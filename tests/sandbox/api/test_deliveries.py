"""What was sent to receivers, and how that went, can be asked for afterwards."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.sandbox.history import KEPT_EVENTS
from tests.sandbox.stage import CAMPAIGN, HOOK, Json, Telnyx, code, content

PATH = "/v2/webhook_deliveries"


def tell(telnyx: Telnyx, kind: str, *answers: int | None) -> Json:
    """Tell an event, answer its attempts; what was delivered first."""
    telnyx.emulator.emit("10dlc.campaign.update", {"campaignId": CAMPAIGN, "type": kind}, telnyx.now)
    (first,) = waiting = telnyx.wait(0)
    for answer in answers:
        telnyx.emulator.delivered(waiting[0].id, answer, telnyx.now + 0.25)
        waiting = telnyx.wait(31)
    body: Json = json.loads(first.body)
    return body


def listed(telnyx: Telnyx, **query: str) -> list[str]:
    return [one["webhook"]["payload"]["type"] for one in content(telnyx.ask("GET", PATH, **query))["data"]]


def test_each_attempt_is_kept_with_the_event_as_it_was_told() -> None:
    telnyx = Telnyx()
    began = telnyx.now
    body = tell(telnyx, "X", 404, 200)

    (one,) = content(telnyx.ask("GET", PATH))["data"]

    assert one["webhook"] == body["data"]
    assert one["status"] == "delivered"
    second, first = one["attempts"]
    assert (first["status"], first["errors"], first["http"]["response"]["status"]) == ("failed", [75404], 404)
    assert (second["status"], "errors" in second, second["http"]["request"]["url"]) == ("delivered", False, HOOK)
    assert one["started_at"] == first["started_at"] == f"{datetime.fromtimestamp(began, UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    assert one["finished_at"] == second["finished_at"] > second["started_at"] > first["finished_at"]
    assert content(telnyx.ask("GET", f"{PATH}/{one['id']}"))["data"] == one
    assert "signature" not in json.dumps(one)
    assert code(telnyx.ask("GET", f"{PATH}/{body['data']['id']}")) == (404, "10005")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, 75002),
        (202, 75299),
        (302, 75300),
        (400, 75400),
        (404, 75404),
        (401, 75499),
        (500, 75500),
        (503, 75599),
        (700, 75000),
    ],
)
def test_what_went_wrong_has_a_code(answer: int | None, error: int) -> None:
    telnyx = Telnyx()
    tell(telnyx, "X", answer)

    (one,) = content(telnyx.ask("GET", PATH))["data"]
    assert (one["status"], one["attempts"][0]["errors"]) == ("failed", [error])
    assert ("response" in one["attempts"][0]["http"]) == (answer is not None)


def test_one_that_was_lost_is_kept_as_failed_and_one_that_is_out_is_not_listed_yet() -> None:
    telnyx = Telnyx()
    tell(telnyx, "OUT")
    telnyx.emulator.approve(CAMPAIGN, telnyx.now)
    for delivery in telnyx.wait(0):
        telnyx.emulator.discard(delivery.id)

    assert listed(telnyx, **{"filter[status][eq]": "failed"}) == ["VERIFIED", "MNO_REVIEW"]
    assert listed(telnyx) == ["VERIFIED", "MNO_REVIEW"]


def test_they_are_filtered() -> None:
    telnyx = Telnyx()
    for kind, answer in (("A", 200), ("B", 500), ("C", 200)):
        tell(telnyx, kind, answer)
    telnyx.emulator.emit("10dlc.brand.update", {"type": "D"}, telnyx.now, url=HOOK)
    telnyx.emulator.delivered(telnyx.wait(0)[0].id, 200, telnyx.now)

    assert listed(telnyx) == ["D", "C", "B", "A"]
    assert listed(telnyx, **{"filter[status][eq]": "failed"}) == ["B"]
    assert listed(telnyx, **{"filter[event_type]": "10dlc.brand.update"}) == ["D"]
    assert len(listed(telnyx, **{"filter[event_type]": "10dlc.brand.update,10dlc.campaign.update"})) == 4
    assert listed(telnyx, **{"filter[webhook][contains]": '"C"'}) == ["C"]
    assert listed(telnyx, **{"filter[attempts][contains]": "75500"}) == ["B"]
    assert listed(telnyx, **{"filter[status]": "failed"}) == ["D", "C", "B", "A"]  # a guide's spelling: ignored


def test_they_are_filtered_by_time() -> None:
    telnyx = Telnyx()
    began = datetime.fromtimestamp(telnyx.now, UTC)
    for kind in ("A", "B", "C"):
        tell(telnyx, kind, 200)  # 31 seconds each
    second = (began + timedelta(seconds=31)).isoformat()

    assert listed(telnyx, **{"filter[started_at][gte]": second}) == ["C", "B"]
    assert listed(telnyx, **{"filter[started_at][lte]": second.replace("+00:00", "Z")}) == ["B", "A"]
    assert listed(telnyx, **{"filter[finished_at][gte]": second.replace("+00:00", "")}) == ["C", "B"]
    assert listed(telnyx, **{"filter[finished_at][lte]": second}) == ["A"]
    assert code(telnyx.ask("GET", PATH, **{"filter[started_at][gte]": "yesterday"})) == (422, "10015")


def test_the_oldest_are_forgotten() -> None:
    telnyx = Telnyx()
    for place in range(KEPT_EVENTS + 1):
        telnyx.emulator.emit("10dlc.campaign.update", {"campaignId": CAMPAIGN, "type": str(place)}, telnyx.now)
    for delivery in telnyx.wait(0):
        telnyx.emulator.delivered(delivery.id, 200, telnyx.now)

    assert content(telnyx.ask("GET", PATH))["meta"]["total_results"] == KEPT_EVENTS
    last = content(telnyx.ask("GET", PATH, **{"page[number]": str(KEPT_EVENTS // 20)}))["data"][-1]
    assert last["webhook"]["payload"]["type"] == "1"
