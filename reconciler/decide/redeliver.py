"""redeliver: what becomes of a message after an attempt to deliver it, and whether its receiver keeps failing."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconciler.model.alerts import AlertName, Attempt, Condition, Family, Judgement, Parcel, Sent
from reconciler.model.errors import Fault, FaultKind

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
KEEPS_FAILING = 5
"""Failed attempts in a row after which the other receivers are told."""

_OF_THE_MESSAGE = (400, 413, 415, 422)
"""What a receiver answers to a message that it will not have, though it may take another."""


def redeliver(parcel: Parcel, outcome: Sent | Fault, *, now: datetime, draw: float) -> Attempt:
    """When it is tried again, and what that says of its receiver. `draw` is chance, in [0, 1).

    Waits double from 5 s to 5 min, of which the half at least is waited; a receiver that asks for more gets it.
    """
    family = Family(AlertName.NOTIFICATION_FAILED, "", parcel.receiver)
    if isinstance(outcome, Sent):
        return Attempt(None, judgement=Judgement((family,)))
    failures = parcel.failures + 1
    of_the_message = outcome.kind is FaultKind.REFUSED and outcome.status in _OF_THE_MESSAGE
    tries = parcel.attempts if of_the_message else parcel.failures
    wait = min(FIRST_WAIT * 2 ** min(tries, 10), LONGEST_WAIT) * (0.5 + draw / 2)
    asked = timedelta(seconds=outcome.retry_after_seconds or 0)
    failing = Condition(AlertName.NOTIFICATION_FAILED, "", parcel.receiver, outcome.kind, outcome.detail)
    return Attempt(
        retry_at=now + max(wait, asked),
        failures=failures,
        holds_all=not of_the_message,
        missed=outcome.kind is not FaultKind.LOST,
        judgement=Judgement((family,), (failing,)) if failures >= KEEPS_FAILING else Judgement(),
    )
