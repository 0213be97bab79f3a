"""lines: what is known of the account's numbers, of messaging profiles, and of when their numbers were listed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from reconciler.model.ids import PhoneNumber, ProfileId
from reconciler.model.lines import Line, Profile
from reconciler.store.portions import portions
from reconciler.store.tables import columns, lines, profiles, rosters, row_of
from reconciler.store.upsert import overwrite

_LINE = columns(lines, Line)
_PROFILE = columns(profiles, Profile)
_KEEP_LINE = overwrite(lines, newest="taken_at")
_KEEP_PROFILE = overwrite(profiles, newest="read_at")
_KEEP_ROSTER = overwrite(rosters, newest="looked_at")


# Writing.


def keep_lines(connection: Connection, told: Iterable[Line]) -> None:
    """Keep what was told of numbers; an older reading never replaces a newer one."""
    rows = [row_of(one, _LINE) for one in told]
    if rows:
        connection.execute(_KEEP_LINE, rows)


def keep_profiles(connection: Connection, seen: Iterable[Profile]) -> None:
    """Keep readings of profiles; an older reading never replaces a newer one."""
    rows = [row_of(one, _PROFILE) for one in seen]
    if rows:
        connection.execute(_KEEP_PROFILE, rows)


def keep_rosters(connection: Connection, looked_at: Mapping[ProfileId, datetime]) -> None:
    """Keep when each profile's numbers were listed, whether or not the profile itself could be read."""
    rows = [{"profile": profile, "looked_at": at} for profile, at in looked_at.items()]
    if rows:
        connection.execute(_KEEP_ROSTER, rows)


# Reading.


def told_of(connection: Connection, numbers: Collection[PhoneNumber] | None) -> dict[PhoneNumber, Line]:
    """What was last told of these numbers (None: of all)."""
    every = select(*_LINE)
    if numbers is None:
        return {row.number: Line(*row) for row in connection.execute(every)}
    return {
        row.number: Line(*row)
        for portion in portions(numbers)
        for row in connection.execute(every.where(lines.c.number.in_(portion)))
    }


def told_at(connection: Connection, numbers: Collection[PhoneNumber]) -> dict[PhoneNumber, datetime]:
    """When these numbers were last told of."""
    when = select(lines.c.number, lines.c.taken_at)
    return {
        number: at
        for portion in portions(numbers)
        for number, at in connection.execute(when.where(lines.c.number.in_(portion)))
    }


def all_profiles(connection: Connection) -> dict[ProfileId, Profile]:
    """The last reading of each profile."""
    return {row.id: Profile(*row) for row in connection.execute(select(*_PROFILE))}


def rostered_at(connection: Connection) -> dict[ProfileId, datetime]:
    """When each profile's numbers were last listed completely."""
    return {row.profile: row.looked_at for row in connection.execute(select(rosters))}
