"""From a checked file to the settings that the rest of the service knows."""

from __future__ import annotations

from reconciler.config.alert_settings import alerts_from
from reconciler.config.credentials import Credentials
from reconciler.config.schema import ScheduleSection, SettingsSection, TelnyxSection
from reconciler.config.times import DAYS
from reconciler.model.settings import LogSettings, Secret, Settings, TelnyxSettings, WebhookSettings
from reconciler.model.windows import Window, Windows


def settings_from(section: SettingsSection, credentials: Credentials) -> Settings:
    """The settings. The rules between keys hold already: one source for each secret, one kind for each receiver."""
    webhook = section.webhook
    return Settings(
        telnyx=_telnyx(section.telnyx, credentials),
        drift_check=section.schedule.drift_check,
        full_resync=section.schedule.full_resync,
        jitter=section.schedule.jitter,
        windows=_windows(section.schedule),
        webhook=WebhookSettings(
            listen=webhook.listen,
            path=webhook.path,
            tolerance=webhook.tolerance,
            public_url=webhook.public_url or "",
            allowed_hosts=tuple(webhook.allowed_hosts),
            min_free_bytes=webhook.min_free_space,
        ),
        web=section.web.listen,
        store_url=section.store.url,
        alerts=alerts_from(section.alerts),
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
