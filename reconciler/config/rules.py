"""Rules between keys, which no single field can hold: one of two, not both, no name twice.

They look at the tree, so that they are told of whatever else is wrong.
"""

from __future__ import annotations

from reconciler.config.alert_rules import check_alerts, one_source
from reconciler.config.complaints import Complaints
from reconciler.config.credentials import Credentials
from reconciler.config.tree import Location, Node, Scalar, Table, items_of

_KINDS = ("number", "file", "select")


def check_rules(root: Table, credentials: Credentials, complaints: Complaints) -> None:
    """Tell of every broken rule."""
    telnyx = root.get("telnyx")
    if telnyx is None or isinstance(telnyx, Table):
        keyless = credentials.api_key is None and not credentials.mistakes
        one_source(telnyx, ("telnyx",), "api_key", complaints, needed=keyless)
        one_source(telnyx, ("telnyx",), "public_key", complaints, needed=False)
    _check_windows(root, complaints)
    if isinstance(alerts := root.get("alerts"), Table):
        check_alerts(alerts, complaints)


def check_entry(entry: Table, location: Location, complaints: Complaints) -> None:
    """Tell of every broken rule of one entry of a pool's `numbers`: it is a number, a file or a selection."""
    kinds = [kind for kind in _KINDS if entry.get(kind) is not None]
    for kind in kinds[1:]:
        complaints.tell((*location, kind), f"not together with {kinds[0]}", "make two entries of it")
    if not kinds:
        _needs(entry, _KINDS, location, complaints)
    elif kinds[0] != "number":
        for key in ("note", "until"):
            if entry.get(key) is not None:
                complaints.tell((*location, key), "goes with a number only", "take it out")
    if isinstance(select := entry.get("select"), Table):
        _check_select(select, (*location, "select"), complaints)


def _check_select(select: Table, location: Location, complaints: Complaints) -> None:
    given = [key for key in ("tags", "not_tags", "messaging_profile") if select.get(key) is not None]
    if "messaging_profile" in given:
        for key in given[:-1]:
            complaints.tell((*location, key), "not together with messaging_profile", "make two entries of it")
    elif "tags" not in given:
        _needs(select, ("tags", "messaging_profile"), location, complaints)
    if set(_texts(select.get("tags"))) & set(_texts(select.get("not_tags"))):
        complaints.tell((*location, "not_tags"), "names a tag that tags names too: no number has and lacks it")


def _texts(node: Node | None) -> list[str]:
    return [item.text for item in items_of(node) if isinstance(item, Scalar) and item.text]


def _needs(table: Table, keys: tuple[str, ...], location: Location, complaints: Complaints) -> None:
    """Tell that a table needs one of some keys, unless it has one that is empty or unknown: that tells enough."""
    if empty := [key for key in keys if key in table.entries]:
        complaints.missing((*location, empty[0]))
    elif not table.entries.keys() - {*keys, "note", "until", "not_tags"}:
        complaints.tell(location, f"needs {', '.join(keys[:-1])} or {keys[-1]}")


def _check_windows(root: Table, complaints: Complaints) -> None:
    """Tell of windows that begin and end at one time: they might be meant for none of the day, or for all of it."""
    schedule = root.get("schedule")
    windows = schedule.get("windows") if isinstance(schedule, Table) else None
    for index, window in enumerate(items_of(windows)):
        start, end = (window.get(key) if isinstance(window, Table) else None for key in ("from", "to"))
        if isinstance(start, Scalar) and isinstance(end, Scalar) and start.text is not None and start.text == end.text:
            hint = 'for the whole day, write from "00:00" to "24:00"'
            complaints.tell(("schedule", "windows", index, "to"), "is the same as from", hint)
