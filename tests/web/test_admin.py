"""The admin listener: the page, the API, health and metrics; for this machine's own people and tools only."""

import json
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest

from reconciler.model.errors import ConfigError, Place, Problem
from reconciler.model.settings import Listen
from reconciler.web.shield import HEADERS
from tests.web.desk import NUMBER, Desk, a_status, administering, an_explanation

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with administering() as running:
        yield running


async def test_the_api_gives_the_outputs_as_they_are(desk: Desk) -> None:
    status, alerts = await desk.ask("/api/v1/status"), await desk.ask("/api/v1/alerts")
    number = await desk.ask(f"/api/v1/numbers/{NUMBER}")

    assert (status.status, json.loads(status.body)) == (200, a_status())
    assert (number.status, json.loads(number.body)) == (200, an_explanation())
    assert (alerts.status, json.loads(alerts.body)) == (200, {"did": "alerts"})
    assert number.all("content-type") == ["application/json"]


@pytest.mark.parametrize(
    "path", ["+12025550199", "12025550123", "nonsense", "%00", "+1202555012٣".encode().decode("latin-1")]
)
async def test_a_number_that_nothing_is_known_of(desk: Desk, path: str) -> None:
    api = await desk.ask(f"/api/v1/numbers/{path}")
    page = await desk.ask(f"/numbers/{path}")

    assert (api.status, page.status) in {(404, 404), (400, 400)}
    assert api.status == 400 or json.loads(api.body)["error"]["code"] == "unknown_number"
    assert set(desk.asked) <= {"+12025550199"}


@pytest.mark.parametrize("typed", ["%2B12025550123", "+12025550123", "12025550123", "(202)+555-0123", "202.555.0123"])
async def test_the_search_box_knows_what_people_type(desk: Desk, typed: str) -> None:
    reply = await desk.ask(f"/numbers?number={typed}")

    assert (reply.status, reply.all("location")) == (303, [f"/numbers/{NUMBER}"])


@pytest.mark.parametrize("typed", ["", "abc", "https://evil.example", "%0d%0aX:+y", "+1-202-555-01234567890"])
async def test_the_search_box_says_so_when_it_is_no_number(desk: Desk, typed: str) -> None:
    reply = await desk.ask(f"/numbers?number={typed}")

    assert (reply.status, reply.all("location")) == (400, [])


async def test_readiness_names_what_failed(desk: Desk) -> None:
    ready = await desk.ask("/readyz")
    desk.checks["store"] = "the disk is full"
    degraded = await desk.ask("/readyz")

    assert (ready.status, json.loads(ready.body)) == (200, {"status": "ok"})
    told = {"status": "degraded", "failed": ["store"], "reasons": {"store": "the disk is full"}}
    assert (degraded.status, json.loads(degraded.body)) == (503, told)
    assert (await desk.ask("/livez")).body == b"ok\n"


async def test_metrics_are_prometheus_text(desk: Desk) -> None:
    reply = await desk.ask("/metrics")

    assert reply.status == 200
    assert reply.all("content-type")[0].startswith("text/plain; version=")
    assert b'tendlc_build_info{version="0.1.0"} 1.0\n' in reply.body


async def test_reload(desk: Desk) -> None:
    done = await desk.ask("/-/reload", method="POST")
    from_the_page = await desk.ask("/-/reload", "Sec-Fetch-Site: same-origin", method="POST")
    asked = await desk.ask("/-/reload")

    assert (done.status, from_the_page.status, asked.status, desk.reloads) == (200, 200, 405, 2)


async def test_a_drift_check_is_asked_for(desk: Desk) -> None:
    done = await desk.ask("/api/v1/sync", method="POST")
    crossing = await desk.ask("/api/v1/sync", "Sec-Fetch-Site: cross-site", method="POST")

    assert (done.status, crossing.status, desk.syncs) == (202, 403, 1)


async def test_a_reload_that_is_refused_names_every_problem(desk: Desk) -> None:
    places = [Place("tendlc.yaml", 3, 5, "pols:"), Place("numbers/acme.txt", 7)]
    desk.invalid = ConfigError(
        (Problem(places[0], "unknown key pols", "did you mean pools?"), Problem(places[1], "twice"))
    )
    reply = await desk.ask("/-/reload", method="POST")

    error = json.loads(reply.body)["error"]
    assert (reply.status, error["code"]) == (422, "config_invalid")
    assert error["problems"] == [
        {"place": "tendlc.yaml:3:5", "message": "unknown key pols", "hint": "did you mean pools?"},
        {"place": "numbers/acme.txt:7:1", "message": "twice", "hint": ""},
    ]


