"""Output: results to stdout, everything else to stderr; text for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.model.errors import ConfigError, Problem, ReconcilerError, ServiceRefused

if TYPE_CHECKING:
    from pydantic import BaseModel

    from reconciler.app.shapes import PauseShape

_Command = TypeVar("_Command", bound=Callable[..., Any])


def output_option(*formats: str) -> Callable[[_Command], _Command]:
    """The option `-o`; the first format is the default."""
    return click.option("-o", "--output", type=click.Choice(formats), default=formats[0], help="how to print it")


def show_json(shape: BaseModel) -> None:
    """Print a result as JSON: one document, two spaces, keys in the order of its schema."""
    click.echo(json_safe(json.dumps(shape.model_dump(mode="json"), indent=2, ensure_ascii=False)))


def json_safe(text: str) -> str:
    """The same JSON, with nothing in it that a terminal would act on instead of showing it."""
    return "\n".join(map(text_safe, text.split("\n")))


def text_safe(text: str) -> str:
    """Text of others on one line: what is not printable is shown by its number, as JSON writes it."""
    return text if text.isprintable() else "".join(one if one.isprintable() else _numbered(one) for one in text)


def _numbered(character: str) -> str:
    units = character.encode("utf-16-be", errors="surrogatepass")
    return "".join(f"\\u{units[start]:02x}{units[start + 1]:02x}" for start in range(0, len(units), 2))


def show_error(error: ReconcilerError, as_json: bool) -> None:  # noqa: FBT001 -- one caller, and its name says it
    """Print a failure to stderr."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    if as_json:
        code = error.code if isinstance(error, ServiceRefused) else type(error).__name__
        told: dict[str, object] = {"code": code, "message": str(error), "hint": error.hint}
        if problems:
            told["place"] = str(problems[0].place)
            told["problems"] = [problem_json(problem) for problem in problems]
        show_failure(**told)
        return
    for problem in problems:
        show_problem(problem)
    if not problems:
        click.echo(f"{click.style('error', fg='red')}: {error}", err=True)
    else:
        click.echo(f"{count(len(problems), 'problem')} in the config", err=True)
    if error.hint:
        click.echo(f"  {error.hint}", err=True)


def show_failure(**told: object) -> None:
    """Print a failure to stderr for programs: `code`, `message`, `hint`, and where it has one its `place`."""
    click.echo(json.dumps({"error": told}, ensure_ascii=False), err=True)


def show_problem(problem: Problem) -> None:
    """One mistake in the config: place, what, the line with a mark, the way out."""
    place = problem.place
    click.echo(f"{click.style(str(place), bold=True)}: {problem.message}", err=True)
    if place.text:
        click.echo(
            f"    {place.text}\n    {' ' * min(place.column - 1, len(place.text))}{click.style('^', fg='red')}",
            err=True,
        )
    if problem.hint:
        click.echo(f"    {problem.hint}", err=True)


def problem_json(problem: Problem) -> dict[str, object]:
    """The same for programs."""
    place = problem.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "message": problem.message,
        "hint": problem.hint,
    }


def show_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Aligned columns; the last is not padded. No table lines: it is made for terminals and for pipes.

    What others wrote cannot reach the terminal as anything but text.
    """
    lines = [tuple(heads), *(tuple(map(text_safe, row)) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    first, *others = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    click.echo(click.style(first, bold=True))
    if others:
        click.echo("\n".join(others))


def ago(at: datetime | None) -> str:
    """How long ago, in one unit: `now`, `42s ago`, `3m ago`."""
    if at is None:
        return "never"
    seconds = (datetime.now(UTC) - at).total_seconds()
    return f"{span(seconds)} ago" if seconds >= 1 else "now"


def span(seconds: float) -> str:
    """A length of time in one unit."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"


def paused(pause: PauseShape) -> str:
    """A pause on one line: since when, by whom, until when and why."""
    by = f" by {text_safe(pause.author)}" if pause.author else ""
    end = "" if pause.until is None else f", until {pause.until:%Y-%m-%dT%H:%M:%SZ}"
    return f"since {ago(pause.since)}{by}{end}" + (f": {text_safe(pause.reason)}" if pause.reason else "")


def count(number: int, noun: str) -> str:
    """`1 pool`, `2 pools`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def progress(text: str) -> None:
    """Say on stderr what is being done."""
    click.echo(text, err=True)
    sys.stderr.flush()
