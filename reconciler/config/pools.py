"""The pools of the file as drafts: text with places, for `decide.declare` to believe or not."""

from __future__ import annotations

from pydantic import ValidationError

from reconciler.config.complaints import Complaints
from reconciler.config.schema import PolicySection, PoolSection
from reconciler.config.source import Source
from reconciler.config.tree import Listing, Location, Node, Scalar, Table, plain
from reconciler.model.pools import Mode, OnConflict, Placed, Policy, PoolDraft

POOLS_LIMIT = 10_000


def read_pools(root: Table, defaults: PolicySection, source: Source, complaints: Complaints) -> tuple[PoolDraft, ...]:
    """Every pool that is a mapping.

    Where a name, a campaign or numbers are told of as unusable, a stand-in takes their place, so that `declare` can
    still judge the rest of the pool. With a problem told, no draft is ever acted on.
    """
    pools = root.get("pools")
    if pools is None:
        complaints.missing(("pools",))
        return ()
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
            drafts.append(_PoolReader(node, index, source, complaints).draft(defaults))
        else:
            complaints.tell(("pools", index), "must be a mapping")
    return tuple(drafts)


class _PoolReader:
    """Reads one pool."""

    def __init__(self, node: Table, index: int, source: Source, complaints: Complaints) -> None:
        self._node = node
        self._index = index
        self._location: Location = ("pools", index)
        self._source = source
        self._complaints = complaints

    def draft(self, defaults: PolicySection) -> PoolDraft:
        """The pool, with its policy over the defaults."""
        section = self._section()
        numbers = self._numbers()
        policy = _policy(defaults, section.policy if section else PolicySection())
        listed = self._node.get("numbers")
        if not numbers and not (isinstance(listed, Listing) and not listed.items):
            policy = Policy(policy.mode, policy.on_conflict, allow_empty=True)  # that there are none has been told
        return PoolDraft(
            name=self._placed("name", f"unnamed-{self._index + 1}"),
            campaign=self._placed("campaign", "unknown"),
            numbers=numbers,
            policy=policy,
            description=section.description if section else "",
        )

    def _section(self) -> PoolSection | None:
        data = {key: plain(entry.node) for key, entry in self._node.entries.items() if key != "numbers"}
        if "numbers" in self._node.entries:
            numbers = self._node.entries["numbers"].node
            # The entries are checked below: pydantic would keep an error a number, and there may be a million.
            data["numbers"] = [] if isinstance(numbers, Listing) else plain(numbers)
        try:
            return PoolSection.model_validate(data)
        except ValidationError as error:
            self._complaints.explain(error.errors(include_url=False, include_input=False), self._location)
            return None

    def _numbers(self) -> tuple[Placed, ...]:
        listed = self._node.get("numbers")
        if not isinstance(listed, Listing):
            return ()
        place = self._source.place
        placed = []
        for index, item in enumerate(listed.items):
            if self._complaints.is_full:
                break
            if isinstance(item, Scalar) and item.text and not item.text.isspace():
                placed.append(Placed(item.text, place(item.line, item.column)))
            else:
                self._complaints.tell((*self._location, "numbers", index), _why_no_number(item))
        return tuple(placed)

    def _placed(self, key: str, stand_in: str) -> Placed:
        node = self._node.get(key)
        text = node.text if isinstance(node, Scalar) else None
        place = self._complaints.place((*self._location, key))
        return Placed(text if text and not text.isspace() else stand_in, place)


def _why_no_number(item: Node) -> str:
    match item:
        case Table():
            return "number entries as mappings: not supported yet"
        case Listing():
            return "must be a single value"
        case Scalar():
            return "is empty"


def _policy(defaults: PolicySection, own: PolicySection) -> Policy:
    """Key by key: what the pool says, else what the defaults say."""
    merged = defaults.model_copy(update=own.model_dump(exclude_unset=True))
    return Policy(Mode(merged.mode), OnConflict(merged.on_conflict), merged.allow_empty)
