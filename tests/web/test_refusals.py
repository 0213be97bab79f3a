"""Webhooks that are not authentic are counted where they are refused: the latest, and no more."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from reconciler.model.health import MANY_UNSIGNED, Unsigned
from reconciler.web.refusals import Refusals
from tests.web.edge import NOW, STRANGER, Edge, Headers, request, signed

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)


def test_only_the_latest_are_kept() -> None:
    refusals = Refusals()
    for seconds in range(1000):
        refusals.note("mismatch" if seconds else "bad_base64", NOW + seconds * SECOND)

    latest = tuple(NOW + seconds * SECOND for seconds in range(1000 - MANY_UNSIGNED, 1000))
    assert refusals.told(NOW) == Unsigned(NOW, latest, "mismatch")


def test_at_the_start_there_are_none() -> None:
    assert Refusals().told(NOW) == Unsigned(NOW)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "missing_signature"),
        (lambda: signed(key=STRANGER), "mismatch"),
    ],
)
async def test_the_receiver_counts_what_it_cannot_verify(
    edge: Edge, headers: Headers | Callable[[], Headers], reason: str
) -> None:
    reply = await edge.ask(request(headers=headers() if callable(headers) else headers))

    assert reply is not None
    assert reply.status == 401
    assert edge.meter.refusals.told(NOW) == Unsigned(NOW, (NOW,), reason)


@pytest.mark.parametrize("line", [b"GET /webhooks/telnyx HTTP/1.1", b"POST /elsewhere HTTP/1.1"])
async def test_what_is_no_webhook_is_not_counted(edge: Edge, line: bytes) -> None:
    await edge.ask(request(line=line))

    assert edge.meter.refusals.told(NOW) == Unsigned(NOW)


async def test_an_authentic_webhook_is_not_counted(edge: Edge) -> None:
    await edge.ask(request())

    assert edge.meter.refusals.told(NOW) == Unsigned(NOW)
