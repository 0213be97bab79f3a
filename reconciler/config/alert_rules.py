"""Rules between the keys of `alerts`: one kind for each receiver, names that are there, no silence by accident."""

from __future__ import annotations

from reconciler.config.complaints import Complaints
from reconciler.config.mistake import guess
from reconciler.config.tree import Location, Node, Scalar, Table, items_of
from reconciler.model.errors import Place

_SECRETS = {"webhook": "url", "slack": "webhook_url"}
"""The kinds of receivers that need an address, and its key."""
_KINDS = ("log", *_SECRETS)
_COMMON = ("name", "min_severity")


def check_alerts(alerts: Table, complaints: Complaints) -> None:
    """Tell of every broken rule."""
    names: dict[str, Place] = {}
    for index, receiver in enumerate(items_of(alerts.get("receivers"))):
        location: Location = ("alerts", "receivers", index)
        if isinstance(receiver, Table):
            _check_kind(receiver, location, complaints)
            _check_name(receiver.get("name"), (*location, "name"), names, complaints)
    for index, route in enumerate(items_of(alerts.get("routes"))):
        if isinstance(route, Table):
            _check_route(route.get("receivers"), ("alerts", "routes", index, "receivers"), names, complaints)
    _check_inhibit(alerts, complaints)


def one_source(table: Table | None, location: Location, name: str, complaints: Complaints, *, needed: bool) -> None:
    """A secret is written here, or in a file of its own."""
    file = f"{name}_file"
    given = [key for key in (name, file) if table is not None and table.get(key) is not None]
    if given == [name, file]:
        complaints.tell((*location, file), f"not together with {name}", "keep one of the two")
    if needed and not given:
        complaints.missing((*location, name), file)


def _check_kind(receiver: Table, location: Location, complaints: Complaints) -> None:
    kinds = [kind for kind in _KINDS if kind in receiver.entries]
    if not receiver.entries.keys() - set(_COMMON):
        complaints.tell(location, "needs `log: {}`, `webhook: {url: …}` or `slack: {webhook_url: …}`")
    for kind in kinds[1:]:
        complaints.tell((*location, kind), f"not together with {kinds[0]}", "make two receivers of it")
    if len(kinds) == 1 and (kind := kinds[0]) in _SECRETS:
        node = receiver.get(kind)
        if isinstance(node, Table):
            one_source(node, (*location, kind), _SECRETS[kind], complaints, needed=True)
            one_source(node, (*location, kind), "signing_key", complaints, needed=False)
        elif node is None:
            complaints.missing((*location, kind))


def _check_name(name: Node | None, location: Location, names: dict[str, Place], complaints: Complaints) -> None:
    text = name.text if isinstance(name, Scalar) else None
    if text is not None and (first := names.setdefault(text, complaints.place(location))) != complaints.place(location):
        complaints.tell(location, f"another receiver has this name, at {first}")


def _check_route(named: Node | None, location: Location, names: dict[str, Place], complaints: Complaints) -> None:
    for index, item in enumerate(items_of(named)):
        text = item.text if isinstance(item, Scalar) else None
        if text is not None and text not in names:
            hint = f"receivers here: {', '.join(names)}" if names else "alerts.receivers has none"
            complaints.tell((*location, index), f"no receiver has this name{guess(text, names)}", hint)


def _check_inhibit(alerts: Table, complaints: Complaints) -> None:
    """Two rules that silence each other would leave nobody told of either alert."""
    seen: dict[tuple[object, object], int] = {}
    for index, rule in enumerate(items_of(alerts.get("inhibit"))):
        source, target = (_texts(rule.get(key)) if isinstance(rule, Table) else None for key in ("source", "target"))
        if source is None or target is None:
            continue
        if source == target:
            complaints.tell(("alerts", "inhibit", index, "target"), "is the same as source")
        elif (target, source) in seen:
            other = complaints.place(("alerts", "inhibit", seen[target, source]))
            words = f"silences what silences it, by the rule at {other}: nobody hears of either"
            complaints.tell(("alerts", "inhibit", index), words, "keep one of the two")
        seen[source, target] = index


def _texts(node: Node | None) -> frozenset[tuple[str, str | None]] | None:
    if not isinstance(node, Table):
        return None
    inner = ((key, entry.node) for key, entry in node.entries.items())
    return frozenset((key, one.text) for key, one in inner if isinstance(one, Scalar))
