"""One step of one operation at Telnyx: for each verb, what is sent, and what is read to learn what became of it."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.compose.rounds import heals
from reconciler.decide.retire import STALE, is_wanted
from reconciler.model.errors import Fault
from reconciler.model.lines import Membership
from reconciler.model.operations import Operation, Step, Urgency
from reconciler.model.plan import Action, Assign, AttachProfile, Verb
from reconciler.model.pools import Desired, Mode
from reconciler.model.verdicts import Absent, Done, Outcome, Refused, Seen, Told, Unread
from reconciler.ports import Hands, Turn


async def attempt(
    hands: Hands, turn: Turn, operation: Operation, desired: Callable[[], Desired], urgency: Urgency
) -> Outcome | Done:
    """Do it, with a turn that was taken for it. Done: nothing was sent, because it is not wanted any more.

    What is desired is asked just before each write.
    """
    if operation.step is Step.UNRESOLVED:
        return await _reread(turn, operation)
    action = _action(operation)
    if not _is_asked_for(operation, desired()):
        return STALE
    match action:
        case Assign():
            return await turn.act(action)
        case AttachProfile():
            return await _attach(hands, turn, operation, action, desired, urgency)


def _is_asked_for(operation: Operation, desired: Desired) -> bool:
    pool = desired.pool_of(operation.number)
    if pool is None or not is_wanted(operation, pool):
        return False
    return pool.policy.mode_for(heals(_action(operation))) is Mode.ENFORCE


def _action(operation: Operation) -> Action:
    if operation.profile is None:
        return Assign(operation.number, operation.pool, operation.campaign)
    return AttachProfile(operation.number, operation.pool, operation.campaign, operation.profile)


async def _attach(
    hands: Hands,
    turn: Turn,
    operation: Operation,
    action: AttachProfile,
    desired: Callable[[], Desired],
    urgency: Urgency,
) -> Outcome | Done:
    """A number is never taken from a profile: its own record is read just before, and the lease is held until after."""
    line = await turn.read(action.number)
    if isinstance(line, Fault):
        return Refused(line)
    if line.membership(action.profile) is not Membership.NONE:
        return Told(line)
    async with hands.telnyx.turn(urgency) as second:
        await hands.store.renew(operation, hands.clock.now(), hands.patience.lease)
        if not _is_asked_for(operation, desired()):
            return STALE
        return await second.attach(line, action.profile)


async def _reread(turn: Turn, operation: Operation) -> Outcome:
    match operation.verb:
        case Verb.ASSIGN:
            read = await turn.look(operation.number)
            if isinstance(read, Fault):
                return Unread(read)
            return Absent(read.taken_at) if read.assignment is None else Seen(read.assignment, read.taken_at)
        case Verb.ATTACH_PROFILE:
            line = await turn.read(operation.number)
            return Unread(line) if isinstance(line, Fault) else Told(line)
