"""The admin listener as it runs, in front of an account that is written down here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.app.protocol import admin_config
from reconciler.model.errors import ConfigError, StoreError
from reconciler.model.ids import PhoneNumber
from reconciler.model.settings import Listen
from reconciler.web.admin import admin_app
from reconciler.web.metrics import Meter
from tests.web.edge import FixedClock, Reply, Wire, serving

LOOPBACK = Listen("127.0.0.1", 0)
CAMPAIGN = "4b30019f-a9df-e17b-3529-70677db27ec4"
NUMBER = "+12025550123"
EVENT = 7
HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"


def a_status() -> dict[str, object]:
    """Everything that the status can tell, in one account."""
    return {
        "format_version": "1",
        "version": "0.1.0",
        "store_trouble": None,
        "pools": [
            {
                "name": "acme-marketing",
                "campaign": CAMPAIGN,
                "campaign_phase": "approved",
                "mode": "enforce",
                "headline": "Ready",
                "desired": 120,
                "in_sync": 120,
                "phases": {"Ready": 120},
                "drift": {},
                "checked_at": "2026-03-02T11:58:00.000Z",
                "changed_at": "2026-02-27T09:30:00.000Z",
            },
            {
                "name": "acme-alerts",
                "campaign": "C6X6M95",
                "campaign_phase": "in_review",
                "mode": "observe",
                "headline": "Blocked",
                "desired": 9,
                "in_sync": 3,
                "phases": {"Blocked": 1, "Assigning": 5, "Ready": 3},
                "drift": {"missing": 5, "conflict": 1},
                "checked_at": "2026-03-02T11:58:00.000Z",
                "changed_at": None,
            },
            {
                "name": "new-brand",
                "campaign": "4b30019f-a9df-e17b-3529-70677db27ec5",
                "campaign_phase": "unread",
                "mode": "enforce",
                "headline": "Waiting",
                "desired": 40,
                "in_sync": 0,
                "phases": {"Waiting": 40},
                "drift": {},
                "checked_at": None,
                "changed_at": None,
            },
        ],
        "queue": {"open": 6, "oldest_seconds": 75.5, "unresolved": 1},
        "webhooks": {
            "last_received_at": "2026-03-02T11:59:48.000Z",
            "quarantined": 2,
            "not_ours": [
                {"campaign": "C6X6M95", "pools": ["acme-alerts"], "webhook_url": f"https://elsewhere.example/{HOSTILE}"}
            ],
        },
        "alerts": {
            "firing": 2,
            "list": [
                {
                    "alert": "CampaignNotApproved",
                    "pool": "new-brand",
                    "severity": "critical",
                    "count": 1,
                    "since": "2026-03-02T10:00:00.000Z",
                    "detail": HOSTILE + "x" * 1_000,
                },
                {
                    "alert": "ConfigReloadFailed",
                    "pool": "",
                    "severity": "warning",
                    "count": 1,
                    "since": "2026-03-02T11:55:00.000Z",
                    "detail": "tendlc.yaml:12:5: unknown key",
                },
            ],
        },
        "config": {"digest": "ab" * 32, "loaded_at": "2026-03-01T08:00:00.000Z", "valid": False},
        "halt": {"since": "2026-03-02T11:40:00.000Z", "detail": "401 10009 authentication failed"},
        "paused": {
            "since": "2026-03-02T11:30:00.000Z",
            "reason": f"a migration {HOSTILE}",
            "author": "cli",
            "until": "2026-03-02T18:00:00.000Z",
        },
        "next_check_at": "2026-03-02T12:08:00.000Z",
    }


def an_explanation() -> dict[str, object]:
    """A number that a carrier refused."""
    return {
        "format_version": "1",
        "number": NUMBER,
        "pool": "acme-alerts",
        "campaign": "C6X6M95",
        "phase": "Blocked",
        "fresh": True,
        "reason": "carrier_refused",
        "message": f"It is assigned, but a carrier refused it. Telnyx says: {HOSTILE}",
        "next_step": "Ask Telnyx support; name the number, the campaign and the carrier.",
        "who": "carrier",
        "next_at": None,
        "checks": [
            {"name": "config", "result": "ok", "evidence": "pool acme-alerts, campaign C6X6M95", "age_seconds": None},
            {"name": "campaign", "result": "ok", "evidence": "approved (MNO_PROVISIONED)", "age_seconds": 120.0},
            {"name": "tmobile", "result": "fail", "evidence": "FAILED", "age_seconds": 120.0},
            {"name": "others", "result": "wait", "evidence": "PENDING", "age_seconds": 4_000.0},
            {"name": "att", "result": "unknown", "evidence": "not read yet", "age_seconds": None},
        ],
        "timeline": [
            {"at": "2026-03-02T11:00:00.000Z", "what": "sent", "detail": "assign, attempt 1", "ref": "operation 7"},
            {"at": "2026-03-02T11:05:00.000Z", "what": "seen", "detail": "assigned, tmobile failed", "ref": ""},
        ],
    }


@dataclass
class Desk:
    """A running admin listener, and what stands behind it."""

    address: tuple[str, int] = ("", 0)
    status: dict[str, object] = field(default_factory=a_status)
    checks: dict[str, str] = field(default_factory=lambda: {"store": "", "config": ""})
    invalid: ConfigError | None = None
    reloads: int = 0
    syncs: int = 0
    asked: list[str] = field(default_factory=list)

    async def give_status(self) -> dict[str, object]:
        return self.status

    done: list[tuple[object, ...]] = field(default_factory=list)
    """What a person had done, in order."""
    trouble: StoreError | None = None
    store: str = "7"

    async def explain(self, number: PhoneNumber) -> dict[str, object] | None:
        self.asked.append(number)
        return an_explanation() if number == NUMBER else None

    async def numbers(self, phase: str | None, pool: str | None, limit: int, after: str) -> dict[str, object]:
        return self._note("numbers", phase, pool, limit, after)

    async def operations(self, limit: int) -> dict[str, object]:
        return self._note("operations", limit)

    async def events(
        self, state: str | None, event_type: str | None, source: str | None, limit: int, before: int | None
    ) -> dict[str, object]:
        return self._note("events", state, event_type, source, limit, before)

    async def event(self, number: int) -> dict[str, object] | None:
        return self._note("event", number) if number == EVENT else None

    async def inspect(self, number: int) -> dict[str, object] | None:
        return self._note("inspect", number) if number == EVENT else None

    async def alerts(self) -> dict[str, object]:
        return self._note("alerts")

    async def pause(self, reason: str, until: datetime | None, by: str) -> dict[str, object]:
        return self._note("pause", reason, until, by)

    async def resume(self) -> dict[str, object]:
        return self._note("resume")

    async def retry(self, numbers: tuple[PhoneNumber, ...] | None, by: str) -> dict[str, object]:
        return self._note("retry", numbers, by)

    def _note(self, *what: object) -> dict[str, object]:
        if self.trouble is not None:
            raise self.trouble
        self.done.append(what)
        return {"did": what[0]}

    async def sync(self) -> None:
        self.syncs += 1

    async def reload(self) -> None:
        if self.invalid is not None:
            raise self.invalid
        self.reloads += 1

    async def ready(self) -> dict[str, str]:
        return self.checks

    async def ask(
        self, path: str, *headers: str, method: str = "GET", host: str = "", body: bytes | None = None
    ) -> Reply:
        """One request as a browser or a tool sends it."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or '{}:{}'.format(*self.address)}", *headers, "", ""]
        if body is not None:
            lines[-2:-2] = [f"Content-Length: {len(body)}"]
        async with Wire(self.address) as wire:
            await wire.send("\r\n".join(lines).encode("latin-1") + (body or b""))
            reply = await wire.reply()
        assert reply is not None
        return reply


@asynccontextmanager
async def administering(listen: Listen = LOOPBACK) -> AsyncIterator[Desk]:
    """Run an admin listener until the block ends."""
    desk = Desk()
    app = admin_app(
        status=desk.give_status,
        reload=desk.reload,
        sync=desk.sync,
        ready=desk.ready,
        metrics=Meter("0.1.0").render,
        desk=desk,
        clock=FixedClock(),
        listen=listen,
    )
    async with serving(admin_config(app, listen)) as address:
        desk.address = address
        yield desk
