"""Rules between keys, which no single field can hold: one of two, not both, no name twice.

They look at the tree, so that they are told of whatever else is wrong.
"""

from __future__ import annotations

from reconciler.config.complaints import Complaints
from reconciler.config.credentials import Credentials
from reconciler.config.tree import Listing, Location, Node, Scalar, Table
from reconciler.model.errors import Place


def check_rules(root: Table, credentials: Credentials, complaints: Complaints) -> None:
    """Tell of every broken rule."""
    telnyx = root.get("telnyx")
    if telnyx is None or isinstance(telnyx, Table):
        keyless = credentials.api_key is None and not credentials.mistakes
        _one_source(telnyx, ("telnyx",), "api_key", complaints, needed=keyless)
        _one_source(telnyx, ("telnyx",), "public_key", complaints, needed=False)
    alerts = root.get("alerts")
    receivers = alerts.get("receivers") if isinstance(alerts, Table) else None
    if isinstance(receivers, Listing):
        _check_receivers(receivers, complaints)


def _one_source(table: Table | None, location: Location, name: str, complaints: Complaints, *, needed: bool) -> None:
    """A secret is written here, or in a file of its own."""
    file = f"{name}_file"
    given = [key for key in (name, file) if table is not None and table.get(key) is not None]
    if given == [name, file]:
        complaints.tell((*location, file), f"not together with {name}", "keep one of the two")
    if needed and not given:
        complaints.missing((*location, name), file)


def _check_receivers(receivers: Listing, complaints: Complaints) -> None:
    names: dict[str, Place] = {}
    for index, receiver in enumerate(receivers.items):
        location: Location = ("alerts", "receivers", index)
        if isinstance(receiver, Table):
            _check_kind(receiver, location, complaints)
            _check_name(receiver.get("name"), (*location, "name"), names, complaints)


def _check_kind(receiver: Table, location: Location, complaints: Complaints) -> None:
    webhook = receiver.get("webhook")
    if receiver.entries.keys() <= {"name"}:
        complaints.tell(location, "needs `log: {}` or `webhook: {url: …}`")
    if {"log", "webhook"} <= receiver.entries.keys():
        complaints.tell((*location, "webhook"), "not together with log", "make two receivers of it")
    elif isinstance(webhook, Table):
        _one_source(webhook, (*location, "webhook"), "url", complaints, needed=True)
    elif "webhook" in receiver.entries and webhook is None:
        complaints.missing((*location, "webhook"))


def _check_name(name: Node | None, location: Location, names: dict[str, Place], complaints: Complaints) -> None:
    text = name.text if isinstance(name, Scalar) else None
    if text is not None and (first := names.setdefault(text, complaints.place(location))) != complaints.place(location):
        complaints.tell(location, f"another receiver has this name, at {first}")
