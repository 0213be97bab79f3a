"""The log tells what failed and nothing that is nobody's business."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from reconciler.app.logs import set_up_logs
from reconciler.model.settings import LogSettings


@pytest.fixture(autouse=True)
def _afterwards() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("to", ["json", "console"])
@pytest.mark.covers("O04")
def test_a_traceback_shows_no_local_variables(to: str, capsys: pytest.CaptureFixture[str]) -> None:
    outlet = set_up_logs(LogSettings(format=to))

    def post(url: str) -> None:
        raise RuntimeError("the door is shut" if url else "")

    try:
        post("https://hooks.example.com/" + "cre" + "dential")
    except RuntimeError:
        structlog.get_logger().exception("loop_failed")

    outlet.drain()
    told = capsys.readouterr().err
    assert "the door is shut" in told
    assert "credential" not in told
