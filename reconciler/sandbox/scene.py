"""The scene of the sandbox: an account with two campaigns, and the config that wants its numbers on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator

IN_REVIEW: Final = "4b30019f-a9df-e17b-3529-70677db27ec4"
APPROVED: Final = "9c1f7c52-0d3e-4a51-8a34-5be0a7c0d001"
MARKETING: Final = "4001a1b2-0d3e-4a51-8a34-5be0a7c0d0a1"
ALERTS: Final = "4001a1b2-0d3e-4a51-8a34-5be0a7c0d0a2"
"""The messaging profiles of the two pools."""
SIGNING_KEY: Final = bytes(range(32))
"""Signs the sandbox's webhooks. It is published here, so it must never verify anything real."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who is in the scene, and how fast it runs."""

    marketing: tuple[str, ...] = field(default_factory=lambda: tuple(f"+1202555{n:04}" for n in range(100, 120)))
    """Wanted on the campaign that is in review."""
    alerts: tuple[str, ...] = ("+13035550140", "+13035550141", "+13035550142")
    """Wanted on the approved campaign."""
    elsewhere: str = ""
    """Where the approved campaign sends its events, if not to the service."""
    drift_check: str = "every 10s"
    rate_limit: str = "auto"
    settle_window: str = "60s"
    behaviour: Behaviour = field(default_factory=lambda: Behaviour(assignment_seconds=1.0, carrier_seconds=1.0))

    def emulator(self, webhook_url: str) -> Emulator:
        """The account at Telnyx, its campaigns telling their events to this address."""
        emulator = Emulator(self.behaviour, SIGNING_KEY)
        emulator.add_campaign(IN_REVIEW, tcr_campaign_id="C6X6M95", status="MNO_PENDING", webhook_url=webhook_url)
        emulator.add_campaign(
            APPROVED,
            tcr_campaign_id="C7Y7N06",
            status="MNO_PROVISIONED",
            webhook_url=self.elsewhere or webhook_url,
        )
        for pool, profile, numbers in (
            ("acme-marketing", MARKETING, self.marketing),
            ("acme-alerts", ALERTS, self.alerts),
        ):
            emulator.add_profile(profile, name=pool)
            for number in numbers:
                emulator.add_number(number, messaging_profile_id=profile, tags=(pool,))
        return emulator

    def config(
        self, *, base_url: str, public_key: str, webhook_port: int, web_port: int, store: Path, alerts_url: str = ""
    ) -> str:
        """The config file, as a person would write it."""
        receiver = f"    - {{name: mailbox, webhook: {{url: {alerts_url}}}}}\n" if alerts_url else ""
        return f"""\
version: 1
telnyx:
  base_url: {base_url}
  api_key: {self.behaviour.api_key}
  public_key: {public_key}
  rate_limit: {self.rate_limit}
  settle_window: {self.settle_window}
pools:
{_pool("acme-marketing", IN_REVIEW, MARKETING, "Promotional traffic; its campaign is in review", self.marketing)}\
{_pool("acme-alerts", APPROVED, ALERTS, "Account notices; its campaign is approved", self.alerts)}\
schedule: {{drift_check: {self.drift_check}}}
webhook:
  listen: 127.0.0.1:{webhook_port}
  public_url: http://127.0.0.1:{webhook_port}/webhooks/telnyx
web: {{listen: 127.0.0.1:{web_port}}}
store: {{url: "sqlite:///{store}"}}
alerts:
  group_wait: 1s
  group_interval: 2s
  receivers:
    - {{name: log, log: {{}}}}
{receiver}"""


def _pool(name: str, campaign: str, profile: str, description: str, numbers: tuple[str, ...]) -> str:
    if not numbers:
        return ""
    lines = "".join(f'      - "{number}"\n' for number in numbers)
    return f"""\
  - name: {name}
    description: {description}
    campaign: {campaign}
    messaging_profile: {profile}
    numbers:
{lines}"""
