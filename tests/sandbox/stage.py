"""An emulated account to test on, and short ways to ask it and to read its answers."""

import json
from dataclasses import dataclass, field
from typing import Any

from reconciler.sandbox.announce import Delivery
from reconciler.sandbox.api.replies import Reply
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator

KEY = bytes(range(32))
NUMBER = "+12025550123"
OTHER_NUMBER = "+12025550124"
CAMPAIGN = "4b30019f-a9df-4e17-8352-70677db27ec4"
OTHER_CAMPAIGN = "751c6a5c-907b-43a9-8ada-ba1dc8335b07"
SHARED_CAMPAIGN = "C6X6M95"
HOOK = "http://127.0.0.1:9/webhooks/telnyx"
PATH = "/v2/10dlc/phone_number_campaigns"
LEGACY_PATH = "/v2/10dlc/phoneNumberCampaign"

Json = dict[str, Any]  # what json.loads gives: a test reads it as it is


@dataclass
class Telnyx:
    """An emulator with two approved campaigns, one shared one and two numbers, and a clock to turn."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    now: float = 1_760_000_000.0

    def __post_init__(self) -> None:
        self.emulator = Emulator(self.behaviour, KEY)
        self.emulator.add_campaign(
            CAMPAIGN, tcr_campaign_id="CAAAAAA", status="MNO_PROVISIONED", webhook_url=HOOK, now=self.now
        )
        self.emulator.add_campaign(OTHER_CAMPAIGN, status="MNO_PROVISIONED", brand_id="another-brand", now=self.now + 1)
        self.emulator.add_campaign(SHARED_CAMPAIGN, status="MNO_PROVISIONED", shared=True)
        for number in (NUMBER, OTHER_NUMBER):
            self.emulator.add_number(number)

    def ask(self, method: str, path: str, content: object = None, *, key: str = "KEY-sandbox", **query: str) -> Reply:
        body = b"" if content is None else json.dumps(content).encode()
        pairs = [(name.replace("filter_", "filter[") + "]" * ("filter_" in name), to) for name, to in query.items()]
        return self.emulator.apply(method, path, pairs, body, self.now, {"Authorization": f"Bearer {key}"})

    def assign(self, number: str = NUMBER, campaign: str = CAMPAIGN) -> Reply:
        return self.ask("POST", PATH, {"phoneNumber": number, "campaignId": campaign})

    def read(self, number: str = NUMBER) -> Reply:
        return self.ask("GET", f"{PATH}/{number.replace('+', '%2B')}")

    def wait(self, seconds: float) -> list[Delivery]:
        self.now += seconds
        return self.emulator.tick(self.now)

    def numbers(self, **query: str) -> list[str]:
        return [record["phoneNumber"] for record in content(self.ask("GET", PATH, **query))["records"]]


def content(reply: Reply) -> Json:
    parsed: Json = json.loads(reply.body)
    return parsed


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, json.loads(reply.body)["errors"][0]["code"]


def detail(reply: Reply) -> str:
    text: str = json.loads(reply.body)["errors"][0]["detail"]
    return text


def told(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    payloads = [json.loads(delivery.body)["data"]["payload"] for delivery in deliveries]
    return [(payload["type"], payload.get("status", "")) for payload in payloads]
