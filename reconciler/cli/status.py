"""status and explain: from the store, or from a look at Telnyx where there is no store yet."""

from __future__ import annotations

import asyncio
import time

import click

from reconciler.app.shapes import ExplainShape, StatusShape
from reconciler.cli.loading import loaded
from reconciler.cli.output import ago, output_option, paused, show_json, show_table, span

_STORE = {"restored": "knows less than was done (a backup, or a copy)", "lost": "was gone, and was made anew"}


@click.command()
@click.argument("pool", required=False)
@click.option("--exit-code", is_flag=True, help="exit 2 if a number is not Ready")
@click.option("--watch", is_flag=True, help="show it anew every 2 seconds")
@output_option("text", "json")
@click.pass_obj
def status(config: str | None, pool: str | None, output: str, *, exit_code: bool, watch: bool) -> int:
    """Show every pool: one headline word, what is wanted, what is there, what is in the way."""
    from reconciler.cli import EXIT_CHANGES

    shape = _status(config, pool)
    while True:
        if output == "json":
            show_json(shape)
        else:
            _show_status(shape)
        if not watch:
            break
        time.sleep(2)
        click.clear()
        shape = _status(config, pool)
    behind = any(one.phases.get("Ready", 0) != one.desired for one in shape.pools)
    return EXIT_CHANGES if exit_code and behind else 0


def _status(config: str | None, pool: str | None) -> StatusShape:
    from reconciler.app.live import read_status

    settings, declaration = loaded(config)
    if pool is not None and pool not in {one.name for one in declaration.pools}:
        raise click.BadParameter(f"no pool is named {pool}", param_hint="POOL")
    shape = asyncio.run(read_status(settings, declaration))
    if pool is None:
        return shape
    return shape.model_copy(update={"pools": tuple(one for one in shape.pools if one.name == pool)})


def _show_status(shape: StatusShape) -> None:
    show_table(
        ("POOL", "HEADLINE", "READY", "PHASES", "DRIFT", "CAMPAIGN", "CHECKED", "CHANGED"),
        [
            (
                one.name,
                one.headline + (" (observe)" if one.mode == "observe" else ""),
                f"{one.phases.get('Ready', 0)}/{one.desired}",
                " ".join(f"{name}:{count}" for name, count in one.phases.items()) or "–",
                " ".join(f"{name}:{count}" for name, count in one.drift.items()) or "–",
                f"{one.campaign} {one.campaign_phase}",
                ago(one.checked_at),
                ago(one.changed_at),
            )
            for one in shape.pools
        ],
    )
    queue = shape.queue
    oldest = f", oldest {span(queue.oldest_seconds)}" if queue.oldest_seconds else ""
    click.echo(f"queue      {queue.open} open{oldest}, {queue.unresolved} with unknown outcome")
    quarantined = f", {shape.webhooks.quarantined} quarantined" if shape.webhooks.quarantined else ""
    click.echo(f"webhooks   last {ago(shape.webhooks.last_received_at)}{quarantined}")
    for one in shape.webhooks.not_ours:
        where = one.webhook_url or "nowhere"
        click.echo(
            f"           campaign {one.campaign} sends its events to {where}, not to us: its changes are"
            " seen at the next drift check only"
        )
    config = shape.config
    valid = "" if config.valid else "; THE FILE'S NEWEST CONTENT IS INVALID, this is the last good one"
    click.echo(f"config     {config.digest[:12]}, loaded {ago(config.loaded_at)}{valid}")
    if shape.store is not None:
        seen = f"seen {ago(shape.store.since)}: what was assigned before is not ours"
        click.echo(f"STORE      {_STORE[shape.store.cause]}, {seen}")
    if shape.halt is not None:
        click.echo(f"HALTED     since {ago(shape.halt.since)}: {shape.halt.detail}")
    if shape.paused is not None:
        click.echo(f"PAUSED     {paused(shape.paused)}")
    for alert in shape.alerts.list:
        where = f" {alert.pool}" if alert.pool else ""
        what = f"{alert.alert}{where} ({alert.count}) since {ago(alert.since)}: {alert.detail}"
        click.echo(f"alert      {alert.severity:<8} {what}")


@click.command()
@click.argument("number")
@output_option("text", "json")
@click.pass_obj
def explain(config: str | None, number: str, output: str) -> int:
    """Say why a number is or is not sending: link by link, with evidence, age, and who can mend it."""
    from reconciler.app.live import read_explanation
    from reconciler.model.ids import PhoneNumber

    try:
        wanted = PhoneNumber(number)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="NUMBER") from None
    settings, declaration = loaded(config)
    shape = asyncio.run(read_explanation(settings, declaration, wanted))
    if output == "json":
        show_json(shape)
    else:
        _show_explanation(shape)
    return 0


def _show_explanation(shape: ExplainShape) -> None:
    reason = f" ({shape.reason})" if shape.reason else ""
    is_old = not shape.fresh and any(one.age_seconds is not None for one in shape.checks)
    stale = ", from old evidence" if is_old else ""
    click.echo(click.style(f"{shape.number}: {shape.phase}{reason}{stale}", bold=True))
    click.echo(f"  {shape.message}")
    if shape.next_step:
        who = {"us": "this service", "telnyx": "Telnyx", "carrier": "the carrier", "you": "you"}[shape.who]
        click.echo(f"  Who can change it: {who}. {shape.next_step}")
    if shape.next_at is not None:
        click.echo(f"  We try again at {shape.next_at:%Y-%m-%dT%H:%M:%SZ}.")
    click.echo()
    marks = {"ok": "✓", "wait": "…", "fail": "✗", "unknown": "?"}
    show_table(
        ("", "CHECK", "EVIDENCE", "AGE"),
        [
            (marks[one.result], one.name, one.evidence, "" if one.age_seconds is None else span(one.age_seconds))
            for one in shape.checks
        ],
    )
    if shape.timeline:
        click.echo()
        show_table(
            ("AT", "WHAT", "DETAIL"),
            [(f"{one.at:%Y-%m-%dT%H:%M:%SZ}", one.what, one.detail) for one in shape.timeline],
        )
