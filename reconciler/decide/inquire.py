"""inquire: which wanted numbers' own records in the account must be read, one by one."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.fleet import Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import Line, Membership
from reconciler.model.memory import Memory, longest_unread
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.pools import Desired, Pool
from reconciler.model.reasons import Reason

MOST_RECORDS = 50
"""In one round. The longest unread go first, so that however many are in question, each has its turn."""
MOST_REREAD = 10
"""In one round, of those whose last reading is only old: what is urgent waits for the round to end."""


def inquire(
    desired: Desired,
    observed: Observed,
    memory: Memory,
    *,
    now: datetime,
    patience: Patience,
    old: datetime | None = None,
) -> tuple[PhoneNumber, ...]:
    """Numbers whose messaging profile their pool names and no list tells, and numbers that Telnyx would not assign.

    `memory` knows already what the look's lists told. Where the list of the pool's profile could not be read, it is
    read again instead. A number that is not in the account, or was read lately to be elsewhere, is read again slowly;
    one whose profile the last read did not tell, after some minutes; one that it did not show, after the settle window.
    At last, some that no list shows, of profile or campaign, and that were last read before `old`.
    """
    broken = observed.broken
    told = observed.lines_told()
    asked: dict[PhoneNumber, datetime | None] = {}
    for pool in desired.pools:
        if pool.campaign not in observed.listings or pool.campaign in broken or pool.messaging_profile in broken:
            continue
        for number in pool.numbers:
            line, operation = memory.lines.get(number), memory.operations.get(number)
            if line is not None and not _is_due(line, now, patience):
                continue
            is_untold = number not in told and _is_untold(number, pool, memory, now, patience)
            if is_untold or _is_refused(operation, line):
                asked[number] = None if line is None else line.taken_at
    again = [] if old is None else _last_read_before(old, desired, observed, memory)
    return tuple(dict.fromkeys([*longest_unread(asked), *again]))[:MOST_RECORDS]


def _last_read_before(old: datetime, desired: Desired, observed: Observed, memory: Memory) -> list[PhoneNumber]:
    broken = observed.broken
    shown = {*observed.told(), *observed.lines_told()}
    unread: dict[PhoneNumber, datetime | None] = {}
    for pool in desired.pools:
        if pool.campaign not in observed.listings or not broken.isdisjoint({pool.campaign, pool.messaging_profile}):
            continue
        for number in pool.numbers:
            line = memory.lines.get(number)
            if number not in shown and number not in memory.operations and (line is None or line.taken_at < old):
                unread[number] = None if line is None else line.taken_at
    return longest_unread(unread)[:MOST_REREAD]


def _is_due(line: Line, now: datetime, patience: Patience) -> bool:
    """Whether it may be read again. One that a list lacks keeps its profile, and was not read since."""
    age = now - line.taken_at
    if line.is_gone:
        return age > patience.slow_recheck
    if line.absences:
        return age >= patience.settle_window
    return age >= patience.evidence_for_assign if line.unclear and line.profile is None else True


def _is_untold(number: PhoneNumber, pool: Pool, memory: Memory, now: datetime, patience: Patience) -> bool:
    profile = pool.messaging_profile
    known = None if profile is None else memory.profiles.get(profile)
    if profile is None or (known is not None and not known.exists):
        return False
    return memory.membership(number, profile, now=now, patience=patience) is Membership.UNKNOWN


def _is_refused(operation: Operation | None, line: Line | None) -> bool:
    """Whether Telnyx refused it for a cause that its record may show, and it was not read since."""
    if operation is None or operation.step is not Step.BLOCKED:
        return False
    if operation.reason not in (Reason.REQUEST_REFUSED, Reason.PROFILE_MISSING):
        return False
    # One read that shows no such number is not enough to believe it.
    return line is None or line.absences == 1 or (operation.sent_at is not None and line.taken_at < operation.sent_at)
