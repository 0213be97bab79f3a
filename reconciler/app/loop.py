"""One loop: a step of the service, again and again, whatever becomes of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import structlog

from reconciler.app.bell import Bell
from reconciler.decide import conditions
from reconciler.decide.stumble import stumble
from reconciler.model.alerts import Judgement
from reconciler.model.errors import ReconcilerError, StoreError
from reconciler.model.health import Stumbles

TROUBLE_SECONDS = 5.0
"""A loop that failed pauses this long."""

log = structlog.get_logger()


async def loop(
    name: str,
    step: Callable[[], Awaitable[float]],
    bell: Bell,
    *,
    is_stopping: Callable[[], bool],
    tell: Callable[[Judgement], Awaitable[None]],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Call a step until the service stops. It answers how many seconds it may rest. `clock` gives seconds.

    Steps that fail again and again are an alert, until none has for a while. If the alert cannot be told the loop goes
    on all the same: the log has it, and the next failure tells it again.
    """
    stumbles, failing = Stumbles(), False
    while not is_stopping():
        words = ""
        try:
            rest = await step()
        except StoreError as trouble:  # all loops meet it, each a few times a minute: no traceback
            log.warning("loop_failed", loop=name, retry_in_seconds=TROUBLE_SECONDS, detail=str(trouble))
            rest, words = TROUBLE_SECONDS, _words(trouble)
        except Exception as error:
            log.exception("loop_failed", loop=name, retry_in_seconds=TROUBLE_SECONDS)
            rest, words = TROUBLE_SECONDS, _words(error)
        stumbles = stumble(stumbles, failed=bool(words), at=clock())
        if words and stumbles.again:
            failing = True
            await _told(tell, conditions.of_loop(name, words))
        elif failing and not stumbles.again:
            failing = not await _told(tell, conditions.of_loop(name))
        if not is_stopping():  # the ring of a stop wakes once, and loops share bells
            await bell.wait(rest)


async def _told(tell: Callable[[Judgement], Awaitable[None]], judgement: Judgement) -> bool:
    try:
        await tell(judgement)
    except StoreError as trouble:
        log.warning("alert_not_kept", detail=str(trouble))
        return False
    return True


def _words(error: Exception) -> str:
    """The error for people. Only what we raise ourselves is sure to hold no secret."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, ReconcilerError) else name
