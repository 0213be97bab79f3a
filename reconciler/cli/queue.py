"""queue: what is to be done, in the order of its turns; brought forward, paused and resumed by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

import click

from reconciler.cli.loading import loaded
from reconciler.cli.output import count, output_option, paused, show_json, show_table, span

if TYPE_CHECKING:
    from reconciler.app.queue_shapes import OperationShape, OperationsShape, RetriedShape, RetriesShape
    from reconciler.model.ids import PhoneNumber

MOST_NUMBERS = 1_000
"""In one call; `--all` has no such limit."""
WORDS = 500

_WHY = {
    "due": "nothing to bring forward: it is due already, and waits for its turn",
    "under_way": "left alone: it is at Telnyx just now",
    "taken": "left alone: Telnyx took it and has not finished it; listings show when",
    "nothing_open": "nothing is open for it; `tendlc explain` says where it stands",
    "unknown_number": "no pool lists it, and it was never seen on a pool's campaign",
}


@click.group()
def queue() -> None:
    """The work queue: list it, bring numbers forward, pause and resume."""


@queue.command(name="list", short_help="show what is to be done, in the order of its turns")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="the first so many")
@click.option("--all", "everything", is_flag=True, help="all of it")
@output_option("text", "json")
@click.pass_obj
def list_(config: str | None, limit: int, output: str, *, everything: bool) -> int:
    """Show what is to be done, in the order of its turns: in doubt, to be sent by urgency, and at Telnyx."""
    from reconciler.app.lists import read_operations

    settings, _ = loaded(config)
    shape = asyncio.run(read_operations(settings, None if everything else limit))
    if output == "json":
        show_json(shape)
    else:
        _show_operations(shape)
    return 0


def _show_operations(shape: OperationsShape) -> None:
    heads = ("NUMBER", "VERB", "POOL", "STEP", "URGENCY", "REQUESTS", "REFUSALS", "TROUBLE", "NEXT", "REASON", "ERROR")
    show_table(heads, map(_row, shape.operations))
    left = shape.open - len(shape.operations)
    click.echo(
        f"{count(shape.open, 'operation')} open" + (f", {left} not shown (--all shows them)" if left > 0 else "")
    )
    if shape.paused is not None:
        click.echo(f"PAUSED     {paused(shape.paused)}")


def _row(one: OperationShape) -> tuple[str, ...]:
    next_at = "–" if one.due_at is None else "now" if one.due else f"in {span(_seconds_to(one.due_at))}"
    counts = (str(one.attempt), str(one.refusals), str(one.trouble))
    return (one.number, one.verb, one.pool, one.step, one.urgency, *counts, next_at, one.reason or "–", one.error)


def _seconds_to(at: datetime) -> float:
    return (at - datetime.now(UTC)).total_seconds()


@queue.command(short_help="send nothing new until resumed")
@click.option("--reason", default="", metavar="TEXT", help="why, for whoever finds it paused")
@click.option("--until", metavar="TIME", help="when it ends by itself: 2h, 2026-12-05 or 2026-12-05T17:00:00Z")
@output_option("text", "json")
@click.pass_obj
def pause(config: str | None, reason: str, until: str | None, output: str) -> int:
    """Send nothing new to Telnyx until resumed. Reads, looks and alerts go on; what is under way is finished."""
    from reconciler.app import asking

    if len(reason) > WORDS or not reason.isprintable():
        raise click.BadParameter(f"at most {WORDS} printable characters", param_hint="--reason")
    settings, _ = loaded(config)
    ends = None if until is None else _end(until, settings.windows.zone)
    shape = asyncio.run(asking.pause(settings, reason, ends))
    if output == "json":
        show_json(shape)
    elif shape.paused is not None:
        click.echo(f"paused {paused(shape.paused)}")
        click.echo("Nothing new is sent to Telnyx; reads, checks and alerts go on. `tendlc queue resume` ends it.")
    return 0


def _end(text: str, zone: tzinfo) -> datetime:
    from reconciler.config.mistake import Mistake
    from reconciler.config.scalars import duration
    from reconciler.config.times import until

    now = datetime.now(UTC)
    try:
        at = now + duration(text) if text[-1:] in "smhd" and "-" not in text else until(text, zone)
    except (Mistake, OverflowError) as mistake:
        raise click.BadParameter(f"{mistake}: {getattr(mistake, 'hint', '')}", param_hint="--until") from None
    if at <= now:
        raise click.BadParameter("that is over already", param_hint="--until")
    return at


@queue.command(short_help="send again")
@output_option("text", "json")
@click.pass_obj
def resume(config: str | None, output: str) -> int:
    """Send again what waits."""
    from reconciler.app import asking

    settings, _ = loaded(config)
    shape = asyncio.run(asking.resume(settings))
    if output == "json":
        show_json(shape)
    else:
        was = "nothing was paused" if shape.ended is None else f"resumed; it was paused {paused(shape.ended)}"
        click.echo(was)
    return 0


@queue.command(short_help="try numbers now that wait to be tried again")
@click.argument("numbers", nargs=-1, metavar="[NUMBER…]")
@click.option("--all", "everything", is_flag=True, help="all that wait")
@output_option("text", "json")
@click.pass_obj
def retry(config: str | None, numbers: tuple[str, ...], output: str, *, everything: bool) -> int:
    """Try numbers now that are blocked or wait to be tried again. What may have been sent is read, never sent twice."""
    from reconciler.app import asking
    from reconciler.cli import EXIT_FAILED

    if bool(numbers) == everything:
        raise click.UsageError("name the numbers, or say --all")
    wanted = None if everything else _numbers(numbers)
    shape = asyncio.run(asking.retry(*loaded(config), wanted))
    if output == "json":
        show_json(shape)
    else:
        _show_retries(shape)
    return EXIT_FAILED if any(one.why == "unknown_number" for one in shape.numbers) else 0


def _numbers(texts: Iterable[str]) -> tuple[PhoneNumber, ...]:
    from reconciler.model.ids import PhoneNumber

    try:
        numbers = tuple(dict.fromkeys(PhoneNumber(text) for text in texts))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="NUMBER") from None
    if len(numbers) > MOST_NUMBERS:
        raise click.BadParameter(f"at most {MOST_NUMBERS} at once; --all takes all that wait", param_hint="NUMBER")
    return numbers


def _show_retries(shape: RetriesShape) -> None:
    for one in shape.numbers:
        click.echo(f"{one.number}  {_told(one)}")
    if not shape.numbers:
        click.echo(f"{count(shape.send, 'number')} to be sent now, {shape.read} to be read now")
    if shape.paused is not None:
        click.echo(f"PAUSED     {paused(shape.paused)}; nothing is sent before that ends")


def _told(one: RetriedShape) -> str:
    match one.done:
        case "send":
            return "it is sent as soon as its turn comes"
        case "read":
            return "what became of its request is read now; it is not sent again while that is unknown"
        case _:
            return _WHY.get(one.why, one.why)
