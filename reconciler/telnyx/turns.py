"""Turns: the right to make one call to Telnyx, and what the two calls about a single number bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Assignment, Single
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.operations import Accepted, Refused, Unresolved
from reconciler.model.plan import Action
from reconciler.ports import Clock
from reconciler.telnyx import wire
from reconciler.telnyx.answers import read_assignment
from reconciler.telnyx.documents import Json, Unreadable

T = TypeVar("T")


class Ask(Protocol):
    """Makes one call. `read` gets its answer and the time when it was asked for, and may raise Unreadable."""

    async def __call__(self, request: wire.Request, read: Callable[[Json, datetime], T], /) -> T | Fault:
        """What `read` made of the answer, or why there is none."""


class OneCall:
    """The right to make one call: implements `ports.Turn`."""

    def __init__(
        self, ask: Ask, clock: Clock, assignment_path: str, id_at_telnyx: Callable[[CampaignId], CampaignId]
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._path = assignment_path
        self._id_at_telnyx = id_at_telnyx
        self.used = False

    async def act(self, action: Action) -> Accepted | Refused | Unresolved:
        """Ask for a number to be assigned. Any 2xx with a readable item is Accepted (OAS says 200).

        Refused is what was surely not done: an error document, or no connection. Everything else is Unresolved.
        """
        request = wire.post_assignment(self._path, action.number, self._id_at_telnyx(action.campaign))
        answer = await self.ask(request, partial(_assignment_of, action.number))
        if not isinstance(answer, Fault):
            return Accepted(answer)
        return Unresolved(answer) if answer.kind is FaultKind.LOST else Refused(answer)

    async def look(self, number: PhoneNumber) -> Single | Fault:
        """Read one number: 404 in an error document shows that it is on no campaign (OAS)."""
        taken_at = self._clock.now()
        answer = await self.ask(wire.get_number(self._path, number), partial(_assignment_of, number))
        if not isinstance(answer, Fault):
            return Single(number, answer, taken_at)
        return Single(number, None, taken_at) if answer.kind is FaultKind.NOT_FOUND else answer

    async def ask(self, request: wire.Request, read: Callable[[Json, datetime], T]) -> T | Fault:
        """Use the turn for any call."""
        if self.used:
            raise RuntimeError("a turn is one call")
        self.used = True
        return await self._ask(request, read)


def _assignment_of(number: PhoneNumber, document: Json, _: datetime) -> Assignment:
    assignment = read_assignment(document)
    if assignment.number != number:
        raise Unreadable("it is about another number")
    return assignment
