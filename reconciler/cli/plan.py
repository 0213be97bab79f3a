"""plan: what would change, from the config, a fresh look at the account, and what the store remembers."""

from __future__ import annotations

import asyncio

import click

from reconciler.app.shapes import PlanShape
from reconciler.cli.output import output_option, show_json, show_table


@click.command()
@click.argument("pools", nargs=-1, metavar="[POOL]…")
@click.option("--detailed-exitcode", is_flag=True, help="exit 2 if anything would change")
@click.option("--all", "show_all", is_flag=True, help="every line, not the first 20 of each kind")
@output_option("text", "json")
@click.pass_obj
def plan(config: str | None, pools: tuple[str, ...], output: str, *, detailed_exitcode: bool, show_all: bool) -> int:
    """Show what would change. Only reads are made: nothing is written to Telnyx, nor to the store."""
    from reconciler.app.live import make_plan
    from reconciler.app.wiring import config_file
    from reconciler.cli import EXIT_CHANGES
    from reconciler.flow import load
    from reconciler.model.errors import AccessRefused, FaultKind, ReconcilerError
    from reconciler.model.pools import Mode

    settings, desired = load(config_file(config))
    if unknown := set(pools) - {pool.name for pool in desired.pools}:
        raise click.BadParameter(f"no pool is named {', '.join(sorted(unknown))}", param_hint="POOL")
    shape, faults = asyncio.run(make_plan(settings, desired, frozenset(pools)))
    observing = {str(pool.name) for pool in desired.pools if pool.policy.mode is Mode.OBSERVE}
    if output == "json":
        show_json(shape)
    else:
        _show(shape, observing, None if show_all else 20)
    if faults:
        kind = AccessRefused if any(fault.kind is FaultKind.HALTED for fault in faults) else ReconcilerError
        more = f" (and {len(shape.unread) - 1} more)" if shape.unread[1:] else ""
        told = f"the look at Telnyx was not complete: {shape.unread[0]}{more}"
        raise kind(told, "check base_url, the network and the key")
    return EXIT_CHANGES if detailed_exitcode and shape.actions else 0


def _show(shape: PlanShape, observing: set[str], most: int | None) -> None:
    if shape.actions:
        rows = [
            (f"+ {one.verb}", one.number, one.pool + (" (observe)" if one.pool in observing else ""), one.campaign)
            for one in shape.actions[:most]
        ]
        show_table(("WOULD", "NUMBER", "POOL", "CAMPAIGN"), rows)
        _more(len(shape.actions), most)
    if shape.holds:
        rows = [(one.number, one.pool, one.reason, one.detail) for one in shape.holds[:most]]
        show_table(("HELD", "POOL", "REASON", "DETAIL"), rows)
        _more(len(shape.holds), most)
    whole = "" if shape.complete else " (the look at Telnyx was not complete)"
    told = f"{len(shape.actions)} to assign, {len(shape.holds)} held, {shape.unchanged} unchanged{whole}"
    click.echo(f"{told}; plan {shape.digest[:12]}")


def _more(count: int, most: int | None) -> None:
    if most is not None and count > most:
        click.echo(f"… and {count - most} more (--all shows them)")
