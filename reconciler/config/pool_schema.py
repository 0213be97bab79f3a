"""The config's sections on pools: what pydantic checks, and editors get as JSON Schema."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import ConfigDict, Field, ValidatorFunctionWrapHandler, WrapValidator

from reconciler.config import fields, scalars
from reconciler.config.fields import Boolean, Duration, Reads, Text, one_of
from reconciler.config.section import LONGEST_LIST, Section
from reconciler.model.pools import Policy

_POLICY = Policy()
_WORD = one_of("enforce", "observe", other="must be a word, or a mapping by class of drift")
_ModeWord: TypeAlias = Annotated[str, _WORD]


def _one_of(*keys: str, **goes_with: str) -> ConfigDict:
    """For editors: a mapping has just one of some keys, and others only go with one of them. `rules` tells of it."""
    return ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [key]} for key in keys],
            "dependentRequired": {key: [needed] for key, needed in goes_with.items()},
        }
    )


class ModeSection(Section):
    """A mode for each class of drift. What is not named is enforced."""

    missing: _ModeWord | None = Field(default=None, description="Wanted, and not on the campaign.")
    missing_prerequisite: _ModeWord | None = Field(default=None, description="The same, and on no messaging profile.")
    other_profile: _ModeWord | None = Field(default=None, description="The same, and on another messaging profile.")
    off_profile: _ModeWord | None = Field(default=None, description="On the campaign, and off the pool's profile.")
    conflict: _ModeWord | None = Field(default=None, description="Wanted, and on another campaign.")
    extra: _ModeWord | None = Field(default=None, description="On the campaign, and in no pool.")
    uncovered_sender: _ModeWord | None = Field(
        default=None, description="On the profile, in no pool and on no campaign."
    )
    mixed_campaigns: _ModeWord | None = Field(default=None, description="The profile sends from several campaigns.")
    ineligible: _ModeWord | None = Field(default=None, description="Wanted, and it can be on no 10DLC campaign.")
    claimed: _ModeWord | None = Field(default=None, description="Selected here, and another pool has it.")
    unproven: _ModeWord | None = Field(default=None, description="What must be known was not seen, or not clearly.")


def _word_or_mapping(value: object, either: ValidatorFunctionWrapHandler) -> object:
    """Judges the one that it is, so that its mistakes are told where they are: `either` would tell of both."""
    del either
    return ModeSection.model_validate(value) if isinstance(value, dict) else _WORD.read(value)


class PendingSection(Section):
    """How long a number may be pending at Telnyx. What is left out stands to `alert` as by default: 4h, 24h, 72h."""

    warn: Duration | None = Field(default=None, description="After this, an alert of severity info.")
    alert: Duration | None = Field(default=None, description="After this, of severity warning.")
    escalate: Duration | None = Field(default=None, description="After this, critical.")


_DURATION = Reads(scalars.duration, {}, "must be a duration, or a mapping with warn, alert and escalate")


def _duration_or_mapping(value: object, either: ValidatorFunctionWrapHandler) -> object:
    """As `_word_or_mapping`."""
    del either
    return PendingSection.model_validate(value) if isinstance(value, dict) else _DURATION.read(value)


class PolicySection(Section):
    """How far the service may go for a pool."""

    planned = frozenset({"flap_limit"})

    mode: Annotated[_ModeWord | ModeSection, WrapValidator(_word_or_mapping)] = Field(
        default=_POLICY.mode.value,
        description="observe: plan, report and alert, but never write. A word for all, or one for each class of drift.",
    )
    sync: Annotated[str, one_of("create-only", "upsert-only", planned=("full",))] = Field(
        default="upsert-only", description="Either only adds: nothing is removed."
    )
    on_conflict: Annotated[str, one_of("fail", "skip", planned=("move",))] = Field(
        default=_POLICY.on_conflict.value,
        description="A number that is on another campaign stays there. fail says so, skip is silent.",
    )
    on_missing_profile: Annotated[str, one_of("attach", "fail", "skip")] = Field(
        default=_POLICY.on_missing_profile.value,
        description="A number that is on no messaging profile is put on the pool's, or left: fail says so.",
    )
    allow_empty: Boolean = Field(default=_POLICY.allow_empty, description="Whether a pool may have no numbers.")
    pending_after: Annotated[Duration | PendingSection, WrapValidator(_duration_or_mapping)] | None = Field(
        default=None,
        description="How long a number may be pending at Telnyx before an alert: 24h, or {warn, alert, escalate}.",
    )


class DefaultsSection(Section):
    """What every pool starts from."""

    planned = frozenset({"safety"})

    policy: PolicySection = Field(default=PolicySection(), description="The policy of pools that do not say otherwise.")


class SelectSection(Section):
    """A choice of the account's numbers: by their tags, or by their messaging profile."""

    model_config = _one_of("tags", "messaging_profile", not_tags="tags")

    tags: list[Text] = Field(default=[], min_length=1, max_length=LONGEST_LIST, description="Tags that it bears, all.")
    not_tags: list[Text] = Field(default=[], max_length=LONGEST_LIST, description="Tags that it does not bear, any.")
    messaging_profile: fields.Profile | None = Field(default=None, description="The messaging profile that it is on.")


class EntrySection(Section):
    """Numbers of a pool: one, those of a file, or those that the account selects."""

    model_config = _one_of("number", "file", "select", note="number", until="number")

    number: fields.Number | None = Field(default=None, description="+1 and ten digits, such as +12025550123.")
    note: fields.Note = Field(default="", description="For people.")
    until: fields.Until | None = Field(
        default=None, description="It is wanted to the end of this day, or to this time: 2026-12-05T17:00:00-05:00."
    )
    file: fields.NumberFile | None = Field(
        default=None, description="A file beside this one: .txt, one number a line; or .csv with number,note,until."
    )
    select: SelectSection | None = Field(default=None, description="Numbers of the account by tags or by profile.")


class PoolSection(Section):
    """A named set of numbers that belong on one campaign."""

    planned = frozenset({"safety"})

    name: Text = Field(description="Unique: 1-63 of a-z, 0-9 and -.")
    description: fields.Description = Field(default="", description="For people.")
    campaign: Text = Field(description="The campaign's Telnyx UUID, or its TCR id such as C6X6M95.")
    messaging_profile: fields.Profile | None = Field(
        default=None, description="Where its numbers belong; without it, profiles are not checked for this pool."
    )
    numbers: list[fields.Number | EntrySection] = Field(description="Its numbers: what any of these entries names.")
    exclude: list[fields.Number] = Field(default=[], description="Numbers that are never wanted here.")
    protect: list[fields.Number] = Field(default=[], description="Numbers that are never moved or unassigned.")
    policy: PolicySection = Field(default=PolicySection(), description="Key by key over the defaults.")
