"""Alerts in a Slack channel, by an incoming webhook, whose URL is a credential as a whole.

Limits are Slack's own: 50 blocks, 150 characters in a header, 3000 in a section's text, 2000 in one of its 10 fields
(Block Kit reference). `&`, `<` and `>` are escaped, so that nobody's text can mention a channel (Formatting text).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from reconciler.alerts.wire import Wire
from reconciler.model.alerts import Sent, Severity
from reconciler.model.errors import Fault
from reconciler.model.settings import Secret

HEADER_CHARACTERS: Final = 150
SECTION_CHARACTERS: Final = 3_000
FIELD_CHARACTERS: Final = 2_000
MOST_EXAMPLES: Final = 10
MOST_REASONS: Final = 10

_MARKS: Final[Mapping[str, str]] = MappingProxyType(
    {Severity.CRITICAL: "🔴", Severity.WARNING: "🟠", Severity.INFO: "🔵"}
)
_RESOLVED: Final = "✅"
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "invalid_payload": "invalid_payload: Slack cannot read the message; this is a bug of ours",
        "invalid_blocks": "invalid_blocks: Slack cannot read the message; this is a bug of ours",
        "user_not_found": "user_not_found: the URL's user is no more; make a new incoming webhook",
        "action_prohibited": "action_prohibited: the workspace does not let this webhook post",
        "posting_to_general_channel_denied": "posting_to_general_channel_denied: choose another channel",
        "channel_not_found": "channel_not_found: the channel is no more; make a new incoming webhook",
        "channel_is_archived": "channel_is_archived: bring the channel back, or make a new incoming webhook",
        "no_service": "no_service: the incoming webhook is off or removed; make a new one",
        "no_service_id": "no_service_id: the URL is not whole; copy it again",
        "no_team": "no_team: the workspace is no more, or the URL is not whole; copy it again",
        "no_active_hooks": "no_active_hooks: the incoming webhook is off; make a new one",
        "invalid_token": "invalid_token: the URL is not whole, or was replaced; copy it again",
        "team_disabled": "team_disabled: the workspace is off",
        "rollup_error": "rollup_error: trouble at Slack",
    }
)
"""What Slack answers, in words (Incoming webhooks: handling errors)."""


class SlackSink:
    """Posts each message to one incoming webhook."""

    def __init__(self, name: str, url: Secret) -> None:
        """Raises ReconcilerError for text that is no URL."""
        self._name = name
        self._wire = Wire(name, url)

    @property
    def name(self) -> str:
        """Its name in the config."""
        return self._name

    @property
    def notes(self) -> str:
        """Nothing that a person must know."""
        return ""

    async def send(self, body: str) -> Sent | Fault:
        """Post it. 2xx: it arrived."""
        payload = json.dumps(slack_message(json.loads(body)))
        return await self._wire.post(payload.encode(), {"content-type": "application/json"}, _WORDS)


def slack_message(letter: Mapping[str, Any]) -> dict[str, object]:
    """A message as Slack takes it: a text for notifications and old clients, and blocks for the channel."""
    is_over = letter["status"] == "resolved"
    mark = _RESOLVED if is_over else _MARKS.get(letter["severity"], "")
    where = f" {letter['pool']}" if letter["pool"] else ""
    title = f"{mark} {letter['alert']}{where}: {'resolved' if is_over else letter['severity']}"
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": escaped(title, HEADER_CHARACTERS), "emoji": True}},
        _section(escaped(f"{letter['what']}.", SECTION_CHARACTERS)),
        {"type": "section", "fields": _fields(letter)},
    ]
    told = (("Sending", "affected"), ("What we do", "we_do"), ("What you should do", "you_do"))
    if advice := "\n".join(f"*{name}:* {escaped(letter[key], 900)}" for name, key in told if letter[key]):
        blocks.append(_section(advice))
    if examples := letter["examples"][:MOST_EXAMPLES]:
        blocks.append(_section("\n".join(["*Such as*", *map(_example, examples)])))
    ways = [f"`{escaped(letter['command'], 300)}`"] if letter["command"] else []
    if letter["link"]:
        ways.append(f"<{escaped(letter['link'], 1_000)}|status page>")
    if ways:
        blocks.append({"type": "context", "elements": [_text(" · ".join(ways))]})
    return {"text": escaped(f"{title}. {letter['summary']}", SECTION_CHARACTERS), "blocks": blocks}


def escaped(text: str, limit: int) -> str:
    """The text as Slack wants it, cut to a number of characters, never within an escape."""
    out: list[str] = []
    length = 0
    for character in text:
        one = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(character, character)
        length += len(one)
        if length > limit - 1:
            return "".join([*out, "…"])
        out.append(one)
    return "".join(out)


def _fields(letter: Mapping[str, Any]) -> list[dict[str, object]]:
    rows = {"Since": letter["started_at"], "How many": str(letter["count"])}
    rows["Pool"] = letter["pool"] or "the whole account"
    counts = (f"{one['reason']}: {one['count']}" for one in letter["reasons"][:MOST_REASONS] if one["reason"])
    if reasons := ", ".join(counts):
        rows["Reasons"] = reasons
    return [_text(f"*{name}*\n{escaped(value, FIELD_CHARACTERS - 100)}") for name, value in rows.items()]


def _example(one: Mapping[str, str]) -> str:
    detail = f": {escaped(one['detail'], 200)}" if one["detail"] else ""
    return f"• {escaped(one['subject'], 90)}{detail}"


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": _text(text)}


def _text(text: str) -> dict[str, object]:
    """Verbatim: Slack makes no links and no mentions of what it finds in it."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
