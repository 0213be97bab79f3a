"""closer: which numbers a look must read by themselves, once its lists are there."""

from __future__ import annotations

from datetime import datetime

from reconciler.compose.rounds import taught
from reconciler.decide.doubt import doubt
from reconciler.decide.inquire import inquire
from reconciler.decide.learn import learn
from reconciler.model.fleet import Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.patience import Patience
from reconciler.model.pools import Desired


def closer(
    desired: Desired,
    observed: Observed,
    memory: Memory,
    *,
    now: datetime,
    patience: Patience,
    old: datetime | None = None,
) -> tuple[tuple[PhoneNumber, ...], tuple[PhoneNumber, ...]]:
    """Numbers whose campaign the lists leave in doubt, and numbers whose own records they leave in doubt.

    Of records, what the lists just taught counts. Also some that the lists do not show and that were last read before
    `old`.
    """
    after = taught(memory, observed, learn(desired, observed, memory))
    return (
        doubt(desired, observed, memory, now=now, patience=patience, old=old),
        inquire(desired, observed, after, now=now, patience=patience, old=old),
    )
