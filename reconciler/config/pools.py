"""The pools of one file as drafts, for `decide.declare` to believe or not."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

from pydantic import ValidationError

from reconciler.config.complaints import Complaints
from reconciler.config.entries import Entries
from reconciler.config.part import Part
from reconciler.config.pool_schema import ModeSection, PendingSection, PolicySection, PoolSection
from reconciler.config.tree import Listing, Location, Node, Scalar, Table, holds_broken, plain
from reconciler.model.pools import (
    DriftClass,
    Mode,
    OnConflict,
    OnMissingProfile,
    PendingAfter,
    Placed,
    Policy,
    PoolDraft,
)

POOLS_LIMIT = 10_000

_LISTS = ("numbers", "exclude", "protect")

_Pending: TypeAlias = timedelta | PendingSection | None


def read_pools(pools: Node, defaults: PolicySection, part: Part) -> tuple[PoolDraft, ...]:
    """Every pool that is a mapping.

    Where a name, a campaign or numbers are told of as unusable, a stand-in takes their place, so that `declare` can
    still judge the rest of the pool. With a problem told, no draft is ever acted on.
    """
    complaints = part.complaints
    if not isinstance(pools, Listing):
        complaints.tell(("pools",), "must be a list")
        return ()
    if len(pools.items) > POOLS_LIMIT:
        complaints.tell(("pools",), f"has more than {POOLS_LIMIT} pools")
        return ()
    drafts = []
    for index, node in enumerate(pools.items):
        if complaints.is_full:
            break
        if isinstance(node, Table):
            drafts.append(_draft(node, ("pools", index), defaults, part))
        else:
            complaints.tell(("pools", index), "must be a mapping")
    return tuple(drafts)


def _draft(node: Table, location: Location, defaults: PolicySection, part: Part) -> PoolDraft:
    """The pool, with its policy over the defaults."""
    complaints = part.complaints
    section = _section(node, location, part)
    own = section.policy if section else PolicySection()
    check_pending(defaults, own, (*location, "policy"), complaints)
    told = len(complaints.problems)
    numbers = node.get("numbers")
    entries = Entries(location, part)
    entries.read(numbers)
    is_whole = isinstance(numbers, Listing) and told == len(complaints.problems) and not holds_broken(numbers)
    return PoolDraft(
        name=_placed(node, location, "name", part),
        campaign=_placed(node, location, "campaign", part),
        listed=tuple(entries.listed),
        policy=_policy(defaults, own, lenient=not is_whole),
        description=section.description if section else "",
        selections=tuple(dict.fromkeys(entries.selections)),
        exclude=entries.numbers("exclude", node.get("exclude")),
        protect=entries.numbers("protect", node.get("protect")),
        messaging_profile=section.messaging_profile if section else None,
    )


def _section(node: Table, location: Location, part: Part) -> PoolSection | None:
    data = {key: plain(entry.node) for key, entry in node.entries.items() if key not in _LISTS}
    for key in _LISTS:
        if key in node.entries:
            value = node.entries[key].node
            # The entries are read on their own: pydantic would keep an error of each, and there may be a million.
            data[key] = [] if isinstance(value, Listing) else plain(value)
    try:
        return PoolSection.model_validate(data, context=part.surroundings)
    except ValidationError as error:
        part.complaints.explain(error, PoolSection, location)
        return None


def _placed(pool: Table, location: Location, key: str, part: Part) -> Placed:
    """A pool's text with its place."""
    node, place = pool.get(key), part.complaints.place((*location, key))
    text = node.text if isinstance(node, Scalar) else None
    return Placed(text if text and not text.isspace() else part.shelf.stand_in(), place)


def _policy(defaults: PolicySection, own: PolicySection, *, lenient: bool) -> Policy:
    """Key by key: what the pool says, else what the defaults say. `lenient`: that it is empty need not be told."""
    merged = defaults
    if own.model_fields_set:
        merged = defaults.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})
    mode, modes = _modes(defaults.mode, own.mode if "mode" in own.model_fields_set else None)
    return Policy(
        mode=mode,
        observed=frozenset(drift for drift, mode in modes.items() if mode is Mode.OBSERVE),
        enforced=frozenset(drift for drift, mode in modes.items() if mode is Mode.ENFORCE),
        on_conflict=OnConflict(merged.on_conflict),
        on_missing_profile=OnMissingProfile(merged.on_missing_profile),
        allow_empty=merged.allow_empty or lenient,
        pending_after=_pending(defaults.pending_after, own.pending_after) or PendingAfter(),
    )


def _modes(default: str | ModeSection, own: str | ModeSection | None) -> tuple[Mode, dict[DriftClass, Mode]]:
    """The mode, and those of single classes of drift. A pool's one word is for all of them."""
    if isinstance(own, str):
        return Mode(own), {}
    said = [mode for mode in (default, own) if isinstance(mode, ModeSection)]
    modes = {DriftClass(name): Mode(getattr(one, name)) for one in said for name in one.model_fields_set}
    return Mode(default) if isinstance(default, str) else Policy().mode, modes


def check_pending(defaults: PolicySection, own: PolicySection, location: Location, complaints: Complaints) -> None:
    """Tell of a policy whose `pending_after`, over the defaults, grows shorter as it grows louder."""
    if own.pending_after is None or _pending(defaults.pending_after, own.pending_after) is not None:
        return
    times = _times(defaults.pending_after, own.pending_after)
    said = ", ".join(f"{key} {time / timedelta(hours=1):g}h" for key, time in times.items())
    words = "warn must not be longer than alert, nor alert longer than escalate"
    complaints.tell(
        (*location, "pending_after"), words, f"{said}; what is left out stands to alert as 4h and 72h to 24h"
    )


def _pending(default: _Pending, own: _Pending) -> PendingAfter | None:
    """None: their order cannot be."""
    try:
        return PendingAfter.around(**_times(default, own))
    except ValueError:
        return None


def _times(default: _Pending, own: _Pending) -> dict[str, timedelta]:
    """What is said of the three. A pool's one value is for all of them."""
    said: dict[str, timedelta] = {}
    for one in (own,) if isinstance(own, timedelta) else (default, own):
        match one:
            case timedelta():
                said["alert"] = one
            case PendingSection():
                said |= {key: getattr(one, key) for key in ("warn", "alert", "escalate") if key in one.model_fields_set}
            case None:
                continue
    return said
