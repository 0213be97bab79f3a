"""What every section of the config has in common: unknown keys are refused, and an empty value is one left out."""

from __future__ import annotations

from typing import ClassVar, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from reconciler.config.tree import Location


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
            return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}
        return data


def section_at(root: type[Section], location: Location) -> type[Section] | None:
    """The section that belongs at a location of the file, if one does."""
    section: type[Section] | None = root
    for step in location:
        if isinstance(step, str):
            field = section.model_fields.get(step) if section else None
            section = _section_in(field.annotation) if field else None
    return section


def every_key(section: type[Section]) -> frozenset[str]:
    """The keys of a section and of all that it may hold."""
    inner = filter(None, (_section_in(field.annotation) for field in section.model_fields.values()))
    return frozenset(section.model_fields).union(*map(every_key, inner))


def _section_in(annotation: object) -> type[Section] | None:
    """The section among the parts of a type such as `list[PoolSection]`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(_section_in, get_args(annotation))), None)
