"""Slack gets what its documentation takes, whatever others wrote; and what it answers is told in words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.alerts.slack import SlackSink, escaped, slack_message
from reconciler.model.alerts import Sent
from reconciler.model.errors import Fault, FaultKind
from reconciler.ports import Sink
from tests.alerts.listener import listening, refuses, says

pytestmark = pytest.mark.anyio


def a_letter(**fields: object) -> dict[str, Any]:
    """A message as the outbox has it."""
    return {
        "id": "msg_1",
        "status": "firing",
        "alert": "AssignmentFailed",
        "severity": "warning",
        "pool": "acme",
        "count": 300,
        "reasons": [{"reason": "capacity", "count": 200}, {"reason": "telnyx_refused", "count": 100}],
        "examples": [{"subject": "+12025550123", "detail": "limit exceeded"}],
        "started_at": "2026-01-01T00:00:01Z",
        "dedup_key": "tendlc/AssignmentFailed/acme",
        "summary": "300 numbers of pool acme could not be assigned. They are filtered.",
        "what": "300 numbers of pool acme could not be assigned",
        "affected": "Messages from these numbers are filtered by carriers.",
        "we_do": "They are tried again.",
        "you_do": "Mend the reasons given.",
        "command": "tendlc explain +12025550123",
        "link": "https://tendlc.example.com",
        **fields,
    }


def check(message: dict[str, Any]) -> None:
    """As Slack does (Block Kit reference; Incoming webhooks)."""
    assert set(message) == {"text", "blocks"}
    assert 1 <= len(message["text"]) <= 40_000
    assert 1 <= len(message["blocks"]) <= 50
    for block in message["blocks"]:
        match block:
            case {"type": "header", "text": {"type": "plain_text", "text": str(text), "emoji": True}}:
                assert 1 <= len(text) <= 150
            case {"type": "section", "text": {"type": "mrkdwn", "text": str(text), "verbatim": True}}:
                assert 1 <= len(text) <= 3_000
            case {"type": "section", "fields": [*fields]}:
                assert 1 <= len(fields) <= 10
                assert all(1 <= len(one["text"]) <= 2_000 for one in fields)
            case {"type": "context", "elements": [*elements]}:
                assert 1 <= len(elements) <= 10
            case _:
                raise AssertionError(block)


def texts(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)


def test_a_message_says_all_that_it_has_to() -> None:
    message: dict[str, Any] = slack_message(a_letter())

    check(message)
    assert message["text"].startswith("🟠 AssignmentFailed acme: warning. 300 numbers of pool acme")
    shown = texts(message)
    for text in (
        *("🟠", "300 numbers of pool acme could not be assigned.", "2026-01-01T00:00:01Z", "capacity: 200"),
        *("+12025550123: limit exceeded", "filtered by carriers", "tried again", "Mend the reasons"),
        *("`tendlc explain +12025550123`", "<https://tendlc.example.com|status page>"),
    ):
        assert text in shown


@pytest.mark.parametrize(
    ("status", "severity", "mark", "word"),
    [
        ("firing", "critical", "🔴", "critical"),
        ("firing", "info", "🔵", "info"),
        ("resolved", "critical", "✅", "resolved"),
    ],
)
def test_a_glance_tells_how_grave_it_is_and_whether_it_is_over(
    status: str, severity: str, mark: str, word: str
) -> None:
    message: dict[str, Any] = slack_message(a_letter(status=status, severity=severity))

    assert message["blocks"][0]["text"]["text"] == f"{mark} AssignmentFailed acme: {word}"


def test_nobody_can_be_mentioned_by_what_others_wrote() -> None:
    detail = "<!channel> & <https://evil.example|click> @here"
    message: dict[str, Any] = slack_message(a_letter(examples=[{"subject": "<@U1>", "detail": detail}]))

    assert "<!channel>" not in texts(message)
    assert "&lt;@U1&gt;: &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; @here" in texts(message)


WORDS = st.text(max_size=5_000) | st.sampled_from(["&" * 4_000, "<" * 200, "x" * 4_000])


@given(
    WORDS,
    WORDS,
    st.sampled_from(["", "acme", "p" * 63]),
    st.lists(st.tuples(WORDS, WORDS), max_size=5),
    st.sampled_from(["firing", "resolved"]),
)
def test_whatever_it_says_slack_takes_it(
    what: str, other: str, pool: str, examples: list[tuple[str, str]], status: str
) -> None:
    letter = a_letter(
        status=status,
        what=what,
        summary=what,
        pool=pool,
        affected=other,
        you_do=other,
        command=other,
        examples=[{"subject": subject, "detail": detail} for subject, detail in examples],
    )

    check(slack_message(letter))


@given(WORDS, st.integers(1, 300))
def test_what_is_cut_is_never_cut_within_an_escape(text: str, limit: int) -> None:
    cut = escaped(text, limit)

    assert len(cut) <= limit
    assert not set("<>") & set(cut)
    assert "&" not in cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")


async def test_it_posts_to_the_incoming_webhook() -> None:
    async with listening(says("HTTP/1.1 200 OK", "Content-Length: 2", body=b"ok")) as (url, requests):
        sink: Sink = SlackSink("ops", url)
        assert await sink.send(json.dumps(a_letter())) == Sent("127.0.0.1: HTTP 200")
    [request] = requests
    check(json.loads(request.partition(b"\r\n\r\n")[2]))


@pytest.mark.parametrize(
    ("status", "text", "fault"),
    [
        (
            "400 Bad Request",
            "invalid_payload",
            Fault(
                FaultKind.REFUSED,
                "127.0.0.1: HTTP 400: invalid_payload: Slack cannot read the message; this is a bug of ours",
                400,
            ),
        ),
        (
            "404 Not Found",
            "no_service",
            Fault(
                FaultKind.REFUSED,
                "127.0.0.1: HTTP 404: no_service: the incoming webhook is off or removed; make a new one",
                404,
            ),
        ),
        ("404 Not Found", "<html>", Fault(FaultKind.REFUSED, "127.0.0.1: HTTP 404: <html>", 404)),
        (
            "410 Gone",
            "channel_is_archived",
            Fault(
                FaultKind.REFUSED,
                "127.0.0.1: HTTP 410: channel_is_archived: bring the channel back, or make a new incoming webhook",
                410,
            ),
        ),
        ("500 Oh", "rollup_error", Fault(FaultKind.LOST, "127.0.0.1: HTTP 500: rollup_error: trouble at Slack", 500)),
    ],
)
async def test_what_slack_answers_is_told_in_words(status: str, text: str, fault: Fault) -> None:
    async with listening(refuses(status, text)) as (url, _):
        assert await SlackSink("ops", url).send(json.dumps(a_letter())) == fault


async def test_slack_is_given_the_time_that_it_asks_for() -> None:
    async with listening(refuses("429 Too Many Requests", "rate_limited", "Retry-After: 30")) as (url, _):
        fault = await SlackSink("ops", url).send(json.dumps(a_letter()))

    assert fault == Fault(FaultKind.THROTTLED, "127.0.0.1: HTTP 429: rate_limited", 429, None, 30)
