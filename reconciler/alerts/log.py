"""Alerts as log lines: the receiver that needs nothing else to run."""

import json

import structlog

from reconciler.model.alerts import Sent, Severity

_log = structlog.get_logger()


class LogSink:
    """Writes each message as one line `alert` that holds the message's fields."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """Its name in the config."""
        return self._name

    @property
    def notes(self) -> str:
        """Nothing that a person must know."""
        return ""

    async def send(self, body: str) -> Sent:
        """Write it: as an error if it is critical, as a warning if it is a warning, else as information."""
        fields: dict[str, object] = json.loads(body)
        match fields.get("severity"), fields.get("status"):
            case Severity.CRITICAL, "firing":
                _log.error("alert", receiver=self.name, **fields)
            case Severity.WARNING, "firing":
                _log.warning("alert", receiver=self.name, **fields)
            case _:
                _log.info("alert", receiver=self.name, **fields)
        return Sent("log: written")
