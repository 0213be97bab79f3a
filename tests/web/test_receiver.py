"""The receiver: durable before 200, one 401 for all, 503 for our own trouble, and nothing else on its port."""

import asyncio

import pytest

from reconciler.model.events import EventState
from reconciler.model.settings import WebhookSettings
from reconciler.telnyx import signature
from reconciler.web import metrics
from tests.web.edge import (
    BODY,
    NOW,
    OLD_KEY,
    STRANGER,
    Edge,
    Headers,
    Reply,
    receiving,
    request,
    signed,
    stamp,
    until,
)

pytestmark = pytest.mark.anyio


async def test_an_authentic_event_is_kept_and_answered_200(edge: Edge) -> None:
    reply = await edge.ask(request())

    assert reply is not None
    assert (reply.status, reply.body) == (200, b"")
    [row] = await edge.rows()
    assert (row.body, row.event_id, row.received_at, row.state) == (BODY, "e-1", NOW, EventState.NEW)
    assert edge.wakes == [NOW]
    assert edge.counted() == {'{result="stored"}': 1}
    assert edge.counted("tendlc_webhook_verified_total") == {'{key="1"}': 1}
    assert edge.counted("tendlc_webhook_last_received_timestamp_seconds") == {"": NOW.timestamp()}


async def test_200_waits_for_the_row(edge: Edge) -> None:
    edge.inbox.stuck = asyncio.Event()
    async with edge.wire() as wire:
        await wire.send(request())
        answered = asyncio.create_task(wire.reply())
        await until(lambda: edge.inbox.asked == 1)
        assert await edge.ask(request(b"", [])) is not None  # who comes later and keeps nothing has an answer
        assert not answered.done()
        edge.inbox.stuck.set()
        reply = await answered
    assert reply is not None
    assert reply.status == 200


async def test_a_duplicate_gets_the_same_answer_and_wakes_again(edge: Edge) -> None:
    again = request(headers=signed(timestamp=stamp(30)))
    replies = [await edge.ask(data) for data in (request(), again)]

    assert replies[0] is not None
    assert replies[1] is not None
    assert replies[0].but_for_the_date == replies[1].but_for_the_date
    assert len(await edge.rows()) == 1
    assert len(edge.wakes) == 2
    assert edge.counted() == {'{result="stored"}': 1, '{result="duplicate"}': 1}


async def test_many_events_on_one_connection(edge: Edge) -> None:
    async with edge.wire() as wire:
        for at in range(5):
            await wire.send(request(b'{"data":{"id":"e-%d"}}' % at))
            reply = await wire.reply()
            assert reply is not None
            assert reply.status == 200
    assert [row.event_id for row in await edge.rows()] == [f"e-{at}" for at in range(5)]


@pytest.mark.covers("E06")
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([], id="no headers"),
        pytest.param(signed()[:1], id="no timestamp"),
        pytest.param(signed()[1:], id="no signature"),
        pytest.param(signed() + signed()[:1], id="two signatures"),
        pytest.param(signed() + signed()[1:], id="two timestamps"),
        pytest.param(signed(key=STRANGER), id="a stranger"),
        pytest.param(signed(key=OLD_KEY), id="a retired key"),
        pytest.param(signed(timestamp=stamp(-301)), id="stale"),
        pytest.param(signed(b"another"), id="another body"),
    ],
)
async def test_every_failure_of_authentication_looks_the_same(running: Edge, headers: Headers) -> None:
    reply, plain = await running.ask(request(headers=headers)), await running.ask(request(b"", []))

    assert reply is not None
    assert plain is not None
    assert reply.status == 401
    assert reply.but_for_the_date == plain.but_for_the_date
    assert (await running.rows(), running.wakes) == ([], [])


@pytest.mark.covers("E06")
async def test_the_content_type_does_not_matter(edge: Edge) -> None:
    for kind in (b"application/json", b"text/plain", b"nonsense", b""):
        reply = await edge.ask(request(headers=[*signed(), (b"Content-Type", kind)]))
        assert reply is not None
        assert reply.status == 200


