"""events: the inbox, listed, shown one by one, or exported."""

from __future__ import annotations

import asyncio
import json
import string
from typing import TYPE_CHECKING

import click

from reconciler.cli.loading import loaded
from reconciler.cli.output import ago, count, json_safe, output_option, show_json, show_table, text_safe
from reconciler.model.errors import ReconcilerError

if TYPE_CHECKING:
    from reconciler.app.shapes import EventDetailShape
    from reconciler.model.settings import Settings

HEX_BYTES = 4_096
"""Of a body that is no JSON, so much is shown."""
_SHOWN = frozenset(f"{string.ascii_letters}{string.digits}{string.punctuation} ")


class _EventId(click.IntRange):
    name = "event id"


@click.group()
def events() -> None:
    """The webhook events received, from the store."""


@events.command(name="list", short_help="list events, the newest first")
@click.option("--state", type=click.Choice(["new", "processed", "quarantined"]), help="only these")
@click.option("--type", "event_type", metavar="TYPE", help="only these, such as 10dlc.campaign.update")
@click.option("--source", type=click.Choice(["webhook", "delivery"]), help="only what came so")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="the newest so many")
@output_option("text", "json")
@click.pass_obj
def list_(
    config: str | None, state: str | None, event_type: str | None, source: str | None, limit: int, output: str
) -> int:
    """List events, the newest first."""
    from reconciler.app.inbox import read_events
    from reconciler.model.events import EventSource, EventState

    settings, _ = loaded(config)
    wanted_state = None if state is None else EventState(state)
    wanted_source = None if source is None else EventSource(source)
    shape = asyncio.run(read_events(settings, limit, wanted_state, event_type, wanted_source))
    if output == "json":
        show_json(shape)
        return 0
    rows = [
        (
            str(one.id),
            ago(one.received_at),
            one.state,
            one.event_type or "–",
            one.type or "–",
            one.subject or "–",
            one.reason + (f" (+{one.duplicates} duplicates)" if one.duplicates else ""),
        )
        for one in shape.events
    ]
    show_table(("ID", "RECEIVED", "STATE", "EVENT", "TYPE", "ABOUT", "REASON"), rows)
    return 0


@events.command(short_help="show one event, whole")
@click.argument("number", metavar="ID", type=_EventId(1, 10**18 - 1))
@output_option("text", "json")
@click.pass_obj
def show(config: str | None, number: int, output: str) -> int:
    """Show one event, whole. One that is quarantined counts as inspected from then on, and its alert ends."""
    from reconciler.app.inbox import detail_shape, read_event
    from reconciler.model.events import EventState

    settings, _ = loaded(config)
    event = asyncio.run(read_event(settings, number))
    if event is None:
        raise ReconcilerError(f"there is no event {number}", "`tendlc events list` shows the newest")
    shape, trouble = detail_shape(event), None
    if event.state is EventState.QUARANTINED and event.inspected_at is None:
        shape, trouble = _inspected(settings, shape)
    if output == "json":
        show_json(shape)
    else:
        _show_event(shape, event.body)
    if trouble is not None:  # what was asked for is shown; that its alert goes on must be known too
        raise trouble
    return 0


def _inspected(settings: Settings, shape: EventDetailShape) -> tuple[EventDetailShape, ReconcilerError | None]:
    from reconciler.app import asking

    try:
        return asyncio.run(asking.inspect(settings, shape.id)), None
    except ReconcilerError as error:
        return shape, error


def _show_event(shape: EventDetailShape, body: bytes) -> None:
    click.echo(click.style(f"event {shape.id}: {shape.state}", bold=True))
    rows = (
        ("reason", shape.reason),
        ("event id", shape.event_id),
        ("event", shape.event_type),
        ("type", shape.type),
        ("about", shape.subject),
        ("received", f"{shape.received_at:%Y-%m-%dT%H:%M:%SZ} ({ago(shape.received_at)}), by {shape.source}"),
        ("again", f"{count(shape.duplicates, 'time')}" if shape.duplicates else ""),
        ("inspected", "" if shape.inspected_at is None else f"{shape.inspected_at:%Y-%m-%dT%H:%M:%SZ}"),
    )
    for name, text in rows:
        if text:
            click.echo(f"  {name:<10} {text_safe(text)}")
    click.echo(f"  {'body':<10} {count(len(body), 'byte')}")
    click.echo()
    pretty = _pretty(body)
    click.echo(_hex(body) if pretty is None else pretty)


def _pretty(body: bytes) -> str | None:
    """The body as JSON with a line for each part; None if it is none."""
    try:
        return json_safe(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):  # it may be anything, nested however deep
        return None


def _hex(body: bytes) -> str:
    """The beginning of the body in hexadecimal, as `hexdump -C` shows it."""
    lines = []
    for start in range(0, min(len(body), HEX_BYTES), 16):
        row = body[start : start + 16]
        text = "".join(chr(byte) if chr(byte) in _SHOWN else "." for byte in row)
        lines.append(f"{start:08x}  {row.hex(' '):<47}  |{text}|")
    if len(body) > HEX_BYTES:
        lines.append(f"… and {len(body) - HEX_BYTES} bytes more; `-o json` has them all in base64")
    return "\n".join(lines)


@events.command(short_help="print every stored event, one JSON object a line")
@click.pass_obj
def export(config: str | None) -> int:
    """Print every stored event, one JSON object a line, the oldest first. Bodies that are no UTF-8 come as base64."""
    from reconciler.app.inbox import export_events

    settings, _ = loaded(config)

    async def run() -> None:
        async for line in export_events(settings):
            click.echo(json_safe(json.dumps(line, ensure_ascii=False)))

    asyncio.run(run())
    return 0
