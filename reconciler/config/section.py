"""What every section of the config has in common: unknown keys are refused, and an empty value is one left out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import ClassVar, get_args

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.fields import FieldInfo

from reconciler.config.tree import Location

LONGEST_LIST = 100
"""Entries of any list but those of pools and numbers."""


class Section(BaseModel):
    """One mapping of the config file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    planned: ClassVar[frozenset[str]] = frozenset()
    """Keys of the design that are not built yet: refused by name, never ignored."""

    @model_validator(mode="before")
    @classmethod
    def leave_out_nothing(cls, data: object) -> object:
        """A key without a value is as good as no key."""
        if isinstance(data, dict):
            known = cls.known()
            return {key: value for key, value in data.items() if value is not None or key not in known}
        return data

    @classmethod
    def known(cls) -> dict[str, FieldInfo]:
        """Its fields by their keys in the file."""
        return _known(cls)


@cache
def _known(section: type[Section]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in section.model_fields.items()}


def section_at(root: type[Section], location: Location) -> type[Section] | None:
    """The section that belongs at a location of the file, if one does."""
    section: type[Section] | None = root
    for step in location:
        if isinstance(step, str):
            field = section.known().get(step) if section else None
            section = next(_sections_in(field.annotation), None) if field else None
    return section


def every_key(section: type[Section]) -> frozenset[str]:
    """The keys of a section and of all that it may hold."""
    known = section.known()
    inner = chain.from_iterable(_sections_in(field.annotation) for field in known.values())
    return frozenset(known).union(*map(every_key, inner))


def _sections_in(annotation: object) -> Iterator[type[Section]]:
    """The sections among the parts of a type such as `list[PoolSection]`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    else:
        yield from chain.from_iterable(map(_sections_in, get_args(annotation)))
