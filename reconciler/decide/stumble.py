"""stumble: whether a loop of the service that fails now and then is one that fails."""

from __future__ import annotations

from reconciler.model.health import Stumbles

FORGIVEN_SECONDS = 300.0
"""So long after a failure it is as if there had been none."""


def stumble(before: Stumbles, *, failed: bool, at: float) -> Stumbles:
    """What is remembered after one more step. `at` is in seconds, of a clock that never goes back.

    One failure by itself is an accident, which the log has. With the second within 5 minutes the loop fails, at once or
    in turns with steps that work, and it does so until 5 minutes have passed without one.
    """
    is_over = before.last_at is None or at - before.last_at >= FORGIVEN_SECONDS
    if failed:
        return Stumbles(at, again=not is_over)
    return Stumbles() if is_over else before
