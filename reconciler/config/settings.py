"""From a checked file to the settings that the rest of the service knows."""

from __future__ import annotations

from reconciler.config.credentials import Credentials
from reconciler.config.schema import AlertsSection, ReceiverSection, ScheduleSection, SettingsSection, TelnyxSection
from reconciler.config.times import DAYS
from reconciler.model.alerts import Grouping
from reconciler.model.settings import (
    AlertSettings,
    LogReceiver,
    LogSettings,
    Receiver,
    Secret,
    Settings,
    TelnyxSettings,
    WebhookReceiver,
    WebhookSettings,
)
from reconciler.model.windows import Window, Windows


def settings_from(section: SettingsSection, credentials: Credentials) -> Settings:
    """The settings. The rules between keys hold already: one source for each secret, one kind for each receiver."""
    webhook = section.webhook
    return Settings(
        telnyx=_telnyx(section.telnyx, credentials),
        drift_check=section.schedule.drift_check,
        windows=_windows(section.schedule),
        webhook=WebhookSettings(
            listen=webhook.listen,
            path=webhook.path,
            tolerance=webhook.tolerance,
            public_url=webhook.public_url or "",
            allowed_hosts=tuple(webhook.allowed_hosts),
        ),
        web=section.web.listen,
        store_url=section.store.url,
        alerts=_alerts(section.alerts),
        log=LogSettings(section.observability.log.format, section.observability.log.level),
    )


def _windows(schedule: ScheduleSection) -> Windows:
    windows = [Window(frozenset(map(DAYS.index, window.days)), window.start, window.to) for window in schedule.windows]
    return Windows(tuple(windows), schedule.timezone)


def _telnyx(telnyx: TelnyxSection, credentials: Credentials) -> TelnyxSettings:
    return TelnyxSettings(
        api_key=telnyx.api_key or telnyx.api_key_file or credentials.api_key or Secret(""),
        public_keys=tuple(telnyx.public_key or telnyx.public_key_file or credentials.public_keys),
        base_url=telnyx.base_url,
        ceiling_per_second=telnyx.rate_limit,
        timeout=telnyx.timeout,
        settle_window=telnyx.settle_window,
        assignment_path=telnyx.assignment_path,
    )


def _alerts(alerts: AlertsSection) -> AlertSettings:
    return AlertSettings(
        grouping=Grouping(alerts.group_wait, alerts.group_interval, alerts.repeat_interval, alerts.send_resolved),
        receivers=tuple(map(_receiver, alerts.receivers)),
    )


def _receiver(receiver: ReceiverSection) -> Receiver:
    webhook = receiver.webhook
    url = (webhook.url or webhook.url_file) if webhook else None
    return LogReceiver(receiver.name) if url is None else WebhookReceiver(receiver.name, url)
