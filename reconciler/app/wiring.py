"""Wiring: makes the hands from the settings. Every choice of an implementation is here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from reconciler.alerts.log import LogSink
from reconciler.alerts.slack import SlackSink
from reconciler.alerts.webhook import WebhookSink
from reconciler.app.world import SystemClock
from reconciler.config.file import ConfigFile
from reconciler.config.find import find_config
from reconciler.config.jsonschema import config_schema
from reconciler.model.patience import Patience
from reconciler.model.settings import LogReceiver, Receiver, Settings, SlackReceiver, WebhookReceiver
from reconciler.ports import Clock, Sink
from reconciler.schedule import longest_gap
from reconciler.telnyx.breaker import Breaker
from reconciler.telnyx.client import TelnyxClient, Watcher
from reconciler.telnyx.limiter import Limiter
from reconciler.web.metrics import Meter

__all__ = ["config_file", "config_schema", "make_limiter", "make_patience", "make_sinks", "make_telnyx"]


def config_file(explicit: str | None) -> ConfigFile:
    """The config file: the one named, or the first that is found."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    path = find_config(None if explicit is None else Path(explicit), os.environ, Path())
    return ConfigFile(path, os.environ, None if credentials is None else Path(credentials))


def make_limiter(settings: Settings, meter: Meter | None = None) -> Limiter:
    """The one limiter for all calls: a service's, with its meter, or that of one command.

    A command has no breaker: a person waits for it, and is better told at once that no call succeeds.
    """
    if meter is None:
        return Limiter(settings.telnyx.ceiling_per_second, breaker=Breaker(most_failures=None))
    return Limiter(settings.telnyx.ceiling_per_second, on_pace=meter.paced, on_pause=meter.throttled)


def make_telnyx(
    settings: Settings, limiter: Limiter, on_call: Watcher, *, read_only: bool, clock: Clock | None = None
) -> TelnyxClient:
    """The client for Telnyx. With `read_only` it refuses every write before it is sent."""
    return TelnyxClient(settings.telnyx, clock or SystemClock(), limiter, read_only=read_only, on_call=on_call)


def make_patience(settings: Settings) -> Patience:
    """How long things may take, by this config. A lease outlives every call that is made under it.

    Two drift checks have passed at the third look. It comes somewhat sooner after the first than two gaps, by how much
    later that one was: by jitter, a quarter of a gap at most, and by the looks themselves. So one gap and a half tells
    the third look from the second. It counts as ten minutes at least: with checks every few seconds, what heals by
    itself takes longer.
    """
    usual = Patience()
    lease = max(usual.lease, 2 * settings.telnyx.timeout)
    gap = longest_gap(settings.drift_check, settings.windows.zone, SystemClock().now())
    two_checks = max(1.5 * gap, usual.evidence_for_assign)
    return Patience(settle_window=settings.telnyx.settle_window, lease=lease, two_checks=two_checks)


def make_sinks(settings: Settings) -> Mapping[str, Sink]:
    """The receivers of alerts, by name."""
    return {receiver.name: _sink(receiver) for receiver in settings.alerts.receivers}


def _sink(receiver: Receiver) -> Sink:
    match receiver:
        case LogReceiver():
            return LogSink(receiver.name)
        case WebhookReceiver():
            return WebhookSink(receiver.name, receiver.url, SystemClock(), receiver.signing_key)
        case SlackReceiver():
            return SlackSink(receiver.name, receiver.webhook_url)
