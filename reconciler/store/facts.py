"""facts: what is known of campaigns, of the numbers on them and of pools, and what is still awaited."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from reconciler.model.fleet import Assignment, Campaign, CarrierState, Sighting
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Memory, PoolCheck
from reconciler.model.operations import Operation
from reconciler.model.patience import Awaited
from reconciler.store import dormancies, freezes, lines, meta, reversals
from reconciler.store.portions import portions
from reconciler.store.tables import (
    OPEN,
    SETTLING,
    WAITING,
    campaigns,
    columns,
    listings,
    operations,
    pool_checks,
    row_of,
    sightings,
)
from reconciler.store.upsert import insert, overwrite

_CAMPAIGN = columns(campaigns, Campaign)
_CHECK = columns(pool_checks, PoolCheck)
_OPERATION = columns(operations, Operation)
_BEGUN = select(*_OPERATION).where(OPEN)
_KEEP_CAMPAIGN = overwrite(campaigns, newest="read_at")
_listed = insert(listings)
_KEEP_LISTING = _listed.on_conflict_do_update(
    index_elements=list(listings.primary_key),
    set_={
        "looked_at": _listed.excluded.looked_at,
        "empty_since": case(
            (_listed.excluded.empty_since.is_(None), None),
            else_=func.coalesce(listings.c.empty_since, _listed.excluded.empty_since),
        ),
    },
    where=_listed.excluded.looked_at >= listings.c.looked_at,
)
_SIGHTING = [
    sightings.c[name]
    for name in (
        *("number", "seen_at", "source", "since", "was_ready", "doubted"),
        *("campaign", "state", "carriers", "failure", "aliases", "put_on"),
    )
]
_KEEP_SIGHTING = overwrite(sightings, newest="seen_at")
_KEEP_CHECK = overwrite(pool_checks)


# Writing.


def keep_campaigns(connection: Connection, seen: Collection[Campaign]) -> None:
    """Keep readings of campaigns; an older reading never replaces a newer one. One that is not dormant ends that."""
    rows = [row_of(one, _CAMPAIGN) for one in seen]
    if rows:
        connection.execute(_KEEP_CAMPAIGN, rows)
        dormancies.end(connection, seen)


def keep_listings(
    connection: Connection, looked_at: Mapping[CampaignId, datetime], empty: Collection[CampaignId] = ()
) -> None:
    """Keep when each campaign's numbers were listed, and since when those in `empty` have had none."""
    rows = [
        {"campaign": campaign, "looked_at": at, "empty_since": at if campaign in empty else None}
        for campaign, at in looked_at.items()
    ]
    if rows:
        connection.execute(_KEEP_LISTING, rows)


def keep_sightings(connection: Connection, seen: Iterable[Sighting]) -> None:
    """Keep sightings; an older one never replaces a newer one."""
    rows = [_row(one) for one in seen]
    if rows:
        connection.execute(_KEEP_SIGHTING, rows)


def keep_checks(connection: Connection, done: Iterable[PoolCheck]) -> None:
    """Keep the last check of each pool; a class of drift that it did not judge keeps its last count.

    A check that does not say when its drift changed: when it differs, now.
    """
    before = {check.pool: check for check in checks(connection)}
    for check in done:
        changed_at, last = check.changed_at, before.get(check.pool)
        drift = {**(last.drift if last is not None else {}), **check.drift}
        if changed_at is None and last is not None and last.drift == drift:
            changed_at = last.changed_at
        row = {
            "pool": check.pool,
            "checked_at": check.checked_at,
            "drift": drift,
            "changed_at": changed_at or check.checked_at,
        }
        connection.execute(_KEEP_CHECK, row)


def _row(one: Sighting) -> dict[str, object]:
    found = one.assignment
    return {
        "number": one.number,
        "seen_at": one.seen_at,
        "source": one.source,
        "since": one.since,
        "was_ready": one.was_ready,
        "doubted": one.doubted,
        "settling": found is not None and found.is_settling,
        "campaign": None if found is None else found.campaign,
        "state": None if found is None else found.state,
        "carriers": {} if found is None else dict(found.carriers),
        "failure": "" if found is None else found.failure,
        "aliases": () if found is None else found.aliases,
        "put_on": one.put_on,
    }


# Reading.


def checks(connection: Connection) -> tuple[PoolCheck, ...]:
    """The last check of each pool, by name."""
    rows = connection.execute(select(*_CHECK).order_by(pool_checks.c.pool))
    return tuple(PoolCheck(*row) for row in rows)


