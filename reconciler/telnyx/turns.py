"""Turns: the right to make one call to Telnyx, to change one number or to read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Assignment, Single
from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.model.lines import Line
from reconciler.model.plan import Assign
from reconciler.model.verdicts import Accepted, Refused, Told, Unresolved
from reconciler.ports import Clock
from reconciler.telnyx import calls
from reconciler.telnyx.account import ask_account_line, ask_messaging_line
from reconciler.telnyx.answers import read_assignment
from reconciler.telnyx.documents import Json, Unreadable
from reconciler.telnyx.known import Known
from reconciler.telnyx.lines import read_changed
from reconciler.telnyx.pages import Ask

T = TypeVar("T")


class OneCall:
    """The right to make one call: implements `ports.Turn`."""

    def __init__(self, ask: Ask, clock: Clock, known: Known) -> None:
        self._ask = ask
        self._clock = clock
        self._known = known
        self.used = False

    async def act(self, action: Assign) -> Accepted | Refused | Unresolved:
        """Ask for a number to be assigned. Any 2xx with a readable item is Accepted (OAS says 200).

        Refused is what was surely not done: an error document, or no connection. Everything else is Unresolved: an
        item that is about another number or another campaign too, for nobody can tell what it answers.
        """
        campaign = self._known.id_at_telnyx(action.campaign)
        request = calls.post_assignment(self._known.assignment_path, action.number, campaign)
        ids = (action.campaign, *self._known.aliases(action.campaign))
        answer = await self.ask(request, partial(_assignment_to, action.number, ids))
        return _undone(answer) if isinstance(answer, Fault) else Accepted(answer)

    async def attach(self, line: Line, profile: ProfileId) -> Told | Refused | Unresolved:
        """Put a number on a messaging profile: as `act`. The answer tells where the number is, and that may differ.

        Where its id was never told, the number stands in its place ("the phone number to update", OAS).
        """
        request = calls.patch_profile(line.id or line.number, profile)
        answer = await self.ask(request, partial(read_changed, asked=line.number))
        return _undone(answer) if isinstance(answer, Fault) else Told(answer, answer=True)

    async def look(self, number: PhoneNumber) -> Single | Fault:
        """Read one number's assignment."""
        return await ask_single(self.ask, self._clock, self._known, number)

    async def read(self, number: PhoneNumber) -> Line | Fault:
        """Read one number as the account has it, from one of the two lists that may tell.

        Where the first does not show it, it is unclear, and the next read asks the second: only that one shows
        absence, so a number that may be in it is never taken for gone.
        """
        taken_at = self._clock.now()
        if self._known.is_elsewhere(number):
            line = await ask_account_line(self.ask, number)
            if isinstance(line, Line) and line.unclear:
                self._known.look_here_again(number)
            return line
        shown = await ask_messaging_line(self.ask, number)
        if shown is not None:
            return shown
        self._known.look_elsewhere(number)
        return Line(number, taken_at, unclear=True)

    async def ask(self, request: calls.Request, read: Callable[[Json, datetime], T]) -> T | Fault:
        """Use the turn for any call."""
        if self.used:
            raise RuntimeError("a turn is one call")
        self.used = True
        return await self._ask(request, read)


async def ask_single(ask: Ask, clock: Clock, known: Known, number: PhoneNumber) -> Single | Fault:
    """Read one number's assignment: 404 in an error document shows that it is on no campaign (OAS)."""
    taken_at = clock.now()
    answer = await ask(calls.get_number(known.assignment_path, number), partial(_assignment_of, number))
    if not isinstance(answer, Fault):
        return Single(number, answer, taken_at)
    return Single(number, None, taken_at) if answer.kind is FaultKind.NOT_FOUND else answer


def _undone(fault: Fault) -> Refused | Unresolved:
    return Unresolved(fault) if fault.kind is FaultKind.LOST else Refused(fault)


def _assignment_to(number: PhoneNumber, ids: tuple[CampaignId, ...], document: Json, read_at: datetime) -> Assignment:
    assignment = _assignment_of(number, document, read_at)
    if not assignment.is_on(ids[0], ids[1:]):
        raise Unreadable("it is about another campaign")
    return assignment


def _assignment_of(number: PhoneNumber, document: Json, _: datetime) -> Assignment:
    assignment = read_assignment(document)
    if assignment.number != number:
        raise Unreadable("it is about another number")
    return assignment
