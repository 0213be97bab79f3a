"""The log sink writes one line a message, as loud as the message is grave."""

import json

import pytest
from structlog.testing import capture_logs

from reconciler.alerts.log import LogSink
from reconciler.model.alerts import Sent
from reconciler.ports import Sink

pytestmark = pytest.mark.anyio


def message(status: str, severity: str) -> dict[str, object]:
    return {"status": status, "alert": "AssignmentFailed", "severity": severity, "pool": "acme", "count": 2}


@pytest.mark.parametrize(
    ("status", "severity", "level"),
    [
        ("firing", "critical", "error"),
        ("firing", "warning", "warning"),
        ("firing", "info", "info"),
        ("resolved", "critical", "info"),
    ],
)
async def test_a_message_is_one_line_with_its_fields(status: str, severity: str, level: str) -> None:
    sink: Sink = LogSink("log")
    with capture_logs() as lines:
        sent = await sink.send(json.dumps(message(status, severity)))

    assert sent == Sent("log: written")
    assert lines == [{"event": "alert", "log_level": level, "receiver": "log", **message(status, severity)}]
