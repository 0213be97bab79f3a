"""The entries of a pool's lists: numbers, files of numbers, and selections that the account answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import ValidationError

from reconciler.config import scalars
from reconciler.config.mistake import Mistake
from reconciler.config.numbers import number
from reconciler.config.part import Part
from reconciler.config.pool_schema import EntrySection, SelectSection
from reconciler.config.rules import check_entry
from reconciler.config.runs import Doubt
from reconciler.config.times import until
from reconciler.config.tree import Location, Node, Scalar, Table, items_of, plain
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import ByProfile, ByTags, Selection
from reconciler.model.pools import ListedDraft


class Entries:
    """The lists of one pool. What is wrong with them goes to the complaints; what is right is kept here."""

    def __init__(self, pool: Location, part: Part) -> None:
        self.listed: list[ListedDraft] = []
        self.selections: list[Selection] = []
        self._pool = pool
        self._part = part
        self._moments: dict[str, datetime] = {}

    def read(self, node: Node | None) -> None:
        """Take what the pool's `numbers` say."""
        try:
            for location, item in self._items("numbers", node):
                if isinstance(item, Table):
                    self._table(item, location)
                elif found := self._number(item, location):
                    self._add(found, item)
                self._take_run(item.line)
        except Mistake as mistake:  # there are too many in all
            self._part.complaints.tell((*self._pool, "numbers"), mistake.words, mistake.hint)

    def numbers(self, key: str, node: Node | None) -> frozenset[PhoneNumber]:
        """What a list of nothing but numbers says."""
        found = set()
        for location, item in self._items(key, node):
            found.add(self._number(item, location))
            for _, _, text, note, until_text in self._part.runs.after(item.line):
                if note or until_text:
                    raise Doubt
                try:
                    found.add(number(text))
                except Mistake:
                    raise Doubt from None
        return frozenset(filter(None, found))

    def _items(self, key: str, node: Node | None) -> Iterator[tuple[Location, Node]]:
        for index, item in enumerate(items_of(node)):
            if self._part.complaints.is_full:
                return
            yield (*self._pool, key, index), item

    def _number(self, item: Node, location: Location) -> PhoneNumber | None:
        tell = self._part.complaints.tell
        match item:
            case Scalar(text=str(text)):
                try:
                    return number(text)
                except Mistake as mistake:
                    tell(location, mistake.words, mistake.hint)
            case Scalar():
                tell(location, "is empty")
            case _:
                tell(location, "must be a phone number", 'write "+12025550123"')
        return None

    def _add(self, found: PhoneNumber, item: Node, note: str = "", until: datetime | None = None) -> None:
        self._part.shelf.add(1)
        self.listed.append(ListedDraft(found, self._part.source.place(item.line, item.column), note, until))

    def _take_run(self, line: int) -> None:
        """Take what follows an entry as a run. Most of the time that a large config takes is spent here."""
        before, place = len(self.listed), self._part.source.place
        try:
            for at, column, text, note, until_text in self._part.runs.after(line):
                said = note and scalars.note(note)
                moment = self._moment(until_text) if until_text else None
                self.listed.append(ListedDraft(number(text), place(at, column), said, moment))
        except Mistake:
            raise Doubt from None
        self._part.shelf.add(len(self.listed) - before)

    def _moment(self, text: str) -> datetime:
        if text not in self._moments:
            self._moments[text] = until(text, self._part.surroundings.zone)
        return self._moments[text]

    def _table(self, item: Table, location: Location) -> None:
        """Take an entry that is a mapping: a number, a file or a selection."""
        complaints = self._part.complaints
        told = len(complaints.problems)
        entry = None
        try:
            entry = EntrySection.model_validate(plain(item), context=self._part.surroundings)
        except ValidationError as error:
            complaints.explain(error, EntrySection, location)
        check_entry(item, location, complaints)
        if entry is not None and told == len(complaints.problems):
            self._take(entry, item, location)

    def _take(self, entry: EntrySection, item: Table, location: Location) -> None:
        if entry.number is not None:
            self._add(entry.number, item.get("number") or item, entry.note, entry.until)
        elif entry.file is not None:
            self._take_file(entry.file, (*location, "file"))
        elif entry.select is not None:
            self.selections.append(_selection(entry.select))

    def _take_file(self, name: str, location: Location) -> None:
        complaints, shelf = self._part.complaints, self._part.shelf
        path = self._part.surroundings.folder / name
        here, pool = complaints.place(location), complaints.place(self._pool)
        owner, first = shelf.owners.setdefault(path, (pool, here))
        if owner != pool:
            words = f"the file {path} is in two pools, first at {first}"
            complaints.tell(location, words, "a number can be on one campaign only: take one out")
        elif first == here:  # a pool may name it again: that adds nothing
            try:
                found = shelf.file(path, self._part.surroundings)
                shelf.add(len(found.listed))
            except Mistake as mistake:
                complaints.tell(location, mistake.words, mistake.hint)
            else:
                complaints.problems.extend(found.problems)
                self.listed.extend(found.listed)


def _selection(select: SelectSection) -> Selection:
    if select.messaging_profile is not None:
        return ByProfile(select.messaging_profile)
    return ByTags(tuple(sorted(set(select.tags))), tuple(sorted(set(select.not_tags))))