async def test_a_full_store_is_503_and_come_again(edge: Edge) -> None:
    edge.inbox.full = True
    reply = await edge.ask(request())

    assert reply is not None
    assert (reply.status, reply.all("retry-after")) == (503, ["30"])
    assert (await edge.rows(), edge.wakes) == ([], [])
    assert edge.counted() == {'{result="unavailable"}': 1}


async def test_a_stuck_store_is_503_within_the_time_telnyx_waits(edge: Edge) -> None:
    edge.inbox.stuck = asyncio.Event()
    async with asyncio.timeout(2):
        reply = await edge.ask(request())

    assert reply is not None
    assert (reply.status, reply.all("retry-after")) == (503, ["30"])


async def test_livez_says_ok_and_only_to_get(edge: Edge) -> None:
    get = await edge.ask(request(b"", [], line=b"GET /livez HTTP/1.1"))
    post = await edge.ask(request(line=b"POST /livez HTTP/1.1"))

    assert get is not None
    assert post is not None
    assert (get.status, get.body) == (200, b"ok\n")
    assert (post.status, post.all("allow")) == (405, ["GET"])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"])
async def test_the_webhook_path_takes_only_post(running: Edge, method: str) -> None:
    line = f"{method} /webhooks/telnyx HTTP/1.1".encode()
    async with running.wire() as wire:
        await wire.send(request(line=line))
        if method != "HEAD":
            reply = await wire.reply()
            assert reply is not None
            assert (reply.status, reply.all("allow")) == (405, ["POST"])
            assert await wire.closed()
    assert await running.rows() == []


async def test_allowed_hosts_are_the_only_ones_but_for_livez() -> None:
    async with receiving(WebhookSettings(allowed_hosts=("Hooks.example.com",))) as edge:
        hosts = (b"hooks.example.com", b"HOOKS.example.com:8080", b"other.example.com", b"10.0.0.1")
        replies = [await edge.ask(request(host=[(b"Host", host)])) for host in hosts]
        probe = await edge.ask(request(b"", [], line=b"GET /livez HTTP/1.1", host=[(b"Host", b"10.0.0.1:8080")]))

    assert [reply and reply.status for reply in replies] == [200, 200, 400, 400]
    assert probe is not None
    assert probe.status == 200


async def test_another_path_of_the_config() -> None:
    async with receiving(WebhookSettings(path="/hooks")) as edge:
        replies = [
            await edge.ask(request(line=b"POST %s HTTP/1.1" % path)) for path in (b"/hooks", b"/hooks?x=1", b"/")
        ]

    assert [reply and reply.status for reply in replies] == [200, 200, 404]


async def test_a_client_that_leaves_mid_body_is_only_counted(edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
    async with edge.wire() as wire:
        await wire.send(request()[:-1])
    await until(lambda: '{result="incomplete"}' in edge.counted())

    assert await edge.rows() == []
    assert caplog.records == []


async def test_trailers_change_nothing(edge: Edge) -> None:
    """A signature that comes after the body is none."""
    chunks = b"%x\r\n%s\r\n0\r\n" % (len(BODY), BODY)
    trailers = b"".join(b"%s: %s\r\n" % header for header in signed()) + b"\r\n"
    chunked: Headers = [(b"Transfer-Encoding", b"chunked")]
    bare = await edge.ask(request(b"", [], framing=chunked) + chunks + trailers)
    doubled = await edge.ask(request(b"", signed(), framing=chunked) + chunks + trailers)

    assert [reply and reply.status for reply in (bare, doubled)] == [401, 200]


async def test_the_longest_body_is_taken_and_one_byte_more_is_not(edge: Edge) -> None:
    full = b"x" * 256 * 1024
    chunked: Headers = [(b"Transfer-Encoding", b"chunked")]
    replies: list[Reply | None] = []
    for body in (full, full + b"x"):
        replies.append(await edge.ask(request(body)))
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        replies.append(await edge.ask(request(b"", signed(body), framing=chunked) + chunks))

    assert [reply and reply.status for reply in replies] == [200, 200, 413, 413]
    assert [row.state for row in await edge.rows()] == [EventState.QUARANTINED]


def test_every_reason_has_its_label_from_the_start() -> None:
    assert set(signature.REASONS) <= set(metrics.WEBHOOK_RESULTS)
