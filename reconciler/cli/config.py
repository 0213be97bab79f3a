"""validate and schema: the config file, without asking anybody."""

from __future__ import annotations

import json

import click

from reconciler.cli.output import count, output_option, problem_json, show_error
from reconciler.model.errors import ConfigError


@click.command()
@output_option("text", "json")
@click.pass_obj
def validate(config: str | None, output: str) -> int:
    """Check the config file: every mistake at once, each with its place."""
    from reconciler.app.wiring import config_file
    from reconciler.cli import EXIT_CONFIG
    from reconciler.flow import load

    file = config_file(config)
    try:
        _, declaration = load(file)
    except ConfigError as error:
        if output == "json":
            problems = [problem_json(problem) for problem in error.problems]
            click.echo(json.dumps({"format_version": "1", "valid": False, "problems": problems}, indent=2))
        else:
            show_error(error, as_json=False)
        return EXIT_CONFIG
    pools, selections = len(declaration.pools), len(declaration.selections)
    numbers = sum(len(pool.listed) for pool in declaration.pools)
    if output == "json":
        counts = {"pools": pools, "numbers": numbers, "selections": selections}
        click.echo(json.dumps({"format_version": "1", "valid": True, **counts, "problems": []}, indent=2))
    else:
        more = f" and {count(selections, 'selection')}" if selections else ""
        click.echo(f"{file.path}: valid, {count(pools, 'pool')} with {count(numbers, 'number')}{more}")
    return 0


_OUTPUTS = (
    "plan",
    "status",
    "explain",
    "numbers",
    "queue",
    "retry",
    "pause",
    "event",
    "event-detail",
    "alerts",
    "alerts-test",
)


@click.command()
@click.argument("what", type=click.Choice(["config", *_OUTPUTS]), default="config")
def schema(what: str) -> None:
    """Print a JSON Schema: of the config file, or of what a command prints with `-o json`."""
    from reconciler.app import queue_shapes, shapes
    from reconciler.app.wiring import config_schema

    models: dict[str, type[shapes.Shape]] = {
        "plan": shapes.PlanShape,
        "status": shapes.StatusShape,
        "explain": shapes.ExplainShape,
        "numbers": queue_shapes.NumbersShape,
        "queue": queue_shapes.OperationsShape,
        "retry": queue_shapes.RetriesShape,
        "pause": queue_shapes.PausedShape,
        "event": shapes.EventsShape,
        "event-detail": shapes.EventDetailShape,
        "alerts": shapes.AlertListShape,
        "alerts-test": shapes.AlertTestShape,
    }
    found = config_schema() if what == "config" else models[what].model_json_schema(mode="serialization")
    click.echo(json.dumps(found, indent=2))
