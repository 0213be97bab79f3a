"""plan: what would change, from the config, a fresh look at the account, and what the store remembers."""

from __future__ import annotations

import asyncio

import click

from reconciler.app.shapes import PlanShape
from reconciler.cli.loading import loaded
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
    from reconciler.cli import EXIT_CHANGES
    from reconciler.model.errors import AccessRefused, FaultKind, ReconcilerError

    settings, declaration = loaded(config)
    if unknown := set(pools) - {pool.name for pool in declaration.pools}:
        raise click.BadParameter(f"no pool is named {', '.join(sorted(unknown))}", param_hint="POOL")
    shape, faults = asyncio.run(make_plan(settings, declaration, frozenset(pools)))
    if output == "json":
        show_json(shape)
    else:
        _show(shape, None if show_all else 20)
    if faults:
        kind = AccessRefused if any(fault.kind is FaultKind.HALTED for fault in faults) else ReconcilerError
        more = f" (and {len(shape.unread) - 1} more)" if shape.unread[1:] else ""
        told = f"the look at Telnyx was not complete: {shape.unread[0]}{more}"
        raise kind(told, "check base_url, the network and the key")
    return EXIT_CHANGES if detailed_exitcode and shape.actions else 0


def _show(shape: PlanShape, most: int | None) -> None:
    if shape.actions:
        rows = [
            (
                f"+ {one.verb}",
                one.number,
                one.pool + (" (observe)" if one.mode == "observe" else ""),
                one.messaging_profile or one.campaign,
            )
            for one in shape.actions[:most]
        ]
        show_table(("WOULD", "NUMBER", "POOL", "TO"), rows)
        _more(len(shape.actions), most)
    if shape.holds:
        rows = [(one.number, one.pool, one.reason, one.detail) for one in shape.holds[:most]]
        show_table(("HELD", "POOL", "REASON", "DETAIL"), rows)
        _more(len(shape.holds), most)
    whole = "" if shape.complete else " (the look at Telnyx was not complete)"
    attached = sum(one.verb == "attach_profile" for one in shape.actions)
    attach = f"{attached} to attach to a messaging profile, " if attached else ""
    assign = f"{len(shape.actions) - attached} to assign"
    told = f"{attach}{assign}, {len(shape.holds)} held, {shape.unchanged} unchanged{whole}"
    click.echo(f"{told}; plan {shape.digest[:12]}")


def _more(count: int, most: int | None) -> None:
    if most is not None and count > most:
        click.echo(f"… and {count - most} more (--all shows them)")
