"""events: the inbox, listed or exported."""

from __future__ import annotations

import asyncio
import json

import click

from reconciler.cli.output import ago, output_option, show_json, show_table


@click.group()
def events() -> None:
    """The webhook events received, from the store."""


@events.command(name="list", short_help="list events, the newest first")
@click.option("--state", type=click.Choice(["new", "processed", "quarantined"]), help="only these")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="the newest so many")
@output_option("text", "json")
@click.pass_obj
def list_(config: str | None, state: str | None, limit: int, output: str) -> int:
    """List events, the newest first."""
    from reconciler.app.live import read_events
    from reconciler.app.wiring import config_file
    from reconciler.flow import load

    settings, _ = load(config_file(config))
    shape = asyncio.run(read_events(settings, state, limit))
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


@events.command(short_help="print every stored event, one JSON object a line")
@click.pass_obj
def export(config: str | None) -> int:
    """Print every stored event, one JSON object a line, the oldest first. Bodies that are no UTF-8 come as base64."""
    from reconciler.app.live import export_events
    from reconciler.app.wiring import config_file
    from reconciler.flow import load

    settings, _ = load(config_file(config))

    async def run() -> None:
        async for line in export_events(settings):
            click.echo(json.dumps(line, ensure_ascii=False))

    asyncio.run(run())
    return 0