@pytest.mark.parametrize(
    ("path", "method", "host"),
    [
        ("/", "GET", ""),
        (f"/numbers/{NUMBER}", "GET", ""),
        ("/static/tendlc.css", "GET", ""),
        ("/metrics", "GET", ""),
        ("/nowhere", "GET", ""),
        ("/", "POST", ""),
        ("/-/reload", "GET", ""),
        ("/", "GET", "evil.example"),
    ],
)
async def test_every_answer_is_shielded(desk: Desk, path: str, method: str, host: str) -> None:
    reply = await desk.ask(path, method=method, host=host)

    assert {(name.encode(), value.encode()) for name, value in reply.headers} >= set(HEADERS)
    assert not [
        name for name, _ in reply.headers if name.startswith("access-control") or name in {"server", "set-cookie"}
    ]


async def test_an_answer_to_trouble_of_our_own_is_shielded_and_says_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.status = {"pools": "nonsense"}
    reply = await desk.ask("/")

    assert (reply.status, reply.body) == (500, b"Internal Server Error")
    assert {(name.encode(), value.encode()) for name, value in reply.headers} >= set(HEADERS)
    assert "Exception in ASGI application" in caplog.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8081", "127.0.0.1", "[::1]:8081", "127.1.2.3"])
async def test_hosts_that_cannot_be_rebound(desk: Desk, host: str) -> None:
    assert (await desk.ask("/livez", host=host)).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "2130706433", "a/b", "0x7f.1"]
)
async def test_a_name_that_can_be_rebound_is_refused(desk: Desk, host: str) -> None:
    assert (await desk.ask("/livez", host=host)).status == 400
    assert (await desk.ask("/-/reload", method="POST", host=host)).status == 400
    assert desk.reloads == 0


async def test_the_listeners_own_name_is_taken() -> None:
    async with administering(Listen("Ops.internal", 0)) as desk:
        assert (await desk.ask("/livez", host="ops.internal:8081")).status == 200
        assert (await desk.ask("/livez", host="other.internal:8081")).status == 400


async def test_no_redirect_to_another_spelling(desk: Desk) -> None:
    assert [(await desk.ask(path)).status for path in ("/metrics/", "//metrics", "/api/v1/status/")] == [404, 404, 404]


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("path", ["/", f"/numbers/{NUMBER}", "/numbers/nonsense"])
async def test_a_page_needs_no_script_and_fits_its_policy(desk: Desk, path: str) -> None:
    page = Outline((await desk.ask(path)).body.decode())
    attributes = [(tag, name) for tag, values in page.tags for name in values]

    assert "script" not in [tag for tag, _ in page.tags]
    assert not [found for found in attributes if found[1] == "style" or found[1].startswith("on")]
    links = [value for _, values in page.tags for name in ("href", "src", "action") if (value := values.get(name))]
    assert all(link.startswith("/") and not link.startswith("//") for link in links)
    for link in links:
        assert (await desk.ask(link)).status in {200, 400}


@pytest.mark.parametrize("path", ["/", f"/numbers/{NUMBER}"])
async def test_a_page_is_fit_for_a_screen_reader(desk: Desk, path: str) -> None:
    page = Outline((await desk.ask(path)).body.decode())
    tags = [tag for tag, _ in page.tags]
    ids = [values["id"] for _, values in page.tags if "id" in values]

    assert tags.count("h1") == tags.count("main") == tags.count("header") == 1
    assert dict(page.tags)["html"]["lang"] == "en"
    assert len(ids) == len(set(ids))
    assert {values["for"] for tag, values in page.tags if tag == "label"} <= set(ids)
    assert {values["aria-labelledby"] for _, values in page.tags if "aria-labelledby" in values} <= set(ids)
    assert all("scope" in values for tag, values in page.tags if tag == "th")
    assert all("alt" in values for tag, values in page.tags if tag == "img")
