"""Epochs: a new one begins when the store is found to be lost, or to be an old one; what it says ends there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOLD_FOR = timedelta(hours=24)
"""How long people are told of a new epoch."""
DOUBTED_FOR = timedelta(hours=1)
"""How long what is planned anew counts as asked for already, until a read of the number itself shows that it is not."""


class Origin(StrEnum):
    """How an epoch began."""

    NEW = "new"
    """The store's first."""
    RESTORED = "restored"
    """The store knows less than was done: it is a backup, or a copy."""
    LOST = "lost"
    """There was a store, and there was none any more."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One life of a store: what it remembers is all that was done in it."""

    number: int = 1
    cause: Origin = Origin.NEW
    began_at: datetime | None = None
    """When a service first worked on it; None: none has yet."""
    settles_at: datetime | None = None
    """From then on reads show what was asked for before it began."""
    add_only_since: datetime | None = None
    """What was assigned before then is not ours, whatever the journal says: it must never be taken away."""

    @property
    def is_doubtful(self) -> bool:
        """Whether requests may be out of which the store knows nothing."""
        return self.cause is not Origin.NEW

    def doubts(self, now: datetime) -> bool:
        """Whether what is planned now may have been asked for before, in the store that is gone."""
        return self.is_doubtful and (self.began_at is None or now < self.began_at + DOUBTED_FOR)

    def is_told(self, now: datetime) -> bool:
        """Whether people are still told of it."""
        return self.is_doubtful and self.began_at is not None and now < self.began_at + TOLD_FOR


@dataclass(frozen=True, slots=True)
class Mark:
    """What the witness beside a store says: the epoch, and how far its journal had come when the last request went."""

    epoch: int
    far: int


def begun(noted: Epoch | None, far: int, witness: Mark | None, *, is_new: bool) -> Epoch:
    """The epoch of a store that is opened for writing: what it says, or a new one.

    `is_new`: there was no store, or an empty one. `far` is how far its journal has come. A store without a witness
    fails closed, unless it never had one, or never asked for anything.
    """
    if is_new:
        return Epoch() if witness is None else Epoch(witness.epoch + 1, Origin.LOST)
    if noted is None:
        noted = Epoch()
        if witness is None:
            return noted
    if witness is None:
        return noted if far == 0 else Epoch(noted.number + 1, Origin.RESTORED)
    if noted.number < witness.epoch or (noted.number == witness.epoch and far < witness.far):
        return Epoch(max(noted.number, witness.epoch) + 1, Origin.RESTORED)
    return noted
