"""The service's own log: one JSON object a line, or console text on a terminal; redaction comes last."""

from __future__ import annotations

import atexit
import json
import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from reconciler.app.outlet import Outlet
from reconciler.model.settings import LogSettings

MOST_VALUE_CHARACTERS = 500

_tracebacks = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
"""Without the frames' local variables: these hold secrets and phone numbers."""
_console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
"""The default shows the frames' local variables."""


def set_up_logs(settings: LogSettings) -> Outlet:
    """Configure structlog once, at start. Everything goes to stderr, through an outlet that holds nobody up."""
    level = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
    is_shown = sys.stderr is not None and sys.stderr.isatty()
    as_text = settings.format == "console" or (settings.format == "auto" and is_shown)
    outlet = Outlet(sys.stderr, _lost)
    atexit.register(outlet.drain)
    show = _console if as_text else structlog.processors.JSONRenderer(ensure_ascii=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(() if as_text else (_tracebacks,)),
            _bound,
            show,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level[settings.level]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", outlet)),
        cache_logger_on_first_use=True,
    )
    for loud in ("httpx", "httpcore", "apscheduler", "alembic", "uvicorn"):
        logging.getLogger(loud).setLevel(logging.WARNING)  # httpx logs whole URLs at INFO, and some are credentials
    logging.lastResort = logging.StreamHandler(outlet)  # what libraries warn of: the event loop waits for it no more
    logging.lastResort.setLevel(logging.WARNING)
    return outlet


def _lost(lines: int) -> str:
    return json.dumps({"event": "log_lines_lost", "level": "warning", "count": lines}) + "\n"


def _bound(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Cut long values, so that no answer of the network can fill the log."""
    del logger, name
    for key, value in event.items():
        if isinstance(value, str) and len(value) > MOST_VALUE_CHARACTERS:
            event[key] = value[:MOST_VALUE_CHARACTERS] + "…"
    return event
