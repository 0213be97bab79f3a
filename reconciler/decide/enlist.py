"""enlist: which numbers each pool wants now, from what the config says and what its selections chose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from reconciler.model.ids import PhoneNumber, PoolName
from reconciler.model.lines import Selected, Selection
from reconciler.model.pools import Declaration, Declared, Desired, Pool


def enlist(declaration: Declaration, selected: Iterable[Selected], *, now: datetime) -> Desired:
    """Make the desired state as of now.

    A number is wanted by one pool only: the one that lists it, else the first in the file whose selections choose it.
    The other pools that choose it say who has it (`Pool.claimed`). A selection that was never read chooses nothing
    yet, and nothing is taken away for that; but what pools after it choose is undecided until it is read.
    """
    chosen = {one.selection: one.numbers for one in selected}
    listed = {number: pool.name for pool in declaration.pools for number in _listed(pool, now)}
    owners = dict(listed)
    for pool in declaration.pools:
        for number in _selected(pool, chosen):
            owners.setdefault(number, pool.name)
    pools: list[Pool] = []
    rivals: list[Declared] = []
    for pool in declaration.pools:
        picked = _selected(pool, chosen)
        undecided = {
            number: rival for number in picked - listed.keys() if (rival := _rival(number, rivals)) is not None
        }
        unread = tuple(one for one in pool.selections if one not in chosen)
        pools.append(_pool(pool, {*_listed(pool, now), *picked}, owners, undecided, unread))
        if unread:
            rivals.append(pool)
    ends = (one.until for pool in declaration.pools for one in pool.listed)
    until = min((end for end in ends if end is not None and end > now), default=None)
    return Desired(declaration.revision, tuple(pools), until)


def _listed(pool: Declared, now: datetime) -> Iterator[PhoneNumber]:
    for one in pool.listed:
        if one.number not in pool.exclude and (one.until is None or now < one.until):
            yield one.number


def _selected(pool: Declared, chosen: Mapping[Selection, frozenset[PhoneNumber]]) -> frozenset[PhoneNumber]:
    found = (chosen.get(selection, frozenset()) for selection in pool.selections)
    return frozenset[PhoneNumber]().union(*found) - pool.exclude


def _rival(number: PhoneNumber, unread: Iterable[Declared]) -> PoolName | None:
    """The first of these pools that may yet choose it."""
    return next((pool.name for pool in unread if number not in pool.exclude), None)


def _pool(
    pool: Declared,
    asked: set[PhoneNumber],
    owners: Mapping[PhoneNumber, PoolName],
    undecided: Mapping[PhoneNumber, PoolName],
    unread: tuple[Selection, ...],
) -> Pool:
    numbers = {number for number in asked if owners[number] == pool.name}
    return Pool(
        name=pool.name,
        campaign=pool.campaign,
        numbers=tuple(sorted(numbers)),
        policy=pool.policy,
        description=pool.description,
        messaging_profile=pool.messaging_profile,
        selections=pool.selections,
        notes={one.number: one.note for one in pool.listed if one.note and one.number in numbers},
        claimed={number: owners[number] for number in asked - numbers},
        undecided={number: rival for number, rival in undecided.items() if number in numbers},
        unread=unread,
    )
