"""serve: run the service."""

from __future__ import annotations

import click


@click.command()
@click.pass_obj
def serve(config: str | None) -> int:
    """Run the service: receiver, event processor, scheduler, queue, alerts, status page.

    SIGHUP reloads the config (the last good one stays in force if the new one is not), SIGTERM ends it.
    """
    from reconciler.app.run import serve as run_service
    from reconciler.app.wiring import config_file

    return run_service(config_file(config))
