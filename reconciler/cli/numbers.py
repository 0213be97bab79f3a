"""numbers: every number, where it stands, and why."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from reconciler.cli.loading import loaded
from reconciler.cli.output import ago, count, json_safe, output_option, show_json, show_table, span
from reconciler.model.reasons import Reason
from reconciler.model.standing import Phase

if TYPE_CHECKING:
    from reconciler.app.queue_shapes import NumberShape


@click.command()
@click.option("--phase", type=click.Choice([one.value for one in Phase], case_sensitive=False), help="only these")
@click.option("--pool", metavar="POOL", help="only those of this pool")
@click.option("--reason", type=click.Choice([one.value for one in Reason if one]), metavar="REASON", help="only these")
@click.option("--all", "extras", is_flag=True, help="also numbers on the config's campaigns that no pool lists")
@output_option("text", "json", "ndjson")
@click.pass_obj
def numbers(
    config: str | None, phase: str | None, pool: str | None, reason: str | None, output: str, *, extras: bool
) -> int:
    """Show every number: its phase, why it is in it, who can change that, and when we go on by ourselves."""
    from reconciler.app.lists import Filter, read_numbers
    from reconciler.app.queue_shapes import NumbersShape

    settings, declaration = loaded(config)
    if pool is not None and pool not in {one.name for one in declaration.pools}:
        raise click.BadParameter(f"no pool is named {pool}", param_hint="--pool")
    found = asyncio.run(read_numbers(settings, declaration, Filter(phase, pool, reason), extras=extras))
    match output:
        case "json":
            show_json(NumbersShape(numbers=found))
        case "ndjson":
            for one in found:
                click.echo(json_safe(json.dumps(one.model_dump(mode="json"), ensure_ascii=False)))
        case _:
            heads = ("NUMBER", "POOL", "CAMPAIGN", "PHASE", "REASON", "WHO", "NEXT", "SINCE", "MESSAGE")
            show_table(heads, map(_row, found))
            click.echo(count(len(found), "number"))
    return 0


def _row(one: NumberShape) -> tuple[str, ...]:
    next_at = "–" if one.next_at is None else f"in {span((one.next_at - datetime.now(UTC)).total_seconds())}"
    since = "–" if one.since is None else ago(one.since)
    phase = one.phase if one.fresh else f"{one.phase} (stale)"
    return (
        one.number,
        one.pool or "–",
        one.campaign or "–",
        phase,
        one.reason or "–",
        one.who,
        next_at,
        since,
        one.message,
    )
