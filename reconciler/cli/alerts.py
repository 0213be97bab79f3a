"""alerts: what fires, pends and is inhibited; and a test of the receivers."""

from __future__ import annotations

import asyncio

import click

from reconciler.cli.loading import loaded
from reconciler.cli.output import ago, count, output_option, show_json, show_table


@click.group()
def alerts() -> None:
    """The alerts, and those who are told of them."""


@alerts.command(name="list", short_help="list what fires, pends and is inhibited")
@output_option("text", "json")
@click.pass_obj
def list_(config: str | None, output: str) -> int:
    """List what fires, what may fire yet (pending), and what is not told while another alert fires (inhibited)."""
    from reconciler.app.alerting import read_alerts

    settings, _ = loaded(config)
    shape = asyncio.run(read_alerts(settings))
    if output == "json":
        show_json(shape)
        return 0
    rows = [
        (
            one.alert,
            one.pool or "–",
            one.severity,
            one.state,
            ago(one.since),
            str(one.count),
            " ".join(f"{reason}:{number}" for reason, number in one.reasons.items() if reason) or "–",
            ",".join(one.receivers) or "nobody",
            ": ".join(filter(None, (one.example, one.detail))) or "–",
        )
        for one in shape.alerts
    ]
    if rows:
        show_table(("ALERT", "POOL", "SEVERITY", "STATE", "SINCE", "COUNT", "REASONS", "TOLD TO", "SUCH AS"), rows)
    else:
        click.echo("no alert fires")
    for one in shape.unreached:
        waiting = count(one.waiting, "message")
        click.echo(f"receiver {one.receiver}: {count(one.failures, 'attempt')} failed in a row, {waiting} waiting")
    if shape.dropped:
        click.echo(f"{count(shape.dropped, 'message')} lost, ever: too many waited for one receiver")
    return 0


@alerts.command(short_help="send a firing and a resolve to the receivers")
@click.argument("receiver", required=False)
@output_option("text", "json")
@click.pass_obj
def test(config: str | None, receiver: str | None, output: str) -> int:
    """Send a firing and a resolve to RECEIVER, or to every receiver of the config, and print what each answers.

    No service is needed, and none is asked. Exits 1 if any message did not arrive.
    """
    from reconciler.app.alerting import try_receivers
    from reconciler.app.logs import set_up_logs
    from reconciler.cli import EXIT_FAILED

    settings, _ = loaded(config)
    names = [one.name for one in settings.alerts.receivers]
    if receiver is not None and receiver not in names:
        known = ", ".join(names) or "there is none"
        raise click.BadParameter(f"no receiver is named {receiver} ({known})", param_hint="RECEIVER")
    set_up_logs(settings.log)
    shape = asyncio.run(try_receivers(settings, receiver))
    if output == "json":
        show_json(shape)
    else:
        rows = [
            (one.receiver, one.status, "ok" if one.ok else "FAILED", f"{one.seconds:.2f} s", one.detail)
            for one in shape.steps
        ]
        show_table(("RECEIVER", "SENT", "", "TOOK", "ANSWER"), rows)
        for name, text in shape.notes.items():
            click.echo(f"{name}: {text}")
    return 0 if shape.ok else EXIT_FAILED