def recall(connection: Connection, numbers: Collection[PhoneNumber] | None) -> Memory:
    """What is remembered of these numbers (None: of all), and of all campaigns and messaging profiles.

    Campaigns are as their readings and what events told make them. Of one that is dormant, every open operation is
    told: only one may be under way.
    """
    asleep = dormancies.known(connection)
    opened = _opened(connection, numbers)
    for some in () if numbers is None else portions(asleep):
        opened |= _operations(connection, _BEGUN.where(operations.c.campaign.in_(some)))
    listed = connection.execute(select(listings)).all()
    return Memory(
        campaigns={row.id: Campaign(*row).given(asleep.get(row.id)) for row in connection.execute(select(*_CAMPAIGN))},
        sightings=_seen(connection, numbers),
        reversals=reversals.known(connection, numbers),
        operations=opened,
        looked_at={row.campaign: row.looked_at for row in listed},
        empty_since={row.campaign: row.empty_since for row in listed if row.empty_since is not None},
        halt=meta.halt(connection),
        dormancies=asleep,
        freezes=freezes.kept(connection),
        lines=lines.told_of(connection, numbers),
        profiles=lines.all_profiles(connection),
        rostered_at=lines.rostered_at(connection),
        resynced_at=meta.moment(connection, meta.RESYNCED),
        clock_set_at=meta.moment(connection, meta.CLOCK_SET),
    )


def recall_open(connection: Connection) -> Memory:
    """What is remembered of the numbers that have an open operation, and of all campaigns and messaging profiles."""
    return recall(connection, connection.execute(select(operations.c.number).where(OPEN)).scalars().all())


def recall_of(connection: Connection, numbers: Collection[PhoneNumber], memory: Memory) -> Memory:
    """What is remembered of these numbers, and of all else what `memory` says already."""
    return replace(
        memory,
        sightings=_seen(connection, numbers),
        reversals=reversals.known(connection, numbers),
        operations=_opened(connection, numbers),
        lines=lines.told_of(connection, numbers),
    )


def _seen(connection: Connection, numbers: Collection[PhoneNumber] | None) -> dict[PhoneNumber, Sighting]:
    every = select(*_SIGHTING)
    asked = [every] if numbers is None else [every.where(sightings.c.number.in_(some)) for some in portions(numbers)]
    return {row.number: _sighting(row) for one in asked for row in connection.execute(one)}


def _opened(connection: Connection, numbers: Collection[PhoneNumber] | None) -> dict[PhoneNumber, Operation]:
    if numbers is None:
        return _operations(connection, _BEGUN)
    found: dict[PhoneNumber, Operation] = {}
    for portion in portions(numbers):
        found |= _operations(connection, _BEGUN.where(operations.c.number.in_(portion)))
    return found


def _operations(connection: Connection, which: Select[Any]) -> dict[PhoneNumber, Operation]:
    return {row.number: Operation(*row) for row in connection.execute(which)}


def _sighting(row: Sequence[Any]) -> Sighting:
    number, seen_at, source, since, was_ready, doubted, campaign, state, carriers, failure, aliases, put_on = row
    found = None
    if campaign is not None:
        groups = {group: CarrierState(said) for group, said in carriers.items()}
        found = Assignment(number, campaign, state, groups, failure, aliases)
    return Sighting(number, seen_at, source, found, since, was_ready, doubted, put_on)


def awaited(connection: Connection, wanted: Collection[CampaignId], now: datetime) -> tuple[Awaited, ...]:
    """The campaigns among these with numbers that have not settled. Each answers to every id that we know of it."""
    settling = connection.execute(
        select(
            sightings.c.campaign,
            sightings.c.aliases,
            func.count().label("unsettled"),
            func.sum(case((sightings.c.source == "answer", 1), else_=0)).label("unseen"),
            func.max(sightings.c.since).label("changed_at"),
        )
        .where(SETTLING)
        .group_by(sightings.c.campaign, sightings.c.aliases)
    ).all()
    if not settling:
        return ()
    known = {row.id: Campaign(*row) for row in connection.execute(select(*_CAMPAIGN))}
    found = []
    for campaign in dict.fromkeys(wanted):
        ids = _ids(campaign, known.values())
        ours = [row for row in settling if not ids.isdisjoint({row.campaign, *row.aliases})]
        if ours:
            found.append(_awaited(campaign, ours, _queued(connection, ids, now)))
    return tuple(found)


def _ids(campaign: CampaignId, known: Iterable[Campaign]) -> set[str]:
    ids: set[str] = {campaign}
    for one in known:
        if one.answers_to(campaign):
            ids.update(text for text in (one.id, one.telnyx_id, one.tcr_id) if text is not None)
    return ids


def _queued(connection: Connection, ids: set[str], now: datetime) -> int:
    due = WAITING & operations.c.campaign.in_(ids) & (operations.c.not_before <= now)
    return connection.execute(select(func.count()).where(due)).scalar_one()


def _awaited(campaign: CampaignId, ours: Sequence[Row[Any]], queued: int) -> Awaited:
    return Awaited(
        campaign=campaign,
        unsettled=sum(row.unsettled for row in ours),
        unseen=sum(row.unseen for row in ours),
        queued=queued,
        changed_at=max(row.changed_at for row in ours),
    )
